/** Objects of configuration that a control node names (CN-2.11.2), from octets in our own form. */
import type { NlriTable } from '../route/nlri.ts';
import {
  type ConfigLink,
  type ConfigNode,
  type ConfigObject,
  type ConfigRun,
  configLink,
  configNode,
} from './config-object.ts';
import { stanzaDigest } from './message.ts';
import type { OctetCursor } from './octet-cursor.ts';
import type { Meaning } from './scan.ts';
import { RESOURCE_CONFIG } from './stanza.ts';
import { asciiText, isSpelled, placeOf } from './words.ts';
import { utf8 } from './xml.ts';

const FROM = utf8('<iq type="set" from="');
const TO = utf8('" to="');
const RESOURCE = utf8(`/${RESOURCE_CONFIG}`);
const CONFIG = utf8('"><config>');
const UPDATE = utf8('<update>');
const UPDATE_END = utf8('</update>');
const DELETE = utf8('<delete>');
const DELETE_END = utf8('</delete>');
const NODE = utf8('<node type="');
const NAME = utf8('"><name>');
const NODE_END = utf8('</name></node>');
const LINK = utf8('<link>');
const METADATA = utf8('<metadata type="');
const LINK_END = utf8('" /></link>');
const END = utf8('</config></iq>');

/** The iq at the cursor, which moves past it. */
export function scanConfig(cursor: OctetCursor, nlris: NlriTable): Meaning | null {
  if (!cursor.passes(FROM)) return null;
  cursor.plain();
  if (!cursor.passes(TO)) return null;
  const to = cursor.plain();
  cursor.at -= RESOURCE.length;
  if (cursor.at < to || !cursor.passes(RESOURCE) || !cursor.passes(CONFIG)) return null;
  const runs: ConfigRun[] = [];
  for (let isUpdate = cursor.passes(UPDATE); isUpdate || cursor.passes(DELETE); isUpdate = cursor.passes(UPDATE)) {
    const objects = objectsAt(cursor);
    if (objects === null || !cursor.passes(isUpdate ? UPDATE_END : DELETE_END)) return null;
    runs.push({ action: isUpdate ? 'update' : 'delete', objects });
  }
  if (!cursor.passes(END)) return null;
  const stanza = { kind: 'config', runs } as const;
  return { stanza, digest: stanzaDigest(stanza, nlris) };
}

function objectsAt(cursor: OctetCursor): readonly ConfigObject[] | null {
  const objects: ConfigObject[] = [];
  for (;;) {
    const isLink = cursor.passes(LINK);
    if (!isLink && !cursor.isAt(NODE)) return objects;
    const object = isLink ? linkAt(cursor) : nodeAt(cursor);
    if (object === null) return null;
    objects.push(object);
  }
}

function linkAt(cursor: OctetCursor): ConfigLink | null {
  const left = nodeAt(cursor);
  const right = left === null ? null : nodeAt(cursor);
  if (left === null || right === null || !cursor.passes(METADATA)) return null;
  const metadata = cursor.word();
  return cursor.passes(LINK_END) ? configLink(left, right, metadata) : null;
}

/** Nodes read lately, by a hash of their octets: links name them again, and machines share most of them. */
const KNOWN_NODES = 1 << 15;
const knownNodes: (ConfigNode | undefined)[] = new Array(KNOWN_NODES).fill(undefined);

function nodeAt(cursor: OctetCursor): ConfigNode | null {
  if (!cursor.passes(NODE)) return null;
  const { octets } = cursor;
  const type = cursor.plain();
  const [typeEnd, typeHash] = [cursor.at, cursor.hash];
  if (!cursor.passes(NAME)) return null;
  const name = cursor.plain();
  const nameEnd = cursor.at;
  const hash = Math.imul(typeHash, 0x5bd1e995) ^ cursor.hash;
  if (!cursor.passes(NODE_END)) return null;
  const place = placeOf(hash, KNOWN_NODES);
  const known = knownNodes[place];
  if (
    known !== undefined &&
    isSpelled(known.name, octets, name, nameEnd) &&
    isSpelled(known.type, octets, type, typeEnd)
  )
    return known;
  const node = configNode(asciiText(octets, type, typeEnd), asciiText(octets, name, nameEnd));
  knownNodes[place] = node;
  return node;
}
