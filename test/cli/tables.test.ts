import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Said, vaportrail } from './vaportrail.ts';

const cli = vaportrail();
const SEED = 'scenarios/leonardo';
const show = (...words: string[]): Said => cli.run(['show', SEED, ...words]);

describe('show', () => {
  it('lists the nodes', () => {
    const { code, out } = show();
    expect(out.split('\n')[0]).toMatch(/^Node +Kind +Cluster +Address +Power$/);
    expect(out).toMatch(/^ctl-k8s-1 +control node +kubernetes +172\.16\.20\.11 +up$/m);
    expect(out).toMatch(/^cmp-1 +agent +openstack +172\.16\.10\.101 +up$/m);
    expect(out).toMatch(/^mx-1 +gateway +- +172\.16\.0\.1 +up$/m);
    expect(code).toBe(0);
  });

  it('says what a node can be asked for', () => {
    expect(show('ctl-os-1').out).toMatch(
      /^ctl-os-1 can be asked for\n {2}instance .*\n {2}route .*\n {2}neighbor .*\n {2}rt /,
    );
    expect(show('cmp-1').out).toMatch(/\n {2}route .*\n {2}nh .*\n {2}mpls .*\n {2}vif .*\n {2}session /);
  });

  it('shows the instances of a control node with their targets and agents', () => {
    const { out } = show('ctl-os-1', 'instance', '--table', 'leonardodb');
    expect(out).toMatch(/^default-domain:leonardo:leonardodb:leonardodb {2}index \d+, RD 172\.16\.10\.11:\d+$/m);
    expect(out).toMatch(/^ {2}import +.*target:64512:10000/m);
    expect(out).toMatch(/^ {2}agents +cmp-\d/m);
  });

  it('shows every path of a route and what decided', () => {
    const { out } = show('ctl-k8s-1', 'route', '--table', 'bgp.l3vpn.0');
    expect(out).toMatch(/^bgp\.l3vpn\.0 {2}\d+ routes$/m);
    expect(out).toMatch(
      /^\* {2}172\.16\.10\.101:\d+:10\.0\.100\.3\/32 +ctl-os-1 +172\.16\.10\.101 +\d+ +200 +100 +64512 +64512:10000 64512:\d+ +\S/m,
    );
  });

  it('shows neighbours and channels', () => {
    const { out } = show('ctl-k8s-1', 'neighbor');
    expect(out).toMatch(
      /^ctl-os-1 +172\.16\.10\.11 +64512 +eBGP external-control-node +Established +inet-vpn route-target +\d+$/m,
    );
    expect(out).toMatch(/^ctl-k8s-2 +172\.16\.20\.12 +64513 +iBGP control-node +Established/m);
    expect(out).toMatch(/^node-1 +172\.16\.20\.101 +Established +\d+ +\d+ +sent$/m);
  });

  it('shows who imports and exports a route target', () => {
    const { out } = show('ctl-k8s-1', 'rt');
    const block = out.split('\n\n').find((text) => text.startsWith('target:64512:10000'))!;
    expect(block).toContain('exported by  default-domain:default:leonardo:leonardo.inet.0');
    expect(block).toMatch(/peers +.*ctl-os-1/);
  });

  it('shows the VRF tables of an agent in the columns of rt --dump (VR-8.2)', () => {
    const { out } = show('node-1', 'route', '--table', 'default-domain:default:leonardo:leonardo');
    expect(out).toContain('Flags: L=Label Valid, P=Proxy ARP, T=Trap ARP, F=Flood ARP');
    expect(out).toMatch(/^vRouter inet4 routing table 0\/\d+\/unicast {2}default-domain:default:leonardo:leonardo$/m);
    expect(out).toMatch(/^Destination +PPL +Flags +Label +Nexthop +Stitched MAC +Leads to +Peer$/m);
    expect(out).toMatch(
      /^10\.0\.100\.3\/32 +32 +LP +\d+ +\d+ +- +tunnel MPLSoUDP to 172\.16\.10\.101, label \d+ +172\.16\.20\.1[12]$/m,
    );
    expect(out).toMatch(/^10\.150\.0\.0\/16 +16 +F +- +0 +- +discard +Local$/m);
  });

  it('shows next hops, labels and interfaces that refer to each other (VR-8.3, VR-8.4, VR-8.6)', () => {
    const labels = show('cmp-1', 'mpls').out;
    const [, label, nextHop] = /^ +(\d+) \| +(\d+) \| interface default-domain:leonardo:PostgreSQL-1$/m.exec(labels)!;
    expect(show('cmp-1', 'nh').out).toMatch(
      new RegExp(`^Id:${nextHop} +Type:Encap .*\\n +Flags:Valid, Policy, Etree Root,\\n`, 'm'),
    );
    expect(show('cmp-1', 'vif').out).toMatch(
      new RegExp(
        `OS: default-domain:leonardo:PostgreSQL-1 NH: ${nextHop}\\n.* IPaddr:10\\.0\\.100\\.3\\n.* Label:${label}\\n`,
      ),
    );
    expect(show('cmp-1', 'session').out).toMatch(/^172\.16\.10\.11 +Established +1 +(Yes|No)$/m);
  });

  it('shows the VRFs of a gateway', () => {
    expect(show('mx-1', 'route').out).toMatch(/^public\.inet\.0 {2}label \d+$[\s\S]*^0\.0\.0\.0\/0 +external +- +-$/m);
    expect(show('mx-1', 'neighbor').out).toMatch(/^ctl-k8s-2 +172\.16\.20\.12 +Established$/m);
  });

  it('shows the sessions of a raw speaker', () => {
    const file = join(cli.folder, 'speaker.yaml');
    const peering = 'peerings: [{ between: [X, s] }]\nsteps: [{ start: all }, { settle: {} }]\n';
    writeFileSync(
      file,
      `scenario: A speaker\nnodes: { X: { asn: 64512 } }\nspeakers: { s: { asn: 65000 } }\n${peering}`,
    );
    expect(cli.run(['show', file, 's', 'neighbor']).out).toMatch(/^X +192\.168\.0\.1 +Established$/m);
  });

  it('shows the tables as they were at an instant', () => {
    const routes = (at: string) =>
      JSON.parse(show('cmp-1', 'route', '--json', '--at', at).out) as { name: string; routes: unknown[] }[];
    const leonardodb = (tables: { name: string; routes: unknown[] }[]) =>
      tables.find(({ name }) => name.includes('leonardodb'));
    expect(leonardodb(routes('1ms'))).toBeUndefined();
    expect(leonardodb(routes('60s'))!.routes.length).toBeGreaterThan(5);
  });

  it.each([
    ['ctl-os-1', 'instance'], ['ctl-os-1', 'route'], ['ctl-os-1', 'rt'], ['cmp-1', 'route'], ['cmp-1', 'nh'],
    ['cmp-1', 'mpls'], ['cmp-1', 'vif'], ['cmp-1', 'session'], ['mx-1', 'route'], ['mx-1', 'neighbor'],
  ])('gives of %s the table %s as JSON', (node, table) => {
    expect(JSON.parse(show(node, table, '--json').out)).toEqual(expect.arrayContaining([expect.anything()]));
  }); // biome-ignore format: pairs

  it('gives neighbors of both protocols, and the nodes, as JSON', () => {
    expect(Object.keys(JSON.parse(show('ctl-os-1', 'neighbor', '--json').out))).toEqual(['bgp', 'xmpp']);
    expect(JSON.parse(show('--json').out)[0]).toEqual({
      name: 'ctl-os-1', kind: 'control node', cluster: 'openstack', address: '172.16.10.11', up: true,
    }); // biome-ignore format: one row
  });

  it.each([
    [['ctl-os1'], 'there is no node ctl-os1, did you mean ctl-os-1?'],
    [['cmp-1', 'routes'], 'cmp-1 has no table routes, did you mean route?'],
    [['ctl-os-1', 'vif'], 'ctl-os-1 has no table vif; it has instance, route, neighbor, rt'],
    [['cmp-1', 'route', '--table', 'nowhere'], 'there is no VRF nowhere; there are '],
  ])('%j names the nearest word, exit 2', (words, sentence) => {
    const { code, out, err } = show(...words);
    expect(err).toContain(sentence);
    expect(out).toBe('');
    expect(code).toBe(2);
  });
});

describe('trace', () => {
  const trace = (scenario: string, from: string, to: string, ...more: string[]) =>
    cli.run(['trace', scenario, '--from', from, '--to', to, ...more]);
  let delivered: Said;
  beforeAll(() => {
    delivered = trace(SEED, 'pod:leonardo-1', 'vm:PostgreSQL-1', '--port', 'tcp/5432');
  });

  it('prints every hop of request and reply, in the order a packet meets them', () => {
    const words = delivered.out
      .split('\nreply')[0]!
      .split('\n')
      .map((line) => /^ {2}(?:\S+ +| +)([a-zA-Z ]+?) {2}/.exec(line)?.[1]);
    const order = [
      'interface',
      'source route',
      'destination route',
      'network policy',
      'tunnel',
      'label',
      'security group ingress',
      'interface',
    ];
    let at = -1;
    for (const word of order) {
      const next = words.indexOf(word, at + 1);
      expect([word, next > at]).toEqual([word, true]);
      at = next;
    }
    expect(delivered.out).toMatch(/10\.0\.100\.3\/32 -> tunnel MPLSoUDP to 172\.16\.10\.101, label \d+/);
    expect(delivered.out).toMatch(
      /security group ingress +pass {2}pass tcp 0\.0\.0\.0\/0 > any:5432 .*leonardodb\.hot\.yaml:\d+:\d+$/m,
    );
    expect(delivered.out).toContain('delivered to vm:openstack/leonardo/PostgreSQL-1 on cmp-1');
    expect(delivered.out).toMatch(/delivered to pod:kubernetes\/default\/leonardo-1 on node-\d\n$/);
    expect(delivered.code).toBe(0);
  });

  it('names the drop reason and its meaning, exit 1', () => {
    const { code, out } = trace(
      `${SEED}/v07-no-database-rule.yaml`,
      'pod:leonardo-1',
      'vm:PostgreSQL-1',
      '--port',
      'tcp/5432',
    );
    expect(out).toContain('dropped by cmp-1: SG, the security groups deny it');
    expect(out).not.toContain('reply  ');
    expect(code).toBe(1);
  });

  it('tells what arrives at somebody else, exit 1, as run does', () => {
    const { code, out } = trace(SEED, 'pod:nginx-1', 'pod:memcached-1', '--port', 'tcp/11211');
    expect(out).toContain(
      'delivered outside by mx-1, 0.0.0.0/0, and not to pod:kubernetes/default/memcached-1: Elsewhere\n',
    );
    expect(code).toBe(1);
  });

  it('follows a packet to an address, whoever answers there', () => {
    const { code, out } = trace(SEED, 'pod:leonardo-1', '10.0.100.3', '--port', 'tcp/5432');
    expect(out.split('\n')[0]).toMatch(/^pod:kubernetes\/default\/leonardo-1 to 10\.0\.100\.3 /);
    expect(out).toContain('delivered to vm:openstack/leonardo/PostgreSQL-1 on cmp-1');
    expect(code).toBe(0);
  });

  it('gives the same as JSON', () => {
    const { out } = trace(SEED, 'pod:leonardo-1', 'vm:PostgreSQL-1', '--port', 'tcp/5432', '--json');
    expect(JSON.parse(out)).toMatchObject({
      from: 'pod:kubernetes/default/leonardo-1',
      to: 'vm:openstack/leonardo/PostgreSQL-1',
      request: { outcome: 'delivered', to: { kind: 'interface', host: 'cmp-1' } },
      reply: { outcome: 'delivered' },
    });
  });

  it('asks an instant: before the routes are there the packet is lost', () => {
    const { code, out } = trace(SEED, 'pod:leonardo-1', 'vm:PostgreSQL-1', '--port', 'tcp/5432', '--at', '1s');
    expect(out).toMatch(/dropped by node-\d: NoDstRt, no route to the destination/);
    expect(code).toBe(1);
  });

  it.each([
    ['pod:leonardo-9', 'vm:PostgreSQL-1', '--from pod:leonardo-9 matches nothing'],
    ['pod:leonardo-*', 'vm:PostgreSQL-1', '--from pod:leonardo-* means 3 things, and one is wanted: '],
    ['service:leonardo', 'vm:PostgreSQL-1', 'service:kubernetes/default/leonardo sends no packets of its own'],
    ['leonardo-1', 'vm:PostgreSQL-1', 'leonardo-1 names no kind'],
  ])('from %s to %s is an error of input', (from, to, sentence) => {
    const { code, err } = trace(SEED, from, to);
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });
});
