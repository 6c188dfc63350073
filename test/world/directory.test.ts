/** Who is meant by a selector, and what is said of one that means nobody, or too many. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatIpv4 } from '../../src/net/ipv4.ts';
import { Directory, type Endpoint, glob } from '../../src/world/directory.ts';
import { play } from './small-worlds.ts';

const CLOUD = {
  scenario: 'names',
  clusters: {
    east: {
      controlNodes: 1,
      vrouters: ['h1', 'h2'],
      networks: { web: { project: 'shop', subnet: '10.1.0.0/24' }, data: { project: 'bank', subnet: '10.2.0.0/24' } },
      workloads: {
        web: { project: 'shop', network: 'web', count: 3, host: 'h1' },
        db: { project: 'bank', network: 'data', host: 'h2' },
        twin: { project: 'shop', network: 'web' },
      },
    },
    west: {
      asn: 64513,
      controlNodes: 1,
      vrouters: ['h3'],
      networks: { web: { project: 'shop', subnet: '10.3.0.0/24' } },
      workloads: { twin: { project: 'shop', network: 'web' } },
      import: [
        {
          manifests: 'm',
          plugin: {
            name: 'kube-network-manager',
            podRange: '10.150.0.0/16',
            serviceRange: '10.254.0.0/16',
            publicRange: '203.0.113.0/24',
          },
        },
      ],
    },
  },
  gateways: {
    edge: {
      asn: 65000,
      peers: ['west'],
      instances: {
        public: { routeTargets: ['target:64512:10001'], external: ['0.0.0.0/0'] },
        office: { routeTargets: ['target:64512:10002'], external: ['198.51.100.0/24'] },
      },
    },
  },
  tenants: {
    shop: ['east/project/shop', 'west/project/shop'],
    bank: ['east/project/bank'],
    pods: ['*/namespace/default'],
    nobody: ['east/project/none'],
  },
  external: { office: ['198.51.100.0/24'] },
  steps: [{ start: 'all' }],
};
const MANIFESTS = {
  'm/rc.json': JSON.stringify({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'api', labels: { name: 'api' } },
    spec: {
      replicas: 2,
      selector: { name: 'api' },
      template: { metadata: { labels: { name: 'api' } }, spec: { containers: [{ name: 'api', image: 'api' }] } },
    },
  }),
  'm/service.json': JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', labels: { name: 'api' } },
    spec: { type: 'LoadBalancer', selector: { name: 'api' }, ports: [{ port: 80 }] },
  }),
};
const { directory } = play({ 's.yaml': stringify(CLOUD), ...MANIFESTS }).rehearsal;

/** Names, or the sentence. */
function meant(selector: string): readonly string[] | string {
  const found = directory.select(selector);
  return typeof found === 'string' ? found : found.map((one) => one.name);
}
const one = (selector: string): Endpoint => {
  const found = directory.select(selector);
  if (typeof found === 'string') throw new Error(found);
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe('a selector', () => {
  it.each([
    ['vm:east/shop/web-1', ['vm:east/shop/web-1']],
    ['vm:shop/web-1', ['vm:east/shop/web-1']],
    ['vm:web-1', ['vm:east/shop/web-1']],
    ['vm:east/web-1', ['vm:east/shop/web-1']],
    ['vm:shop/web-*', ['vm:east/shop/web-1', 'vm:east/shop/web-2', 'vm:east/shop/web-3']],
    ['vm:east/*/*b*', ['vm:east/bank/db', 'vm:east/shop/web-1', 'vm:east/shop/web-2', 'vm:east/shop/web-3']],
    ['vm:west/shop/*', ['vm:west/shop/twin']],
    ['vm:*/shop/twin', ['vm:east/shop/twin', 'vm:west/shop/twin']],
    ['pod:default/api-*', ['pod:west/default/api-1', 'pod:west/default/api-2']],
    ['service:default/api', ['service:west/default/api']],
    ['network:shop/web', 'network:shop/web matches in east and west; name the cluster, as in network:east/shop/web'],
    ['network:east/shop/web', ['vm:east/shop/twin', 'vm:east/shop/web-1', 'vm:east/shop/web-2', 'vm:east/shop/web-3']],
    ['network:bank/data', ['vm:east/bank/db']],
    ['tenant:bank', ['vm:east/bank/db']],
    ['tenant:pods', ['pod:west/default/api-1', 'pod:west/default/api-2']],
    ['external:internet', ['external:internet']],
    ['external:office', ['external:office']],
  ])('%s means whom it says', (selector, names) => {
    const found = meant(selector);
    expect(typeof found === 'string' ? found : [...found].sort()).toEqual(names);
  });

  it('of a tenant means its workloads in every cluster', () => {
    expect(new Set(meant('tenant:shop'))).toEqual(
      new Set([
        'vm:east/shop/twin',
        'vm:east/shop/web-1',
        'vm:east/shop/web-2',
        'vm:east/shop/web-3',
        'vm:west/shop/twin',
      ]),
    );
  });

  it.each([
    ['vm:twin', /^vm:twin matches in east and west; name the cluster, as in vm:east\/shop\/twin$/],
    ['vm:shop/*', /^vm:shop\/\* matches in east and west; name the cluster, as in vm:/],
    ['vm:east/shop/wbe-1', /^vm:east\/shop\/wbe-1 matches nothing, did you mean vm:east\/shop\/web-1\?$/],
    ['vm:zzz', /^vm:zzz matches nothing; there are /],
    ['pod:east/default/api-1', /^pod:east\/default\/api-1 matches nothing/],
    ['service:default/apis', /^service:default\/apis matches nothing, did you mean service:default\/api\?$/],
    ['tenant:bnak', /^there is no tenant bnak, did you mean bank\?$/],
    ['tenant:nobody', /^tenant:nobody has no workload$/],
    ['external:nowhere', /^external:nowhere matches nothing/],
    ['host:h1', /^host:h1 is a node: /],
    ['gateway:edge', /^gateway:edge is a node: /],
    ['machine:web-1', /^machine:web-1 names no kind; a selector is written kind:/],
    ['web-1', /^web-1 names no kind; /],
  ])('%s is told what is wrong with it', (selector, sentence) => {
    expect(meant(selector)).toMatch(sentence);
  });

  it('names at most a few of those there are', () => {
    const sentence = meant('vm:zzz') as string;
    expect(sentence.match(/vm:(east|west)/g)!.length).toBeLessThanOrEqual(6);
  });
});

describe('an endpoint', () => {
  it('of a workload starts at its interface and answers for itself', () => {
    const web = one('vm:east/shop/web-2');
    expect(web.starts).toEqual([{ kind: 'interface', host: 'h1', interface: 'default-domain:shop:web-2-port' }]);
    expect(web.answeredBy).toEqual(['vm:east/shop/web-2']);
    expect(web.networks).toEqual(['default-domain:shop:web']);
    expect(web.addresses.map(formatIpv4)).toEqual(['10.1.0.5']);
  });

  it('of a service or a floating address starts nowhere and is answered by the pods behind it', () => {
    const pods = ['pod:west/default/api-1', 'pod:west/default/api-2'];
    const service = one('service:west/default/api');
    const public_ = one('fip:west/default-project/default_api');
    expect([service.starts, public_.starts]).toEqual([[], []]);
    expect([service.answeredBy, public_.answeredBy]).toEqual([pods, pods]);
    expect(formatIpv4(service.addresses[0]!)).toMatch(/^10\.254\./);
    expect(formatIpv4(public_.addresses[0]!)).toMatch(/^203\.0\.113\./);
  });

  it('outside starts at the instances of gateways that hold its prefixes', () => {
    expect(one('external:internet').starts).toEqual([{ kind: 'gateway', gateway: 'edge', vrf: 'public' }]);
    expect(one('external:office').starts).toEqual([{ kind: 'gateway', gateway: 'edge', vrf: 'office' }]);
    expect(one('external:office').addresses.map(formatIpv4)).toEqual(['198.51.100.1']);
  });

  it('outside is there only with a gateway', () => {
    const without = new Directory({ clusters: [], gateways: [], tenants: {}, external: {} });
    expect(without.endpoints).toEqual([]);
    expect(without.select('external:internet')).toMatch(/^external:internet matches nothing/);
  });
});

describe('a glob', () => {
  it('matches as the expression does in which * stands for anything', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1', '*', '*'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (drawn, word) => {
        const expression = new RegExp(`^${drawn.replaceAll('*', '.*')}$`);
        expect(glob(drawn, word)).toBe(expression.test(word));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no other sign for a pattern', () => {
    expect(glob('a.c', 'abc')).toBe(false);
    expect(glob('a?c', 'abc')).toBe(false);
    expect(glob('[a]', 'a')).toBe(false);
    expect(glob('a.*', 'a.b')).toBe(true);
  });
});
