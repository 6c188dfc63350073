/** No text makes the loader throw: whatever is changed in a scenario that works, there are faults with a place, or a world. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Diagnostic } from '../../src/base/result.ts';
import { compileScenario } from '../../src/scenarios/compile.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { lowerScenario } from '../../src/scenarios/lower/plan.ts';
import { World } from '../../src/world/world.ts';
import { memoryFiles } from './files.ts';

/** As far as a scenario comes without being played. */
function read(text: string): readonly Diagnostic[] | World {
  const files = memoryFiles({ 'f/s.yaml': text });
  const loaded = loadScenario(files, 'f/s.yaml');
  if (!loaded.ok) return loaded.faults;
  const options = { files, seed: null, wire: false, input: null, zeroCost: true, routeLevelRecord: false };
  const lowered = lowerScenario(loaded.value, options);
  if (!lowered.ok) return lowered.faults;
  const { faults } = compileScenario(loaded.value, lowered.value.setting);
  return faults.length > 0 ? faults : new World(lowered.value.plan);
}

function isToldOrBuilt(text: string): void {
  const result = read(text);
  if (result instanceof World) return;
  expect(result.length).toBeGreaterThan(0);
  for (const { at, code, message } of result) {
    expect(at?.file).toBe('f/s.yaml');
    expect(at!.line).toBeGreaterThanOrEqual(1);
    expect(at!.column).toBeGreaterThanOrEqual(1);
    expect(code).toMatch(/^[a-z-]+$/);
    expect(message).toMatch(/^[^\n]+$/);
    expect(message).not.toMatch(/undefined|\[object|Invalid input|NaN/);
  }
}

const ROLLOUT = `scenario: x
profile: tungsten-fabric
costs: { agent: { perRoute: 10us } }
latency: { within: 100us }
jitter: { between: 50us }
loss: { within: 0.01% }
links: [{ between: [east, west], bandwidth: 1Gbit }]
stagger: 2s
clusters:
  east:
    asn: 64512
    controlNodes: { c1: 172.16.10.11, c2: 172.16.10.12 }
    vrouters: [h1, h2]
    encapsulation: [MPLSoUDP]
    networks:
      web: { project: shop, subnet: { cidr: 10.1.0.0/24, from: end }, policies: [join] }
      data: { project: shop, subnet: [10.2.0.0/24], policies: [join], id: 40 }
    policies: { join: { project: shop, rules: [{ from: web, to: data, port: tcp/80 }] } }
    securityGroups: { db: { project: shop, rules: [{ port: tcp/5432, remote: db }] } }
    workloads:
      front: { project: shop, network: web, count: 2 }
      store: { project: shop, network: data, host: h2, securityGroups: [db] }
    pins: { "vm:shop/store": { address: 10.2.0.9 } }
  west: { asn: 64513, controlNodes: 1, vrouters: 1, networks: { web: { project: shop, subnet: 10.9.0.0/24 } } }
federation: [{ between: [east, west], latency: 4ms, bandwidth: 100Mbit }]
gateways: { mx: { asn: 65000, peers: [east], instances: { public: { routeTargets: ["target:1:5"], external: [0.0.0.0/0] } } } }
routeTargets: [{ networks: [east/shop/web, west/shop/web], target: "target:64512:10" }]
tenants: { shop: [east/project/shop, west/project/shop] }
matrix: { rows: { A: "vm:east/shop/*" }, columns: { B: { to: "vm:shop/store", port: tcp/5432 } } }
steps:
  - start: all
  - expect: [{ reachable: { from: "vm:east/shop/front-1", to: "vm:shop/store", within: 9s } }, { isolated: ["vm:shop/store", "external:internet"] }]
  - { move: { workload: "vm:shop/store", to: h1 }, after: 3s }
  - scale: { controller: "vm:east/shop/front", replicas: 3 }
  - target: { network: east/shop/web, remove: "target:64512:10" }
  - create: { cluster: east, name: late, project: shop, network: web }
  - securityGroup: { name: east/shop/db, add: { port: icmp, remote: 10.0.0.0/8 } }
  - repeat: { times: 2, steps: [{ cut: { sessions: [east, west] } }, { heal: { sessions: [east, west] } }] }
`;

const SOURCES = [
  ROLLOUT,
  ...readdirSync('scenarios/protocol')
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(`scenarios/protocol/${name}`, 'utf8')),
];

type Path = readonly (string | number)[];

function pathsOf(value: unknown, here: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [here];
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => pathsOf(item, [...here, index]))
    : Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...here, key]));
  return [here, ...below];
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e21,
    '',
    ' ',
    '*',
    'x',
    'all',
    [],
    {},
    [[]],
    [{}],
    [null],
    'c1',
    'east',
    'blue',
    'a',
    's',
    'X',
  ),
  fc.constantFrom<unknown>(
    '10.0.0.1/24',
    '0.0.0.0/0',
    '255.255.255.255',
    'target:0:0',
    'vm:*',
    'tenant:*',
    'external:internet',
    'tcp/0',
    '0s',
    '1h',
    'default-domain:shop:web:web',
    'east/shop/web',
    '$INPUT',
    '..',
  ),
  fc.string(),
  fc.integer(),
);

/** One value somewhere is another one, gone, there twice, or under another name. */
const change = fc.record({
  where: fc.nat(10_000),
  how: fc.constantFrom('replace', 'remove', 'double', 'rename'),
  what: strange,
});

function changed(source: unknown, changes: readonly { where: number; how: string; what: unknown }[]): unknown {
  const result = structuredClone(source);
  for (const { where, how, what } of changes) {
    const paths = pathsOf(result).filter((path) => path.length > 0);
    const path = paths[where % paths.length];
    if (path === undefined) return result;
    let holder = result as Record<string | number, unknown>; // every path leads through maps and lists
    for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
    const last = path.at(-1)!;
    const value = holder[last];
    if (how === 'replace') holder[last] = what;
    else if (how === 'double' && Array.isArray(holder)) holder.push(structuredClone(value));
    else if (how === 'rename' && !Array.isArray(holder)) {
      delete holder[last];
      holder[typeof what === 'string' ? what : JSON.stringify(what)] = value;
    } else if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete holder[last];
  }
  return result;
}

describe('a scenario', () => {
  it('works before it is changed', () => {
    for (const source of SOURCES) expect(read(source)).toBeInstanceOf(World);
  });

  it('that is changed in one place or a few has faults with a place, or can be built', () => {
    const parsed = SOURCES.map((source) => parse(source) as unknown);
    fc.assert(
      fc.property(fc.nat(10_000), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
        const source = which % 2 === 0 ? parsed[0] : parsed[which % parsed.length];
        isToldOrBuilt(stringify(changed(source, changes)));
      }),
      { numRuns: 400 },
    );
  });

  it('that is cut or garbled anywhere in its text is told so', () => {
    fc.assert(
      fc.property(fc.nat(ROLLOUT.length), fc.string({ maxLength: 6 }), fc.nat(40), (at, put, gone) => {
        isToldOrBuilt(ROLLOUT.slice(0, at) + put + ROLLOUT.slice(at + gone));
      }),
      { numRuns: 150 },
    );
  });

  it('that is any text or any document is told so', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), isToldOrBuilt));
    fc.assert(fc.property(fc.jsonValue(), (value) => isToldOrBuilt(JSON.stringify(value))));
  });
});
