/**
 * The plain engine: the same protocols over storage in which nothing is shared and nothing is kept.
 *
 * In place of the modules that share stand those of this folder, and the modules above them are loaded once more. Ids
 * are places in lists of texts, each look at a set or a next hop makes a new one, routes and paths are records whose
 * places are not used again, what a peer was told and an agent has heard is kept for it alone, no memo keeps an answer.
 * Every node interns for itself, so all that nodes know of each other has crossed the wire as octets, and stanzas are
 * read by the general reader. Packing, queues, links and the record are the ones there are.
 */
import { vi } from 'vitest';
import type { AttributeTable } from '../../src/route/attributes.ts';
import type { RoutePool } from '../../src/route/pool.ts';
import type * as smallWorlds from '../world/small-worlds.ts';

type Module = Readonly<Record<string, unknown>>;
/** A node's class, as far as it matters here. */
type NodeClass = new (pool: RoutePool, config: unknown) => object;

const SRC = '../../src';

/** What stands in for a module of `src`, given the module itself. */
const REPLACED: Readonly<Record<string, (original: Module) => Promise<Module>>> = {
  'base/interner.ts': () => import('./interner.ts'),
  'base/columns.ts': () => import('./columns.ts'),
  'base/rows.ts': () => import('./rows.ts'),
  'base/memo.ts': () => import('./memo.ts'),
  'route/common-attributes.ts': () => import('./common-attributes.ts'),
  'route/attributes.ts': async ({ AttributeTable }) => ({ AttributeTable: derivingAnew(AttributeTable) }),
  'route/path.ts': async ({ INFEASIBLE_FLAGS }) => {
    const { plainPathTable } = await import('./path.ts');
    return { PathTable: plainPathTable(INFEASIBLE_FLAGS as number) }; // it is a set of bits
  },
  'bgp/peer-set.ts': () => import('./peer-set.ts'),
  'bgp/rib-out.ts': () => import('./rib-out.ts'),
  'control/route-table.ts': () => import('./route-table.ts'),
  'control/rt-groups.ts': () => import('./rt-groups.ts'),
  'vrouter/offer-table.ts': () => import('./offer-table.ts'),
  'vrouter/inet-table.ts': () => import('./inet-table.ts'),
  'xmpp/scan.ts': async () => ({
    scanOctets: () => null,
    scanStanza: (await import('../../src/xmpp/reader.ts')).readStanza,
  }),
  'control/control-node.ts': async ({ ControlNode }) => ({ ControlNode: await withPoolOfItsOwn(ControlNode) }),
  'vrouter/agent.ts': async ({ Agent }) => ({ Agent: await withPoolOfItsOwn(Agent) }),
  'gateway/gateway.ts': async ({ Gateway }) => ({ Gateway: await withPoolOfItsOwn(Gateway) }),
  'gateway/speaker.ts': async ({ Speaker }) => ({ Speaker: await withPoolOfItsOwn(Speaker) }),
};

function derivingAnew(type: unknown): typeof AttributeTable {
  return class extends (type as typeof AttributeTable) {
    override derive: AttributeTable['derive'] = (_purpose, id, rewrite) => this.intern(rewrite(this.get(id)));
  };
}

async function withPoolOfItsOwn(node: unknown): Promise<NodeClass> {
  const { RoutePool } = await import('../../src/route/pool.ts');
  return class extends (node as NodeClass) {
    constructor(_pool: RoutePool, config: unknown) {
      super(new RoutePool(), config);
    }
  };
}

/** Plays as {@link smallWorlds.play} does, on the plain engine. */
export async function plainEngine(): Promise<typeof smallWorlds.play> {
  vi.resetModules();
  for (const [name, replace] of Object.entries(REPLACED)) {
    vi.doMock(`${SRC}/${name}`, async (importOriginal) => {
      const original = await importOriginal<Module>();
      return { ...original, ...(await replace(original)) };
    });
  }
  const { play } = await import('../world/small-worlds.ts');
  for (const name of Object.keys(REPLACED)) vi.doUnmock(`${SRC}/${name}`);
  vi.resetModules();
  return (files, options) => play(files, { ...options, wire: true });
}
