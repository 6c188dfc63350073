/** Reads a route item from the element of any parser, and prefixes from text (CN-2.5). */
import { type Ipv4, parseIpv4 } from '../net/ipv4.ts';
import { parseMac } from '../net/mac.ts';
import { maskOf } from '../net/prefix.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import {
  BAD_MAC,
  type ItemNextHop,
  type ItemSpeaker,
  type LoadBalance,
  NO_NLRI,
  type UnicastItem,
  unicastItem,
} from './items.ts';
import { wordOf } from './words.ts';
import { attribute, child, type XmlElement } from './xml.ts';

/**
 * Reads an `item` element, in any order of its elements, unknown ones ignored. null when it does not decode into the
 * entry type (CN-2.7/1): a number that is none.
 */
export function itemOfElement(element: XmlElement, speaker: ItemSpeaker, nlris: NlriTable): UnicastItem | null {
  const entry = child(element, 'entry');
  const fields = new Numbers();
  let [afi, safi, nlri, sequence, oldSequence] = [0, 0, NO_NLRI, 0, 0];
  let sticky = false;
  let [virtualNetwork, subProtocol] = ['', speaker === 'agent' ? 'interface' : ''];
  let [localPreference, med] = [0, 0];
  let loadBalance: LoadBalance | null = null;
  const nextHops: ItemNextHop[] = [];
  const securityGroups: number[] = [];
  const communities: string[] = [];
  for (const part of entry?.children ?? []) {
    switch (part.name) {
      case 'nlri':
        for (const piece of part.children) {
          if (piece.name === 'af') afi = fields.read(piece);
          else if (piece.name === 'safi') safi = fields.read(piece);
          else if (piece.name === 'address') nlri = prefixNlri(piece.text, nlris);
        }
        break;
      case 'next-hops':
        for (const piece of part.children) if (piece.name === 'next-hop') nextHops.push(nextHopOf(piece, fields));
        break;
      case 'version':
        fields.read(part);
        break;
      case 'virtual-network':
        virtualNetwork = wordOf(part.text).text;
        break;
      case 'mobility':
        sequence = fields.readText(attribute(part, 'seqno') ?? '');
        sticky = /^[1tTyY]/.test(attribute(part, 'sticky') ?? '');
        break;
      case 'sequence-number':
        oldSequence = fields.read(part);
        break;
      case 'security-group-list':
        for (const piece of part.children) {
          if (piece.name === 'security-group') securityGroups.push(fields.read(piece));
        }
        break;
      case 'community-tag-list':
        for (const piece of part.children)
          if (piece.name === 'community-tag') communities.push(wordOf(piece.text).text);
        break;
      case 'local-preference':
        localPreference = fields.read(part);
        break;
      case 'med':
        med = fields.read(part);
        break;
      case 'load-balance':
        loadBalance = loadBalanceOf(part);
        break;
      case 'sub-protocol':
        subProtocol = wordOf(part.text).text;
        break;
    }
  }
  if (!fields.good) return null;
  if (sequence === 0) {
    sequence = oldSequence;
    sticky = false;
  }
  return unicastItem({
    afi,
    safi,
    nlri,
    nextHops,
    virtualNetwork,
    sequence,
    sticky,
    securityGroups,
    communities,
    localPreference,
    med,
    loadBalance,
    subProtocol,
  });
}

function nextHopOf(element: XmlElement, fields: Numbers): ItemNextHop {
  let address = 0 as Ipv4;
  let [mac, label, vni, localSequence] = [0, 0, 0, 0];
  let virtualNetwork = '';
  const encapsulations: string[] = [];
  const tags: number[] = [];
  for (const part of element.children) {
    switch (part.name) {
      case 'af':
        fields.read(part);
        break;
      case 'address':
        address = parseIpv4(part.text) ?? (0 as Ipv4);
        break;
      case 'mac':
        mac = part.text === '' ? 0 : (parseMac(part.text) ?? BAD_MAC);
        break;
      case 'label':
        label = fields.read(part);
        break;
      case 'vni':
        vni = fields.read(part);
        break;
      case 'tunnel-encapsulation-list':
        for (const piece of part.children)
          if (piece.name === 'tunnel-encapsulation') encapsulations.push(wordOf(piece.text).text);
        break;
      case 'virtual-network':
        virtualNetwork = wordOf(part.text).text;
        break;
      case 'tag-list':
        for (const piece of part.children) if (piece.name === 'tag') tags.push(fields.read(piece));
        break;
      case 'local-sequence-number':
        localSequence = fields.read(part);
        break;
    }
  }
  return Object.freeze({ address, mac, label, vni, encapsulations, virtualNetwork, tags, localSequence });
}

function loadBalanceOf(element: XmlElement): LoadBalance | null {
  const fields = child(element, 'load-balance-fields')?.children.filter((e) => e.name === 'load-balance-field-list');
  const decision = wordOf(child(element, 'load-balance-decision')?.text ?? 'field-hash').text;
  if ((fields === undefined || fields.length === 0) && decision === 'field-hash') return null;
  return Object.freeze({ fields: (fields ?? []).map((field) => wordOf(field.text).text), decision });
}

/** Reads whole numbers as the original does (32 bits, empty is 0), and remembers whether one was none. */
class Numbers {
  good = true;

  read(element: XmlElement): number {
    return this.readText(element.text);
  }

  readText(text: string): number {
    if (text === '') return 0;
    const value = /^[ \t\r\n]*[-+]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(Math.abs(value) <= 0xffffffff)) {
      this.good = false;
      return 0;
    }
    return value >>> 0;
  }
}

/** The inet NLRI of `a.b.c.d/len`, host bits cut off; {@link NO_NLRI} when it does not parse. */
export function prefixNlri(text: string, nlris: NlriTable): NlriId {
  const slash = text.indexOf('/');
  if (slash < 0) return NO_NLRI;
  const address = parseIpv4(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === null || !/^\d{1,2}$/.test(digits) || Number(digits) > 32) return NO_NLRI;
  const length = Number(digits);
  return nlris.inet((address & maskOf(length)) >>> 0, length);
}
