/**
 * `vaportrail`: arguments in, a verb, an exit code. Each verb is loaded when it is asked for, so that `--help` is quick.
 */
import { Command, CommanderError } from 'commander';
import { BadInput, EXIT, faultsText } from './outcome.ts';
import { painterFor, printError } from './terminal.ts';

/** Put in by the build; absent when the source runs as it is. */
const VERSION = process.env.VAPORTRAIL_VERSION ?? 'from source';

export function program(): Command {
  const vaportrail = new Command('vaportrail')
    .description('Rehearses a Contrail / Tungsten Fabric / OpenSDN network before it is rolled out.')
    .version(VERSION)
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the options)')
    .enablePositionalOptions()
    .exitOverride();

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
  const paint = painterFor(process.stderr);
  try {
    if (words[0] === 'complete') {
      const { complete } = await import('./completion.ts');
      process.exitCode = await complete(words.slice(1), program());
      return;
    }
    await program().parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.held : EXIT.badInput;
    else if (error instanceof BadInput) {
      printError(faultsText(error.faults, paint));
      process.exitCode = EXIT.badInput;
    } else {
      const place = error instanceof Error ? (error.stack ?? error.message) : String(error);
      printError(`this is a fault of ours, not of your input: ${place}`);
      process.exitCode = EXIT.ourFault;
    }
  }
}
