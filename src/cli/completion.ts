/**
 * `vaportrail completion SHELL` prints the script; `vaportrail complete -- WORDS` answers it while the user types, with
 * scenario files, node names and selectors read from the scenario on the line. Nothing here ever fails a keystroke.
 */
import { RootCommand, script } from '@bomb.sh/tab';
import type { Argument, Command, Option } from 'commander';
import { fileNameOf, folderOf, joinPath } from '../base/files.ts';
import { nearestWord } from '../base/nearest.ts';
import { DISK } from './disk.ts';
import type { ScenarioNames } from './names.ts';
import { badArgument, EXIT } from './outcome.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
const EXECUTABLE = 'vaportrail';

export function completion(shell: string): number {
  if (!SHELLS.some((known) => known === shell)) {
    const near = nearestWord(shell, SHELLS);
    throw badArgument(
      'unknown-shell',
      `there is no completion for ${shell}${near === null ? `; shells are ${SHELLS.join(', ')}` : `; did you mean ${near}?`}`,
    );
  }
  script(shell, EXECUTABLE, EXECUTABLE);
  return EXIT.held;
}

/** Words that a value of the line may be, read when they are asked for. */
type Words = () => readonly { readonly value: string; readonly about: string }[];

/** Answers the script of a shell: `-- word word half-a-word`. */
export async function complete(words: readonly string[], program: Command): Promise<number> {
  const line = words[0] === '--' ? words.slice(1) : [...words];
  const verb = program.commands.find((command) => command.name() === line[0]);
  const scenario = verb === undefined ? null : scenarioOn(line.slice(1), verb);
  const names = scenario === null ? null : await namesIn(scenario, line);
  const root = new RootCommand();
  for (const command of program.commands) {
    const twin = root.command(command.name(), command.description());
    for (const argument of command.registeredArguments) {
      twin.argument(argument.name(), answering(wordsFor(command, argument, line, names)), argument.variadic);
    }
    for (const option of command.createHelp().visibleOptions(command)) {
      const long = option.long?.slice(2);
      if (long === undefined) continue;
      if (option.required) twin.option(long, option.description, answering(wordsForOption(option, line, names)));
      else twin.option(long, option.description);
    }
  }
  root.parse(line);
  return EXIT.held;
}

function answering(words: Words) {
  return (answer: (value: string, about: string) => void): void => {
    for (const { value, about } of words()) answer(value, about);
  };
}

/** The first word after the verb that is neither an option nor the value of one. */
function scenarioOn(words: readonly string[], verb: Command): string | null {
  if (verb.registeredArguments[0]?.name() !== 'scenario') return null;
  for (let i = 0; i < words.length - 1; i++) {
    const word = words[i]!;
    if (!word.startsWith('-')) return word;
    const option = verb.options.find((candidate) => candidate.long === word);
    if (option?.required === true) i++;
  }
  return null;
}

/** Names of the scenario on the line; workloads of its imports only where a selector is being typed. */
async function namesIn(path: string, line: readonly string[]): Promise<ScenarioNames | null> {
  const { endpointNames, namesOfScenario } = await import('./names.ts');
  const names = namesOfScenario(DISK, path);
  if (names === null || !SELECTOR_OPTIONS.includes(line[line.length - 2] ?? '')) return names;
  const input = line[line.indexOf('--input') + 1];
  const endpoints = await endpointNames(DISK, path, line.includes('--input') && input !== undefined ? input : null);
  return { ...names, selectors: [...new Set([...endpoints, ...names.selectors])] };
}

const SELECTOR_OPTIONS = ['--from', '--to'];
const CONTROL_NODE_TABLES = ['instance', 'route', 'neighbor', 'rt'];
const GATEWAY_TABLES = ['route', 'neighbor'];
const AGENT_TABLES = ['route', 'nh', 'mpls', 'vif', 'session'];
const SELECTOR_KINDS = ['vm:', 'pod:', 'service:', 'fip:', 'host:', 'gateway:', 'tenant:', 'network:', 'external:'];

function wordsFor(command: Command, argument: Argument, line: readonly string[], names: ScenarioNames | null): Words {
  const typed = line[line.length - 1] ?? '';
  switch (argument.name()) {
    case 'scenario':
      return () => paths(typed, (name) => /\.ya?ml$/.test(name));
    case 'hex-or-file':
    case 'folder':
      return () => paths(typed, () => argument.name() !== 'folder');
    case 'shell':
      return () => SHELLS.map((value) => ({ value, about: '' }));
    case 'node':
      return () => [
        ...(names?.controlNodes ?? []).map((value) => ({ value, about: 'control node' })),
        ...(names?.agents ?? []).map((value) => ({ value, about: 'agent' })),
        ...(names?.gateways ?? []).map((value) => ({ value, about: 'gateway' })),
      ];
    case 'what': {
      const node = line.find(
        (word) => names?.agents.includes(word) || names?.controlNodes.includes(word) || names?.gateways.includes(word),
      );
      const tables =
        node === undefined
          ? []
          : names!.agents.includes(node)
            ? AGENT_TABLES
            : names!.gateways.includes(node)
              ? GATEWAY_TABLES
              : CONTROL_NODE_TABLES;
      return () => tables.map((value) => ({ value, about: command.name() }));
    }
    default:
      return () => [];
  }
}

function wordsForOption(option: Option, line: readonly string[], names: ScenarioNames | null): Words {
  const typed = line[line.length - 1] ?? '';
  switch (option.long) {
    case '--from':
    case '--to':
      return () => [...(names?.selectors ?? []), ...SELECTOR_KINDS].map((value) => ({ value, about: '' }));
    case '--port':
      return () => ['tcp/', 'udp/', 'icmp'].map((value) => ({ value, about: '' }));
    case '--cost':
      return () => [{ value: 'zero', about: 'nodes and links take no time' }];
    case '--input':
      return () => paths(typed, () => false);
    case '--record':
    case '--pcap':
      return () => paths(typed, () => true);
    default:
      return () => [];
  }
}

/** Folders, and the files that are wanted, that the half-typed path may become. */
function paths(typed: string, wanted: (name: string) => boolean): readonly { value: string; about: string }[] {
  const folder = typed.endsWith('/') ? typed : typed.includes('/') ? `${folderOf(typed)}/` : '';
  const start = typed.endsWith('/') ? '' : fileNameOf(typed);
  const found: { value: string; about: string }[] = [];
  for (const name of DISK.list(folder === '' ? '.' : folder)) {
    if (!name.startsWith(start) || (name.startsWith('.') && !start.startsWith('.'))) continue;
    if (DISK.kind(joinPath(folder, name)) === 'folder') found.push({ value: `${folder}${name}/`, about: 'folder' });
    else if (wanted(name)) found.push({ value: `${folder}${name}`, about: '' });
  }
  return found;
}
