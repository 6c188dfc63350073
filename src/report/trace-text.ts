/** A traced packet as text: one line for each thing it met, in order, with the host in front where it changes. */
import { placeOf } from '../base/result.ts';
import { formatIpv4 } from '../net/ipv4.ts';
import { formatPrefix } from '../net/prefix.ts';
import { ELSEWHERE } from '../verify/reachability.ts';
import type { Trace } from '../verify/trace.ts';
import { DROP_MEANINGS, type Fate, type Hop, type Packet, PROTOCOL } from '../vrouter/fate.ts';
import { type Painter, PLAIN } from './paint.ts';

export function traceText(trace: Trace, paint: Painter): string {
  const { request, reply } = trace.exchange;
  const parts = [
    `${paint.strong(`${trace.from} to ${trace.to}`)}  ${packetText(trace.packet)}`,
    `${paint.strong('request')}\n${fateText(request, paint, trace.elsewhere === 'request' ? trace.to : null)}`,
    reply === null
      ? ''
      : `${paint.strong('reply')}  ${packetText(answerOf(request))}\n${fateText(reply, paint, trace.elsewhere === 'reply' ? trace.from : null)}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The reply has the ends of the packet that arrived, turned round. */
function answerOf(request: Fate): Packet {
  const { packet } = request;
  return {
    ...packet,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
  };
}

export function packetText(packet: Packet): string {
  const port = (number: number) => (number === 0 ? '' : `:${number}`);
  const source = `${formatIpv4(packet.source)}${port(packet.sourcePort)}`;
  return `${protocolText(packet.protocol)} ${source} -> ${formatIpv4(packet.destination)}${port(packet.destinationPort)}`;
}

function protocolText(protocol: number): string {
  return Object.entries(PROTOCOL).find(([, number]) => number === protocol)?.[0] ?? `protocol ${protocol}`;
}

/** `missed`: who was meant and did not get it. */
function fateText(fate: Fate, paint: Painter, missed: string | null): string {
  const told = fate.hops.flatMap((hop) => linesOf(hop, paint).map((line) => ({ ...line, host: hop.host })));
  const hostWidth = Math.max(0, ...told.map(({ host }) => host.length));
  const wordWidth = Math.max(0, ...told.map(({ word }) => word.length));
  const lines = told.map(({ host, word, text }, i) => {
    const shown = i > 0 && told[i - 1]!.host === host ? '' : host;
    return `  ${paint.strong(shown.padEnd(hostWidth))}  ${paint.faint(word.padEnd(wordWidth))}  ${text}`;
  });
  const outcome =
    missed === null
      ? outcomeText(fate, paint)
      : `${outcomeText(fate, PLAIN)}, ${paint.bad(`and not to ${missed}: ${ELSEWHERE}`)}`;
  return [...lines, `  ${outcome}`].join('\n');
}

function outcomeText(fate: Fate, paint: Painter): string {
  if (fate.kind === 'dropped') {
    const meaning = DROP_MEANINGS[fate.because];
    const detail = fate.detail === '' || fate.detail === meaning ? '' : paint.faint(`  (${fate.detail})`);
    return `${paint.bad(`dropped by ${fate.at}: ${fate.because}`)}${meaning === undefined ? '' : `, ${meaning}`}${detail}`;
  }
  const { to } = fate;
  if (to.kind === 'interface') return paint.good(`delivered to ${to.workload} on ${to.host}`);
  if (to.kind === 'agent') return paint.good(`answered by the agent of ${to.host} itself`);
  return paint.good(`delivered outside by ${to.gateway}, ${formatPrefix(to.prefix)}`);
}

interface Line {
  readonly word: string;
  readonly text: string;
}

/** What is true of the packet where it is, in the words of an operator. */
export function linesOf(hop: Hop, paint: Painter = PLAIN): readonly Line[] {
  switch (hop.kind) {
    case 'interface': {
      const text = `${hop.interface} (vif0/${hop.vif})`;
      return [
        { word: 'interface', text: hop.direction === 'from workload' ? text : `${text}, out to ${hop.workload}` },
      ];
    }
    case 'lookup': {
      const address = formatIpv4(hop.address);
      if (hop.prefix === null) {
        return [{ word: `${hop.side} route`, text: `${address} in ${hop.vrf}: ${paint.bad('no route')}` }];
      }
      const groups = hop.securityGroups.length === 0 ? '' : `, groups ${hop.securityGroups.join(' ')}`;
      return [
        { word: `${hop.side} route`, text: `${address} in ${hop.vrf}` },
        { word: '', text: `${formatPrefix(hop.prefix)} -> ${hop.nextHop}` },
        { word: '', text: paint.faint(`from ${hop.peer}, ${hop.because}; network ${hop.network}${groups}`) },
      ];
    }
    case 'verdict': {
      const verdict = hop.verdict === 'pass' ? paint.good('pass') : paint.bad('deny');
      const place = placeOf(hop.at);
      const where = [hop.list, place].filter((part) => part !== '').join(' ');
      return [
        {
          word: hop.check,
          text: `${verdict}${hop.flow === 'reverse' ? ' (reply)' : ''}  ${hop.rule}${paint.faint(`  ${where}`)}`,
        },
      ];
    }
    case 'flow':
      return [{ word: 'flow', text: `${hop.found} entry of a flow set up before: ${hop.action}` }];
    case 'nat': {
      const end = (address: number, port: number) => `${formatIpv4(address)}${port === 0 ? '' : `:${port}`}`;
      const text = `${end(hop.from, hop.fromPort)} -> ${end(hop.to, hop.toPort)}  ${paint.faint(hop.floatingIp)}`;
      return [{ word: hop.translation, text }];
    }
    case 'ecmp':
      return [{ word: 'ECMP', text: `member ${hop.member + 1} of ${hop.members} by ${hop.because}: ${hop.nextHop}` }];
    case 'tunnel': {
      const because = hop.because === '' ? '' : paint.faint(`  ${hop.because}`);
      return [
        {
          word: 'tunnel',
          text: `${hop.encapsulation} ${formatIpv4(hop.from)} -> ${formatIpv4(hop.to)}, label ${hop.label}, TTL ${hop.ttl}${because}`,
        },
      ];
    }
    case 'label': {
      const leads = hop.nextHop === null ? paint.bad('not in the table') : hop.nextHop;
      return [{ word: 'label', text: `${hop.label} -> ${leads}` }];
    }
    case 'gateway':
      return [{ word: 'gateway', text: hop.text }];
  }
}
