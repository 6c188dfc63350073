/** What the steps of a scenario have told a bare agent to hold: subscriptions, and items word for word. */
import type { NlriTable } from '../route/nlri.ts';
import type { EncodedItem } from '../xmpp/items.ts';

export interface BareSubscription {
  readonly id: number;
  readonly noRibout: boolean;
}

export class BareIntent {
  private readonly instances = new Map<string, BareSubscription>();
  private readonly items = new Map<string, Map<number, EncodedItem>>();

  subscription(instance: string): BareSubscription | null {
    return this.instances.get(instance) ?? null;
  }

  subscriptions(): [string, BareSubscription][] {
    return [...this.instances];
  }

  /** False when it stands already. */
  subscribe(instance: string, subscription: BareSubscription): boolean {
    if (this.instances.has(instance)) return false;
    this.instances.set(instance, subscription);
    return true;
  }

  unsubscribe(instance: string): boolean {
    this.items.delete(instance);
    return this.instances.delete(instance);
  }

  publish(instance: string, encoded: EncodedItem): void {
    const items = this.items.get(instance) ?? new Map<number, EncodedItem>();
    this.items.set(instance, items);
    items.set(encoded.item.nlri, encoded);
  }

  retract(instance: string, nlri: number): boolean {
    return this.items.get(instance)?.delete(nlri) ?? false;
  }

  published(instance: string, nlris: NlriTable): EncodedItem[] {
    const items = [...(this.items.get(instance)?.values() ?? [])];
    return items.sort((a, b) => nlris.compare(a.item.nlri, b.item.nlri));
  }
}
