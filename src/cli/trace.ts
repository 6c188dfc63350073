/** `vaportrail trace`: the way of one packet and of its reply, by the tables as they are. */

import { parseIpv4 } from '../net/ipv4.ts';
import { plainTrace } from '../report/trace-json.ts';
import { traceText } from '../report/trace-text.ts';
import { type PortWord, parsePortWord } from '../scenarios/ports.ts';
import { traceExchange } from '../verify/trace.ts';
import type { Directory, Endpoint } from '../world/directory.ts';
import { badArgument, EXIT } from './outcome.ts';
import { type PlayingOptions, play } from './playing.ts';
import { painterFor, printLine } from './terminal.ts';

export interface TraceOptions extends PlayingOptions {
  readonly from: string;
  readonly to: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** 0: request and reply arrive where they are meant to; 1: they do not. */
export function trace(path: string, options: TraceOptions): number {
  const port = portOf(options.port);
  const { world, directory } = play(path, options, { conclusions: false });
  const from = oneOf(directory, options.from, '--from');
  const to = parseIpv4(options.to) ?? oneOf(directory, options.to, '--to');
  if (from.starts.length === 0) {
    throw badArgument('no-sender', `${from.name} sends no packets of its own; name a vm, a pod or an external network`);
  }
  const traced = traceExchange(world, from, to, port);
  if (traced === null)
    throw badArgument('no-sender', `${from.name} cannot send: its host has no power or it has no address`);
  if (options.json === true) printLine(JSON.stringify(plainTrace(traced), null, 2));
  else printLine(traceText(traced, painterFor(process.stdout)));
  const { request, reply } = traced.exchange;
  const arrived = request.kind === 'delivered' && reply?.kind === 'delivered' && traced.elsewhere === null;
  return arrived ? EXIT.held : EXIT.failed;
}

function portOf(text: string | undefined): PortWord | null {
  if (text === undefined) return null;
  const port = parsePortWord(text);
  if (port === null)
    throw badArgument('bad-port', `${text} is no port; it is written protocol/number, such as tcp/5432, or icmp`);
  return port;
}

/** A trace follows one packet, so each end is one thing. */
function oneOf(directory: Directory, selector: string, option: string): Endpoint {
  const found = directory.select(selector);
  if (typeof found === 'string') throw badArgument('no-match', `${option} ${found}`);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  const names = found.slice(0, 5).map((one) => one.name);
  const more = found.length > names.length ? ` and ${found.length - names.length} more` : '';
  throw badArgument(
    'no-match',
    `${option} ${selector} means ${found.length} things, and one is wanted: ${names.join(', ')}${more}`,
  );
}
