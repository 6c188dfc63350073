/** The figures of a run: virtual time, messages, routes. */
import { byText } from '../base/order.ts';
import type { VirtualUs } from '../base/time.ts';
import { MESSAGE_COLUMNS } from '../sim/record.ts';
import { countAllRows } from '../verify/rows.ts';
import type { World } from '../world/world.ts';
import type { Convergence } from './result.ts';

export function convergenceOf(world: World): Convergence {
  const counters: Record<string, number> = {};
  for (const row of [...world.sim.counters.rows()].sort((a, b) => byText(a.counter, b.counter))) {
    counters[row.counter] = (counters[row.counter] ?? 0) + row.value;
  }
  const messages = { bgp: 0, xmpp: 0 };
  const octets = { bgp: 0, xmpp: 0 };
  const { recording } = world.sim;
  const kind = MESSAGE_COLUMNS.indexOf('kind');
  const size = MESSAGE_COLUMNS.indexOf('size');
  for (let row = 0; row < recording.messages.length; row++) {
    const protocol = recording.texts.text(recording.messages.cell(row, kind)).startsWith('bgp') ? 'bgp' : 'xmpp';
    messages[protocol]++;
    octets[protocol] += recording.messages.cell(row, size);
  }
  return {
    convergedAt: world.sim.lastTableChange ?? (0 as VirtualUs),
    endedAt: world.now,
    events: world.sim.eventsHandled,
    counters,
    messages,
    octets,
    routes: countAllRows(world),
    stateHash: world.stateHash(),
  };
}
