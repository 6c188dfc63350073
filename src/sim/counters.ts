/**
 * Named counters of nodes and their sessions. Names and units of the contractual ones are published in the docs; the
 * kernel only adds.
 */
import { Float64Column } from '../base/columns.ts';
import { TextIds, TupleIds } from '../base/interner.ts';
import { byText } from '../base/order.ts';
import type { NodeId } from './node.ts';

export interface CounterRow {
  readonly node: NodeId;
  /** The session's name, or empty for the node itself. */
  readonly session: string;
  readonly counter: string;
  readonly value: number;
}

export class Counters {
  private readonly names = new TextIds();
  private readonly keys = new TupleIds();
  private readonly values = new Float64Column();

  add(node: NodeId, counter: string, by: number, session: string): void {
    const key = this.keys.intern(node, this.names.intern(counter), this.names.intern(session));
    if (key === this.values.length) this.values.push(by);
    else this.values.set(key, this.values.get(key) + by);
  }

  /** 0 when it was never counted. */
  value(node: NodeId, counter: string, session = ''): number {
    const counterId = this.names.find(counter);
    const sessionId = this.names.find(session);
    if (counterId === undefined || sessionId === undefined) return 0;
    const key = this.keys.find(node, counterId, sessionId);
    return key < 0 ? 0 : this.values.get(key);
  }

  /** The sums over all nodes and sessions, by counter. */
  totals(): Map<string, number> {
    const totals = new Map<string, number>();
    for (let key = 0; key < this.keys.size; key++) {
      const name = this.names.text(this.keys.b(key));
      totals.set(name, (totals.get(name) ?? 0) + this.values.get(key));
    }
    return totals;
  }

  /** The sum over all nodes and sessions. */
  total(counter: string): number {
    const counterId = this.names.find(counter);
    let sum = 0;
    for (let key = 0; key < this.keys.size; key++) if (this.keys.b(key) === counterId) sum += this.values.get(key);
    return sum;
  }

  /** All counters by node, session and name. */
  rows(): CounterRow[] {
    const rows: CounterRow[] = [];
    for (let key = 0; key < this.keys.size; key++) {
      rows.push({
        node: this.keys.a(key),
        session: this.names.text(this.keys.c(key)),
        counter: this.names.text(this.keys.b(key)),
        value: this.values.get(key),
      });
    }
    return rows.sort((x, y) => x.node - y.node || byText(x.session, y.session) || byText(x.counter, y.counter));
  }
}
