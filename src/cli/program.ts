/**
 * `vaportrail`: arguments in, a verb, an exit code. Each verb is loaded when it is asked for, so that `--help` is quick.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { BenchOptions } from './bench.ts';
import { DISK } from './disk.ts';
import { BadInput, EXIT, faultsDocument, faultsText } from './outcome.ts';
import { painterFor, printError, printLine } from './terminal.ts';
import type { TraceOptions } from './trace.ts';

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffffffff)
    throw new InvalidArgumentError('a seed is a whole number up to 4294967295.');
  return Number(text);
}

function howMany(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('it is a whole number from 1 to 999999.');
  return Number(text);
}

/** Options of every verb that plays a scenario. */
function playing(command: Command): Command {
  return command
    .option('--seed <number>', 'seed of every random stream (the scenario may state one)', wholeNumber)
    .option('--wire', 'each receiver decodes its own octets')
    .option('--input <folder>', 'where $INPUT/ in a scenario points to')
    .option('--cost <model>', 'zero: nodes and links take no time, all start at once');
}

/** Put in by the build; absent when the source runs as it is. */
const VERSION = process.env.VAPORTRAIL_VERSION ?? 'from source';

const EXAMPLES = `
Examples:
  vaportrail init rollout                                     a first scenario to change
  vaportrail run scenarios/leonardo --record leonardo.vapt    play it, keep what happened
  vaportrail trace scenarios/leonardo --from pod:leonardo-1 --to vm:PostgreSQL-1 --port tcp/5432
  vaportrail show scenarios/leonardo cmp-1 route              the VRF tables of an agent

Exit codes: 0 all held, 1 an expectation failed, 2 the input is wrong, 3 a fault of ours.`;

export function program(): Command {
  const vaportrail = new Command('vaportrail')
    .description('Rehearses a Contrail / Tungsten Fabric / OpenSDN network before it is rolled out.')
    .version(VERSION)
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the options)')
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)
    .exitOverride();

  playing(
    vaportrail
      .command('run')
      .description('play a scenario: convergence, who reaches whom, what held, findings, verdict'),
  )
    .argument('<scenario>', 'a scenario file, or the folder that holds it')
    .option('--json', 'one JSON document instead of text')
    .option('--record <file>', 'write the recording of the run, with route-level rows')
    .option('--pcap <file>', 'write what went over the wire as pcapng')
    .action(async (scenario: string, options: object) => {
      const { run } = await import('./run.ts');
      process.exitCode = await run(scenario, options);
    });

  playing(vaportrail.command('trace').description('every hop of one packet and of its reply'))
    .argument('<scenario>')
    .requiredOption('--from <selector>', 'where the packet starts, such as pod:default/leonardo-1')
    .requiredOption('--to <selector>', 'where it is sent, such as vm:leonardo/PostgreSQL-1, or an address')
    .option('--port <port>', 'protocol and port, such as tcp/5432')
    .option('--at <instant>', 'the instant of virtual time, such as 12.5s; otherwise after the last step')
    .option('--json', 'one JSON document instead of text')
    .action(async (scenario: string, options: TraceOptions) => {
      const { trace } = await import('./trace.ts');
      process.exitCode = trace(scenario, options);
    });

  playing(
    vaportrail
      .command('show')
      .description('the tables of a control node, an agent or a gateway, as an operator knows them'),
  )
    .argument('<scenario>')
    .argument('[node]', 'a node by name; without one, the nodes are listed')
    .argument(
      '[what]',
      'control node: instance, route, neighbor, rt; agent: route, nh, mpls, vif, session; gateway: route, neighbor',
    )
    .option('--table <name>', 'one table or instance only')
    .option('--at <instant>', 'the instant of virtual time; otherwise after the last step')
    .option('--json', 'one JSON document instead of text')
    .action(async (scenario: string, node: string | undefined, what: string | undefined, options: object) => {
      const { show } = await import('./show.ts');
      process.exitCode = show(scenario, node, what, options);
    });

  vaportrail
    .command('bench')
    .description('convergence at size: virtual and wall time, messages, octets, memory')
    .argument('[preset-or-scenario]', 'a preset such as federation-500 (the default), growth, or a scenario')
    .option('--size <numbers>', 'other numbers than those of the preset: 250, or vrouters=250,networks=100')
    .option('--phases <names>', 'phases after the cold start, with commas; all for every one that fits')
    .option('--runs <number>', 'measured runs, each in a fresh process', howMany, 3)
    .option('--wire', 'each receiver decodes its own octets')
    .option('--cost <model>', 'zero (nodes and links take no time) or default')
    .option('--path-preference <switch>', 'on or off')
    .option('--stagger <ms>', 'the vRouters start one after the other within so many milliseconds', howMany)
    .option('--seed <number>', 'seed of every random stream', wholeNumber)
    .option('--smoke', 'the small size of the preset')
    .option('--compare <file>', 'the JSON of an earlier run: says what moved beyond the noise')
    .option('--budget <percent>', 'with --compare: so much worse is too much', howMany, 25)
    .option('--propagation <switch>', 'on: a run of its own records how routes spread; off: it does not')
    .option('--plot <file>', 'writes an SVG of the forwarding entries that changed over virtual time')
    .option('--profile <folder>', 'writes a CPU profile of the first measured run')
    .option('--json', 'one JSON document instead of text')
    .addOption(new Option('--one-run <order>').hideHelp())
    .action(async (name: string | undefined, options: BenchOptions & { readonly oneRun?: string }) => {
      if (options.oneRun === undefined) {
        const { bench } = await import('./bench.ts');
        process.exitCode = bench(name, options);
        return;
      }
      const { benchRun } = await import('./bench-run.ts');
      process.exitCode = await benchRun(options.oneRun);
    });

  vaportrail
    .command('decode')
    .description('a BGP message or an XMPP stanza, explained')
    .argument('<hex-or-file>', 'hex digits, a file of octets, hex or XML, or - for standard input')
    .option('--json', 'one JSON document instead of text')
    .action(async (input: string, options: object) => {
      const { decode } = await import('./decode.ts');
      process.exitCode = decode(input, options);
    });

  vaportrail
    .command('schema')
    .description('the JSON Schema of the scenario language')
    .action(async () => {
      const { schema } = await import('./schema.ts');
      process.exitCode = schema();
    });

  vaportrail
    .command('init')
    .description('a first scenario to change, in a new folder')
    .argument('[folder]', 'where', 'rehearsal')
    .option('--protocol', 'at the altitude of control nodes and bare agents')
    .action(async (folder: string, options: object) => {
      const { init } = await import('./init.ts');
      process.exitCode = init(folder, options);
    });

  vaportrail
    .command('completion')
    .description('completion script for bash, zsh, fish or powershell')
    .argument('<shell>')
    .action(async (shell: string) => {
      const { completion } = await import('./completion.ts');
      process.exitCode = completion(shell);
    });

  return vaportrail;
}

export async function main(words: readonly string[]): Promise<void> {
  try {
    if (words[0] === 'complete') {
      const { complete } = await import('./completion.ts');
      process.exitCode = await complete(words.slice(1), program());
      return;
    }
    await program().parseAsync([...words], { from: 'user' });
  } catch (error) {
    process.exitCode = told(error, words.includes('--json'));
  }
}

/** Says what went wrong, and whose fault it is. */
function told(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.badInput;
  if (error instanceof BadInput) {
    printError(faultsText(error.faults, painterFor(process.stderr), process.stderr.isTTY === true ? textOf : null));
    if (json) printLine(JSON.stringify(faultsDocument(error.faults), null, 2));
    return EXIT.badInput;
  }
  const place = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(`this is a fault of ours, not of your input: ${place}`);
  return EXIT.ourFault;
}

/** Files larger than this are not quoted. */
const QUOTED_OCTETS_MAX = 1_048_576;

function textOf(file: string): string | null {
  const read = DISK.read(file, QUOTED_OCTETS_MAX);
  return 'text' in read ? read.text : null;
}
