/**
 * The text of a route item, and its octets without making it: two functions that go through the same parts in the same
 * order. Messages need the size of every item, and the text only of those that somebody looks at.
 */
import { formatIpv4 } from '../net/ipv4.ts';
import { formatMac } from '../net/mac.ts';
import type { ItemNextHop, ItemSpeaker, LoadBalance, UnicastItem } from './items.ts';
import { wordOf } from './words.ts';
import { utf8Size } from './xml.ts';

/** The elements in the order of the schema. What has its default value is left out where CN-2.5 allows it. */
export function itemText(item: UnicastItem, speaker: ItemSpeaker, id: string): string {
  let text = speaker === 'agent' ? '<item><entry>' : `<item id="${id}"><entry>`;
  text += `<nlri><af>${item.afi}</af><safi>${item.safi}</safi><address>${id}</address></nlri><next-hops>`;
  for (const hop of item.nextHops) text += nextHopText(hop);
  text += '</next-hops><version>1</version>';
  if (item.virtualNetwork !== '') text += elementText('virtual-network', item.virtualNetwork);
  if (saysMobility(item, speaker)) text += `<mobility seqno="${item.sequence}" sticky="${item.sticky}" />`;
  text += `<sequence-number>${item.sequence}</sequence-number>`;
  if (item.securityGroups.length > 0) {
    text += '<security-group-list>';
    for (const group of item.securityGroups) text += `<security-group>${group}</security-group>`;
    text += '</security-group-list>';
  }
  if (item.communities.length > 0) {
    text += '<community-tag-list>';
    for (const word of item.communities) text += elementText('community-tag', word);
    text += '</community-tag-list>';
  }
  text += `<local-preference>${item.localPreference}</local-preference><med>${item.med}</med>`;
  if (item.loadBalance !== null) text += loadBalanceText(item.loadBalance);
  if (item.subProtocol !== '') text += elementText('sub-protocol', item.subProtocol);
  return `${text}</entry></item>`;
}

function nextHopText(hop: ItemNextHop): string {
  let text = `<next-hop><af>1</af><address>${formatIpv4(hop.address)}</address>`;
  if (hop.mac > 0) text += `<mac>${formatMac(hop.mac)}</mac>`;
  text += `<label>${hop.label}</label>`;
  if (hop.vni !== 0) text += `<vni>${hop.vni}</vni>`;
  if (hop.encapsulations.length > 0) {
    text += '<tunnel-encapsulation-list>';
    for (const word of hop.encapsulations) text += elementText('tunnel-encapsulation', word);
    text += '</tunnel-encapsulation-list>';
  }
  if (hop.virtualNetwork !== '') text += elementText('virtual-network', hop.virtualNetwork);
  if (hop.tags.length > 0) {
    text += '<tag-list>';
    for (const tag of hop.tags) text += `<tag>${tag}</tag>`;
    text += '</tag-list>';
  }
  if (hop.localSequence !== 0) text += `<local-sequence-number>${hop.localSequence}</local-sequence-number>`;
  return `${text}</next-hop>`;
}

function loadBalanceText(balance: LoadBalance): string {
  let text = '<load-balance>';
  if (balance.fields.length > 0) {
    text += '<load-balance-fields>';
    for (const field of balance.fields) text += elementText('load-balance-field-list', field);
    text += '</load-balance-fields>';
  }
  return `${text}${elementText('load-balance-decision', balance.decision)}</load-balance>`;
}

function elementText(name: string, word: string): string {
  return `<${name}>${wordOf(word).escaped}</${name}>`;
}

/** A control node always says it; an agent says the old sequence number alone, unless the workload is sticky. */
function saysMobility(item: UnicastItem, speaker: ItemSpeaker): boolean {
  return speaker === 'control-node' || item.sticky;
}

/** Octets of {@link itemText} without making it, part by part. */
export function itemSize(item: UnicastItem, speaker: ItemSpeaker, id: string): number {
  let size = speaker === 'agent' ? '<item><entry>'.length : '<item id=""><entry>'.length + id.length;
  size += '<nlri><af></af><safi></safi><address></address></nlri><next-hops>'.length + id.length;
  size += digits(item.afi) + digits(item.safi);
  for (const hop of item.nextHops) size += nextHopSize(hop);
  size += '</next-hops><version>1</version>'.length;
  if (item.virtualNetwork !== '') size += elementSize('virtual-network', item.virtualNetwork);
  const sequence = digits(item.sequence);
  if (saysMobility(item, speaker)) size += '<mobility seqno="" sticky="" />'.length + sequence + (item.sticky ? 4 : 5);
  size += '<sequence-number></sequence-number>'.length + sequence;
  if (item.securityGroups.length > 0) {
    size += '<security-group-list></security-group-list>'.length;
    for (const group of item.securityGroups) size += '<security-group></security-group>'.length + digits(group);
  }
  if (item.communities.length > 0) {
    size += '<community-tag-list></community-tag-list>'.length;
    for (const word of item.communities) size += elementSize('community-tag', word);
  }
  size += '<local-preference></local-preference><med></med>'.length + digits(item.localPreference) + digits(item.med);
  if (item.loadBalance !== null) size += utf8Size(loadBalanceText(item.loadBalance)); // rare
  if (item.subProtocol !== '') size += elementSize('sub-protocol', item.subProtocol);
  return size + '</entry></item>'.length;
}

function nextHopSize(hop: ItemNextHop): number {
  let size = '<next-hop><af>1</af><address></address><label></label></next-hop>'.length;
  size += addressDigits(hop.address) + digits(hop.label);
  if (hop.mac > 0) size += '<mac>00:00:00:00:00:00</mac>'.length;
  if (hop.vni !== 0) size += '<vni></vni>'.length + digits(hop.vni);
  if (hop.encapsulations.length > 0) {
    size += '<tunnel-encapsulation-list></tunnel-encapsulation-list>'.length;
    for (const word of hop.encapsulations) size += elementSize('tunnel-encapsulation', word);
  }
  if (hop.virtualNetwork !== '') size += elementSize('virtual-network', hop.virtualNetwork);
  if (hop.tags.length > 0) {
    size += '<tag-list></tag-list>'.length;
    for (const tag of hop.tags) size += '<tag></tag>'.length + digits(tag);
  }
  if (hop.localSequence !== 0) {
    size += '<local-sequence-number></local-sequence-number>'.length + digits(hop.localSequence);
  }
  return size;
}

function elementSize(name: string, word: string): number {
  return '<></>'.length + 2 * name.length + wordOf(word).size;
}

/** Decimal digits of a whole number up to 32 bits. */
function digits(value: number): number {
  let count = 1;
  for (let power = 10; value >= power; power *= 10) count++;
  return count;
}

function addressDigits(address: number): number {
  return (
    3 + digits(address >>> 24) + digits((address >>> 16) & 255) + digits((address >>> 8) & 255) + digits(address & 255)
  );
}
