/** A scenario with something of everything, and what is wrong with it once a line is changed or added. */
import { compileScenario } from '../../src/scenarios/compile.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { lowerScenario } from '../../src/scenarios/lower/plan.ts';
import { memoryFiles, told } from './files.ts';

export const BASE = `scenario: x
clusters:
  east:
    controlNodes: [c1, c2]
    vrouters: [h1, h2]
    networks:
      web: { project: shop, subnet: 10.1.0.0/24 }
      data: { project: shop, subnet: 10.2.0.0/24 }
    securityGroups:
      db: { project: shop, rules: [{ port: tcp/5432 }] }
    workloads:
      front: { project: shop, network: web, count: 2 }
      store: { project: shop, network: data, host: h2, securityGroups: [db] }
  west:
    asn: 64513
    networks:
      web: { project: shop, subnet: 10.9.0.0/24 }
    workloads:
      front: { project: shop, network: web, count: 2 }
tenants: { all: [east/project/shop, west/project/shop], none: [east/project/nobody] }
nodes: { X: {} }
speakers: { s: { asn: 65000, families: [inet-vpn] } }
peerings: [ { between: [X, s] } ]
instances: { blue: { routeTargets: ["target:1:1"] } }
agents: { a: { controlNodes: [X] } }
gateways: { mx: { asn: 65000, peers: [east], instances: { public: { routeTargets: ["target:1:5"], external: [0.0.0.0/0] } } } }
`;

export interface Surroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** What is wrong with a scenario once it is loaded, before anything is played. */
export function faults(text: string, { files = {}, input }: Surroundings = {}): string[] {
  const reader = memoryFiles({ 'f/s.yaml': text, ...files });
  const loaded = loadScenario(reader, 'f/s.yaml');
  if (!loaded.ok) return told(loaded.faults);
  const options = {
    files: reader,
    seed: null,
    wire: false,
    input: input ?? null,
    zeroCost: true,
    routeLevelRecord: false,
  };
  const lowered = lowerScenario(loaded.value, options);
  if (!lowered.ok) return told(lowered.faults);
  return told(compileScenario(loaded.value, lowered.value.setting).faults);
}

/** What is wrong with steps behind `start: all`; of the place, the column and the number of the step are told. */
export function ofSteps(...steps: string[]): string[] {
  return fromLine(28, `start: all\n${steps.map((step) => `  - ${step}\n`).join('')}`);
}

/** What is wrong with claims behind `start: all`; of the place, the column and the number of the claim are told. */
export function ofClaims(...claims: string[]): string[] {
  return fromLine(29, `start: all\n  - expect:\n${claims.map((claim) => `      - ${claim}\n`).join('')}`);
}

function fromLine(before: number, steps: string): string[] {
  return faults(`${BASE}steps:\n  - ${steps}`).map((line) =>
    line.replace(/^f\/s\.yaml:(\d+):/, (_, at) => `${Number(at) - before}:`),
  );
}

/** What is wrong with the scenario once one of its parts is another. */
export function changed(from: string, to: string): string[] {
  if (!BASE.includes(from)) throw new Error(`the scenario has no ${from}`);
  return faults(`${BASE.replace(from, to)}steps:\n  - start: all\n`);
}
