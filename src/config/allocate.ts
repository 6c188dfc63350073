/**
 * Addresses as contrail-api gives them (OR-6.3): upwards on Neutron subnets, downwards on networks made through the
 * API; gateway, service address, network and broadcast addresses are never given.
 *
 * Addresses that the input asks for are taken before any are chosen, so an asked one never loses to a chosen one.
 */
import { type Diagnostic, fault, placeOf, type SourceSpan } from '../base/result.ts';
import { formatIpv4, type Ipv4, ipv4 } from '../net/ipv4.ts';
import { contains, formatPrefix, lastAddress } from '../net/prefix.ts';
import { SUBNET_LENGTH_MAX } from './checks.ts';
import type { FloatingIp, Interface, Subnet, VirtualNetwork } from './objects.ts';

export interface Allocation {
  /** By name of the interface, in the order of its addresses. */
  readonly interfaces: ReadonlyMap<string, readonly Ipv4[]>;
  /** By name of the floating IP. */
  readonly floatingIps: ReadonlyMap<string, Ipv4>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Holder {
  readonly what: string;
  readonly at: SourceSpan | null;
}

/** One subnet in one network, and who holds which of its addresses. */
interface SubnetPool {
  readonly network: string;
  readonly subnet: Subnet;
  readonly held: Map<number, Holder>;
  /** The next address to try, by range of the pool. */
  readonly cursors: { next: number; readonly end: number }[];
}

type Choice = { readonly pool: SubnetPool; readonly address: Ipv4 };

export function allocate(
  networks: readonly VirtualNetwork[],
  interfaces: readonly Interface[],
  floatingIps: readonly FloatingIp[],
  kept: {
    readonly interfaces: ReadonlyMap<string, readonly Ipv4[]>;
    readonly floatingIps: ReadonlyMap<string, Ipv4>;
  } = { interfaces: new Map(), floatingIps: new Map() },
): Allocation {
  const diagnostics: Diagnostic[] = [];
  const poolsOf = new Map<string, SubnetPool[]>();
  const poolOfSubnet = new Map<string, SubnetPool>();
  for (const network of networks) {
    const pools = network.subnets.map((subnet) => newPool(network.name, subnet));
    poolsOf.set(network.name, pools);
    for (const pool of pools) poolOfSubnet.set(pool.subnet.uuid, pool);
  }

  const given = new Map<string, (Ipv4 | null)[]>();
  for (const one of interfaces) {
    const before = kept.interfaces.get(one.name) ?? [];
    const pools = poolsOf.get(one.network) ?? [];
    given.set(
      one.name,
      one.addresses.map(({ address, subnet, at }, index) => {
        const wanted = address ?? before[index] ?? null;
        if (wanted === null) return null;
        const home = pools.find((pool) => contains(pool.subnet.prefix, wanted));
        const holder = { what: `interface ${one.name}`, at: at ?? one.at };
        if (home === undefined) {
          if (address === null) return null; // kept from a subnet that is gone
          diagnostics.push(outside(holder, wanted, one.network, pools));
          return null;
        }
        if (!claim(home, wanted, holder, diagnostics)) return null;
        const registry = subnet === null ? undefined : poolOfSubnet.get(subnet);
        if (registry !== undefined && registry !== home && contains(registry.subnet.prefix, wanted)) {
          claim(registry, wanted, holder, diagnostics);
        }
        return wanted;
      }),
    );
  }
  const floating = new Map<string, Ipv4>();
  for (const one of floatingIps) {
    const wanted = one.address ?? kept.floatingIps.get(one.name) ?? null;
    if (wanted === null) continue;
    const pools = poolsOf.get(one.network) ?? [];
    const home = pools.find((pool) => contains(pool.subnet.prefix, wanted));
    const holder = { what: `floating IP ${one.name}`, at: one.at };
    if (home === undefined) {
      if (one.address !== null) diagnostics.push(outside(holder, wanted, one.network, pools));
    } else if (claim(home, wanted, holder, diagnostics)) floating.set(one.name, wanted);
  }

  const resolved = new Map<string, readonly Ipv4[]>();
  for (const one of interfaces) {
    const addresses: Ipv4[] = [];
    const own = poolsOf.get(one.network) ?? [];
    for (const [index, slot] of one.addresses.entries()) {
      let address = given.get(one.name)?.[index] ?? null;
      if (address === null && slot.address === null) {
        const holder = { what: `interface ${one.name}`, at: slot.at ?? one.at };
        address = choose(own, slot.subnet, poolOfSubnet, holder, one.network, diagnostics);
      }
      if (address !== null) addresses.push(address);
    }
    resolved.set(one.name, addresses);
  }
  for (const one of floatingIps) {
    if (one.address !== null || floating.has(one.name)) continue;
    const holder = { what: `floating IP ${one.name}`, at: one.at };
    const address = choose(poolsOf.get(one.network) ?? [], null, poolOfSubnet, holder, one.network, diagnostics);
    if (address !== null) floating.set(one.name, address);
  }
  return { interfaces: resolved, floatingIps: floating, diagnostics: onceAPlace(diagnostics) };
}

/** Those of one place that find the same subnet full are one fault, and a count. */
function onceAPlace(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const kept: { readonly first: Diagnostic; more: number }[] = [];
  const full = new Map<string, (typeof kept)[number]>();
  for (const one of diagnostics) {
    const key = `${placeOf(one.at)} ${one.message.slice(one.message.indexOf(', because '))}`;
    const before = one.code === 'subnet-full' ? full.get(key) : undefined;
    if (before !== undefined) before.more++;
    else {
      const entry = { first: one, more: 0 };
      kept.push(entry);
      if (one.code === 'subnet-full') full.set(key, entry);
    }
  }
  return kept.map(({ first, more }) =>
    more === 0 ? first : { ...first, message: `${first.message}; nor do ${more} more like it` },
  );
}

/** Takes the next free address; in a registry of another network it must be free in both (OR-1.2/4, OR-1.3.1). */
function choose(
  own: readonly SubnetPool[],
  subnet: string | null,
  poolOfSubnet: ReadonlyMap<string, SubnetPool>,
  holder: Holder,
  network: string,
  diagnostics: Diagnostic[],
): Ipv4 | null {
  const asked = subnet === null ? undefined : poolOfSubnet.get(subnet);
  const pools = asked === undefined ? own : [asked];
  if (pools.length === 0) {
    diagnostics.push({
      severity: 'warning',
      code: 'no-subnet',
      at: holder.at,
      message: `${holder.what} gets no address, because network ${network} has no subnet`,
    });
    return null;
  }
  const choice = nextFree(pools, own);
  if (choice === null) {
    if (pools.every(({ subnet }) => subnet.prefix.length > SUBNET_LENGTH_MAX)) return null; // the checks tell of it
    const where = pools.map((pool) => formatPrefix(pool.subnet.prefix)).join(', ');
    diagnostics.push(
      fault(holder.at, 'subnet-full', `${holder.what} gets no address, because ${where} has none free any more`),
    );
    return null;
  }
  choice.pool.held.set(choice.address, holder);
  for (const pool of own) if (contains(pool.subnet.prefix, choice.address)) pool.held.set(choice.address, holder);
  return choice.address;
}

function nextFree(pools: readonly SubnetPool[], alsoFreeIn: readonly SubnetPool[]): Choice | null {
  for (const pool of pools) {
    const step = pool.subnet.order === 'ascending' ? 1 : -1;
    for (const cursor of pool.cursors) {
      for (; step > 0 ? cursor.next <= cursor.end : cursor.next >= cursor.end; cursor.next += step) {
        const address = cursor.next;
        if (pool.held.has(address) || alsoFreeIn.some((other) => other.held.has(address))) continue;
        return { pool, address: ipv4(address) };
      }
    }
  }
  return null;
}

function claim(pool: SubnetPool, address: Ipv4, holder: Holder, diagnostics: Diagnostic[]): boolean {
  const before = pool.held.get(address);
  if (before === undefined) {
    pool.held.set(address, holder);
    return true;
  }
  const since = before.at === null ? before.what : `${before.what} (${placeOf(before.at)})`;
  diagnostics.push(
    fault(
      holder.at,
      'address-in-use',
      `${holder.what} asks for ${formatIpv4(address)}, which is taken by ${since} in network ${pool.network}`,
    ),
  );
  return false;
}

function outside(holder: Holder, address: Ipv4, network: string, pools: readonly SubnetPool[]): Diagnostic {
  const where = pools.map((pool) => formatPrefix(pool.subnet.prefix)).join(', ');
  return fault(
    holder.at,
    'address-outside',
    `${holder.what} asks for ${formatIpv4(address)}, but network ${network} has ${where === '' ? 'no subnet' : where}`,
  );
}

function newPool(network: string, subnet: Subnet): SubnetPool {
  const held = new Map<number, Holder>();
  const first = subnet.prefix.address;
  const last = lastAddress(subnet.prefix);
  held.set(first, { what: 'the subnet itself', at: subnet.at });
  held.set(last, { what: 'broadcast', at: subnet.at });
  held.set(subnet.dns, { what: 'the DNS service', at: subnet.at });
  if (subnet.gateway !== null) held.set(subnet.gateway, { what: 'the gateway', at: subnet.at });
  const ranges = subnet.pools.length === 0 ? [{ first, last }] : subnet.pools;
  const cursors =
    subnet.order === 'ascending'
      ? ranges.map((range) => ({ next: range.first as number, end: range.last as number }))
      : ranges.map((range) => ({ next: range.last as number, end: range.first as number })).reverse();
  return { network, subnet, held, cursors };
}
