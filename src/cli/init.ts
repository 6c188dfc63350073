/** `vaportrail init`: a first scenario to change. A file that is already there is never touched. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './disk.ts';
import { badArgument, cannotWrite, EXIT } from './outcome.ts';
import { printLine } from './terminal.ts';

const ROLLOUT = `scenario: My first rehearsal
clusters:
  east:
    asn: 64512
    controlNodes: 2
    vrouters: 2
    networks:
      web: { project: shop, subnet: 10.1.0.0/24 }
      data: { project: shop, subnet: 10.2.0.0/24 }
    workloads:
      web: { project: shop, network: web, count: 2 }
      db: { project: shop, network: data }
    policies:
      web-to-data:
        project: shop
        rules: [{ from: web, to: data, port: tcp/5432 }]
steps:
  - start: all
  - expect:
      - reachable: { from: "vm:shop/web-*", to: "vm:shop/web-*", port: tcp/80 }
      # attach the policy to both networks (policies: [web-to-data]) and turn this into reachable:
      - unreachable: { from: "vm:shop/web-*", to: "vm:shop/db", port: tcp/5432, reason: NoDstRt }
      - converged: { within: 60s }
`;

const PROTOCOL = `scenario: My first protocol test
nodes:
  X: { asn: 64512, routerId: 192.168.0.1 }
  Y: { asn: 64512, routerId: 192.168.0.2 }
peerings:
  - { between: [X, Y], families: [route-target, inet-vpn] }
instances:
  blue: { network: 1, routeTargets: ["target:1:1"] }
agents:
  a: { controlNodes: [X] }
  b: { controlNodes: [Y] }
steps:
  - start: all
  - subscribe: { agent: [a, b], instance: blue, id: 1 }
  - publish: { agent: a, instance: blue, prefix: 10.1.1.1/32, nextHop: 192.168.1.1, label: 101, localPref: 200 }
  - expect:
      - route: { agent: b, instance: blue, prefix: 10.1.1.1/32, nextHops: [192.168.1.1], localPref: 200 }
`;

export function init(folder: string, options: { readonly protocol?: boolean }): number {
  const file = join(folder, 'scenario.yaml');
  if (existsSync(file)) throw badArgument('file-exists', `${file} is already there; name another folder`);
  let made: string | undefined;
  try {
    made = mkdirSync(folder, { recursive: true });
    writeWhole(file, options.protocol === true ? PROTOCOL : ROLLOUT);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw cannotWrite(file, error);
  }
  printLine(`${file} is written; play it with: vaportrail run ${folder}`);
  return EXIT.held;
}
