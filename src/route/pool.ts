/** What all nodes of a world intern together, so that a decoded message can be shared by its receivers. */
import { AttributeTable } from './attributes.ts';
import { NlriTable } from './nlri.ts';
import { Octets8Table } from './octets8-table.ts';

export class RoutePool {
  readonly octets8 = new Octets8Table();
  readonly nlris = new NlriTable(this.octets8);
  readonly attributes = new AttributeTable(this.octets8);
}
