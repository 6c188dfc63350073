import { describe, expect, it } from 'vitest';
import { prefixOf } from '../../src/net/prefix.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { plainTrace } from '../../src/report/trace-json.ts';
import { traceText } from '../../src/report/trace-text.ts';
import type { Trace } from '../../src/verify/trace.ts';
import type { Hop, Packet } from '../../src/vrouter/fate.ts';
import { address } from '../support/values.ts';

const packet: Packet = {
  source: address('10.150.0.3'),
  destination: address('10.0.100.3'),
  protocol: 6,
  sourcePort: 49152,
  destinationPort: 5432,
  ttl: 64,
};
const VRF = 'default-domain:default:leonardo:leonardo';

const way: readonly Hop[] = [
  { kind: 'interface', host: 'node-1', direction: 'from workload', interface: 'tap-a', workload: 'pod:default/leonardo-1', vif: 3 },
  {
    kind: 'lookup', host: 'node-1', vrf: VRF, side: 'destination', address: address('10.0.100.3'),
    prefix: prefixOf(address('10.0.100.3'), 32), peer: '172.16.20.11', because: 'the only path',
    nextHop: 'tunnel MPLSoUDP to 172.16.10.101, label 25', network: 'default-domain:default:leonardo', securityGroups: [8000001],
  },
  { kind: 'tunnel', host: 'node-1', from: address('172.16.20.101'), to: address('172.16.10.101'), encapsulation: 'MPLSoUDP', because: 'first priority', label: 25, ttl: 63 },
  { kind: 'label', host: 'cmp-1', label: 25, nextHop: 'interface tap-b' },
  {
    kind: 'verdict', host: 'cmp-1', check: 'security group ingress', flow: 'forward', list: 'db', verdict: 'deny',
    rule: 'no entry matches', at: { file: 'db.yaml', line: 14, column: 5 },
  },
]; // biome-ignore format: one hop after the other

const dropped: Trace = {
  from: 'pod:kubernetes/default/leonardo-1',
  to: 'vm:openstack/leonardo/PostgreSQL-1',
  packet,
  exchange: {
    request: { kind: 'dropped', at: 'cmp-1', because: 'SG', detail: 'no group of tap-b lets it in', packet, hops: way },
    reply: null,
  },
  elsewhere: null,
};

describe('a traced packet', () => {
  it('is told hop by hop, the host where it changes, the drop reason with its meaning', () => {
    expect(traceText(dropped, PLAIN)).toBe(
      [
        'pod:kubernetes/default/leonardo-1 to vm:openstack/leonardo/PostgreSQL-1  tcp 10.150.0.3:49152 -> 10.0.100.3:5432',
        '',
        'request',
        '  node-1  interface               tap-a (vif0/3)',
        `          destination route       10.0.100.3 in ${VRF}`,
        '                                  10.0.100.3/32 -> tunnel MPLSoUDP to 172.16.10.101, label 25',
        '                                  from 172.16.20.11, the only path; network default-domain:default:leonardo, groups 8000001',
        '          tunnel                  MPLSoUDP 172.16.20.101 -> 172.16.10.101, label 25, TTL 63  first priority',
        '  cmp-1   label                   25 -> interface tap-b',
        '          security group ingress  deny  no entry matches  db db.yaml:14:5',
        '  dropped by cmp-1: SG, the security groups deny it  (no group of tap-b lets it in)',
      ].join('\n'),
    );
  });

  it('shows the reply with the ends turned round', () => {
    const delivered: Trace = {
      ...dropped,
      exchange: {
        request: {
          kind: 'delivered',
          to: { kind: 'interface', host: 'cmp-1', interface: 'tap-b', workload: 'vm:leonardo/PostgreSQL-1' },
          packet,
          hops: [],
        },
        reply: { kind: 'dropped', at: 'cmp-1', because: 'NoDstRt', detail: '', packet, hops: [] },
      },
    };
    const text = traceText(delivered, PLAIN);
    expect(text).toContain('delivered to vm:leonardo/PostgreSQL-1 on cmp-1');
    expect(text).toContain('reply  tcp 10.0.100.3:5432 -> 10.150.0.3:49152');
    expect(text).toContain('dropped by cmp-1: NoDstRt, no route to the destination');
  });

  it('is plain data for programs: addresses and prefixes as text, the reason with its meaning', () => {
    expect(JSON.parse(JSON.stringify(plainTrace(dropped)))).toMatchObject({
      packet: { source: '10.150.0.3', destination: '10.0.100.3', protocol: 6, destinationPort: 5432 },
      request: {
        outcome: 'dropped',
        at: 'cmp-1',
        because: 'SG',
        meaning: 'the security groups deny it',
        hops: [
          { kind: 'interface', host: 'node-1' },
          { kind: 'lookup', address: '10.0.100.3', prefix: '10.0.100.3/32' },
          { kind: 'tunnel', from: '172.16.20.101', to: '172.16.10.101', label: 25 },
          { kind: 'label', label: 25 },
          { kind: 'verdict', verdict: 'deny', at: 'db.yaml:14:5' },
        ],
      },
      reply: null,
    });
  });
});
