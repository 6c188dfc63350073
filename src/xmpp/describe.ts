/** A stanza in words, for the `decode` verb and for failed expectations: what it is, then its parts, one to a line. */
import { formatIpv4 } from '../net/ipv4.ts';
import { formatMac } from '../net/mac.ts';
import type { NlriTable } from '../route/nlri.ts';
import type { ConfigObject } from './config-object.ts';
import { BAD_MAC, type ItemNextHop, itemId, NO_NLRI, type UnicastItem } from './items.ts';
import type { RouteRequest } from './session.ts';
import { type MalformedStanza, readItemNode, type Stanza } from './stanza.ts';

export function describeStanza(stanza: Stanza | RouteRequest | MalformedStanza, nlris: NlriTable): string[] {
  switch (stanza.kind) {
    case 'open':
      return [
        stanza.id === '' ? 'stream open of an agent' : 'stream open, the answer of a control node',
        `  from ${stanza.from}`,
        `  to ${stanza.to}`,
        ...(stanza.id === '' ? [] : [`  id ${stanza.id}`]),
        ...(stanza.id === '' && stanza.xmlns !== '' ? [`  sub-cluster ${stanza.xmlns}`] : []),
      ];
    case 'keepalive':
      return ['keepalive'];
    case 'subscribe':
      return [
        `subscribe to instance ${stanza.instance}`,
        stanza.instanceId === -1
          ? '  no instance id: the first route closes the channel'
          : `  instance id ${stanza.instanceId}`,
        ...(stanza.noRibout ? ['  no-ribout: wants no routes'] : []),
      ];
    case 'unsubscribe':
      return [`unsubscribe from instance ${stanza.instance}`];
    case 'publish': {
      const count = stanza.itemCount;
      const head =
        count === 0
          ? 'publish without items: End-of-RIB once its collection comes'
          : 'publish, held until its collection comes';
      return [
        head,
        `  node ${stanza.node}`,
        ...nodeLines(stanza.node, count),
        ...stanza.items.flatMap((item) => itemLines(item, nlris)),
      ];
    }
    case 'collection':
      return [`${stanza.associate ? 'add' : 'delete'} in instance ${stanza.instance}`, `  node ${stanza.node}`];
    case 'route':
      return [
        `${stanza.add ? 'add' : 'delete'} in instance ${stanza.instance}`,
        ...(stanza.itemCount === 0 ? ['  no item: End-of-RIB'] : []),
        ...stanza.items.slice(0, 1).flatMap((item) => itemLines(item, nlris)),
      ];
    case 'config-subscribe':
    case 'config-unsubscribe': {
      const verb = stanza.kind === 'config-subscribe' ? 'subscribe to' : 'unsubscribe from';
      return [`${verb} the configuration of ${stanza.object === 'other' ? '' : `${stanza.object} `}${stanza.name}`];
    }
    case 'reach':
      return [
        `${counted(stanza.items.length, 'route')} of ${stanza.table.instance}, family ${stanza.table.afi}/${stanza.table.safi}`,
        ...stanza.items.flatMap((item) => itemLines(item, nlris)),
      ];
    case 'unreach':
      return [
        `${counted(stanza.nlris.length, 'route')} gone from ${stanza.table.instance}, family ${stanza.table.afi}/${stanza.table.safi}`,
        ...stanza.nlris.map((nlri) => `  ${itemId(nlri, nlris)}`),
      ];
    case 'end-of-rib':
      return ['End-of-RIB'];
    case 'config': {
      const lines = ['configuration'];
      for (const run of stanza.runs) {
        for (const object of run.objects) lines.push(`  ${run.action} ${objectText(object)}`);
      }
      return lines;
    }
    case 'other':
      return [`${stanza.name} that is ignored: ${stanza.what}`];
    case 'malformed':
      return [`malformed, closes the connection: ${stanza.fault}`];
  }
}

function nodeLines(node: string, itemCount: number): string[] {
  const { afi, safi, primaryInstanceId } = readItemNode(node);
  const lines: string[] = [];
  if (afi !== 1 || safi !== 1) lines.push(`  family ${afi}/${safi}: ${counted(itemCount, 'item')} not read`);
  if (primaryInstanceId !== null) lines.push(`  primary instance id ${primaryInstanceId}`);
  return lines;
}

function itemLines(item: UnicastItem | null, nlris: NlriTable): string[] {
  if (item === null) return ['  an item that does not decode'];
  const lines = [`  ${item.nlri === NO_NLRI ? 'a prefix that does not parse' : itemId(item.nlri, nlris)}`];
  const add = (text: string) => lines.push(`    ${text}`);
  for (const hop of item.nextHops) add(hopText(hop));
  if (item.virtualNetwork !== '') add(`virtual network ${item.virtualNetwork}`);
  if (item.sequence !== 0) add(`sequence ${item.sequence}${item.sticky ? ', sticky' : ''}`);
  if (item.securityGroups.length > 0) add(`security groups ${item.securityGroups.join(' ')}`);
  if (item.communities.length > 0) add(`communities ${item.communities.join(' ')}`);
  add(item.localPreference === 0 ? 'no local preference' : `local preference ${item.localPreference}`);
  if (item.med !== 0) add(`med ${item.med}`);
  if (item.loadBalance !== null) {
    const fields = item.loadBalance.fields.length === 0 ? '' : ` over ${item.loadBalance.fields.join(' ')}`;
    add(`load balance by ${item.loadBalance.decision}${fields}`);
  }
  if (item.subProtocol !== '') add(`sub-protocol ${item.subProtocol}`);
  return lines;
}

function hopText(hop: ItemNextHop): string {
  const words = [`next hop ${hop.address === 0 ? 'missing' : formatIpv4(hop.address)}`, `label ${hop.label}`];
  if (hop.mac === BAD_MAC) words.push('a mac that does not parse');
  else if (hop.mac !== 0) words.push(`mac ${formatMac(hop.mac)}`);
  if (hop.vni !== 0) words.push(`vni ${hop.vni}`);
  if (hop.encapsulations.length > 0) words.push(`encapsulations ${hop.encapsulations.join(' ')}`);
  if (hop.virtualNetwork !== '') words.push(`network ${hop.virtualNetwork}`);
  if (hop.tags.length > 0) words.push(`tags ${hop.tags.join(' ')}`);
  if (hop.localSequence !== 0) words.push(`local sequence ${hop.localSequence}`);
  return words.join(', ');
}

function objectText(object: ConfigObject): string {
  if (object.kind === 'node') return `${object.type} ${object.name}`;
  return `link ${object.metadata}: ${objectText(object.left)} to ${objectText(object.right)}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
