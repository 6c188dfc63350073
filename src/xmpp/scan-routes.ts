/** Routes that a control node tells or takes back (CN-2.8), from octets in our own form. */
import type { NlriId, NlriTable } from '../route/nlri.ts';
import { prefixNlri } from './item-reader.ts';
import { AFI_INET, NO_NLRI, SAFI_UNICAST, type UnicastItem } from './items.ts';
import { itemAt, type KnownItem, memoOf } from './known-items.ts';
import { reachDigest, stanzaDigest } from './message.ts';
import type { OctetCursor } from './octet-cursor.ts';
import type { Meaning } from './scan.ts';
import { ITEMS_TAIL, type ItemsTable, PUBSUB_NS, RESOURCE_BGP } from './stanza.ts';
import { utf8 } from './xml.ts';

const FROM = utf8('<message from="');
const TO = utf8('" to="');
const RESOURCE = utf8(`/${RESOURCE_BGP}`);
const TABLE = utf8(`"><event xmlns="${PUBSUB_NS}"><items node="${AFI_INET}/${SAFI_UNICAST}/`);
const TABLE_END = utf8('">');
const ITEM = utf8('<item id="');
const RETRACT = utf8('<retract id="');
const RETRACT_END = utf8('" />');
const TAIL = utf8(ITEMS_TAIL);

/** The message at the cursor, which moves past it. */
export function scanRoutes(cursor: OctetCursor, nlris: NlriTable): Meaning | null {
  const table = tableAt(cursor);
  if (table === null) return null;
  return cursor.isAt(ITEM) ? reachAt(cursor, table, nlris) : unreachAt(cursor, table, nlris);
}

function tableAt(cursor: OctetCursor): ItemsTable | null {
  if (!cursor.passes(FROM)) return null;
  cursor.plain();
  if (!cursor.passes(TO)) return null;
  const to = cursor.plain();
  cursor.at -= RESOURCE.length;
  if (cursor.at < to || !cursor.passes(RESOURCE) || !cursor.passes(TABLE)) return null;
  const instance = cursor.word();
  if (instance.size === 0 || !cursor.passes(TABLE_END)) return null;
  return Object.freeze({ afi: AFI_INET, safi: SAFI_UNICAST, instance: instance.text });
}

function reachAt(cursor: OctetCursor, table: ItemsTable, nlris: NlriTable): Meaning | null {
  const read = itemsAt(cursor, nlris);
  if (read.length === 0 || !cursor.passes(TAIL)) return null;
  const items: UnicastItem[] = [];
  const digest = reachDigest(table, read.length);
  for (const known of read) {
    items.push(known.item);
    digest.int(known.digest);
  }
  return { stanza: { kind: 'reach', table, items }, digest: digest.short() };
}

/** Items one behind the other, as far as they are in our form. Each receiver of a message is likely to get the same. */
function itemsAt(cursor: OctetCursor, nlris: NlriTable): readonly KnownItem[] {
  const memo = memoOf(nlris);
  const { octets } = cursor;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const read: KnownItem[] = [];
  let guess = memo.first;
  let before: KnownItem | null = null;
  while (cursor.isAt(ITEM)) {
    let known = guess;
    if (known === null || !known.standsAt(view, cursor.at)) {
      known = itemAt(octets, view, cursor.at, memo, nlris);
      if (known === null) break;
      if (before === null) memo.first = known;
      else before.follower = known;
    }
    read.push(known);
    cursor.at += known.size;
    guess = known.follower;
    before = known;
  }
  return read;
}

function unreachAt(cursor: OctetCursor, table: ItemsTable, nlris: NlriTable): Meaning | null {
  const ids: NlriId[] = [];
  while (cursor.passes(RETRACT)) {
    const nlri = prefixNlri(cursor.name(), nlris);
    if (nlri === NO_NLRI || !cursor.passes(RETRACT_END)) return null;
    ids.push(nlri);
  }
  if (ids.length === 0 || !cursor.passes(TAIL)) return null;
  const stanza = { kind: 'unreach', table, nlris: ids } as const;
  return { stanza, digest: stanzaDigest(stanza, nlris) };
}
