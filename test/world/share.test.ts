/** What of a cluster's configuration a node hears of (CN-2.11): control nodes of all instances, a host of its own interfaces. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { DerivedCluster } from '../../src/config/derived.ts';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { formatRouteTarget } from '../../src/net/route-target.ts';
import { type AgentShare, agentShares, controlNodeShare } from '../../src/world/share.ts';
import { play } from './small-worlds.ts';

const CLOUD = {
  scenario: 'shares',
  clusters: {
    east: {
      controlNodes: 1,
      vrouters: ['h1', 'h2', 'h3'],
      networks: {
        web: { project: 'p', subnet: '10.1.0.0/24', policies: ['join'], routeTargets: ['target:65000:1'] },
        data: { project: 'p', subnet: '10.2.0.0/24', policies: ['join'] },
        idle: { project: 'p', subnet: '10.3.0.0/24' },
      },
      policies: { join: { project: 'p', rules: [{ from: 'web', to: 'data', port: 'tcp/80' }] } },
      securityGroups: {
        in: { project: 'p', rules: [{ port: 'tcp/80', remote: 'out' }] },
        out: { project: 'p', rules: [] },
        unused: { project: 'p', rules: [] },
      },
      workloads: {
        a: { project: 'p', network: 'web', host: 'h1', securityGroups: ['in'] },
        b: { project: 'p', network: 'data', host: 'h1' },
        c: { project: 'p', network: 'web', host: 'h2', securityGroups: ['out', 'in'] },
      },
    },
  },
  steps: [{ start: 'all' }],
};
const derived: DerivedCluster = play({ 's.yaml': stringify(CLOUD) }).world.clusters.get('east')!;
const shares = agentShares(derived);
const of = (host: string): AgentShare => shares.get(host)!;
const short = (names: readonly { readonly name: string }[]) =>
  names.map(({ name }) => name.slice(name.lastIndexOf(':') + 1));

describe('the share of a host', () => {
  it('is its interfaces, the networks and groups they refer to, and nothing else', () => {
    expect(short(of('h1').interfaces)).toEqual(['a-port', 'b-port']);
    expect(short(of('h1').networks)).toEqual(['data', 'web']);
    expect(short(of('h1').securityGroups)).toEqual(['in']);
    expect(short(of('h2').interfaces)).toEqual(['c-port']);
    expect(short(of('h2').networks)).toEqual(['web']);
    expect(short(of('h2').securityGroups)).toEqual(['in', 'out']);
    expect([...shares.keys()].sort()).toEqual(['h1', 'h2']);
  });

  it('says of a network what packets need: its VRF, subnets with gateway and DNS, the access list of its policies', () => {
    const web = of('h2').networks[0]!;
    expect(web.instance).toBe('default-domain:p:web:web');
    expect(web.subnets.map(({ gateway, dns }) => [formatIpv4(gateway), formatIpv4(dns)])).toEqual([
      ['10.1.0.1', '10.1.0.2'],
    ]);
    expect(web.accessList?.entries.length).toBeGreaterThan(0);
    expect(web.id).toBe(derived.networks.find((network) => network.name === web.name)!.id);
  });

  it('holds what hosts have in common as one object', () => {
    const web = (host: string) => of(host).networks.find((network) => network.name.endsWith(':web'));
    expect(web('h1')).toBe(web('h2'));
    expect(of('h1').securityGroups[0]).toBe(of('h2').securityGroups[0]);
  });

  it('names no groups on an interface whose port security is off', () => {
    const faces = derived.interfaces.map((face) => ({ ...face, portSecurity: false }));
    const open = agentShares({ ...derived, interfaces: faces });
    expect(open.get('h1')!.interfaces.map((face) => face.securityGroups)).toEqual([[], []]);
  });

  it('is worked out once for a configuration', () => {
    expect(agentShares(derived)).toBe(shares);
    expect(controlNodeShare(derived)).toBe(controlNodeShare(derived));
  });
});

describe('the share of a control node', () => {
  const share = controlNodeShare(derived);

  it('is every network with its id and every instance with its targets and connections, inhabited or not', () => {
    const names = derived.networks.map(({ name, id }) => ({ name, id }));
    expect(share.networks).toEqual(names);
    expect(share.instances.map(({ name }) => name)).toEqual(derived.instances.map(({ name }) => name));
    expect(short(share.instances)).toContain('idle');
    const web = share.instances.find(({ name }) => name.endsWith(':web'))!;
    expect(web.virtualNetwork).toBe('default-domain:p:web');
    expect(web.targets.map(({ target }) => formatRouteTarget(target))).toContain('target:65000:1');
    expect(web.connections).toEqual(['default-domain:p:data:data']);
  });

  it('knows nothing of workloads, groups and access lists', () => {
    const bare = { ...derived, workloads: [], interfaces: [], securityGroups: [], floatingIps: [] };
    expect(controlNodeShare(bare)).toEqual(share);
  });
});
