/**
 * The words every part of the scenario language uses: durations, addresses, targets, selectors. Each says in one
 * sentence what would be right, because that sentence is what its author sees.
 */
import * as z from 'zod';
import { parseDuration, seconds } from '../../base/time.ts';
import { parseAsn } from '../../net/asn.ts';
import { parseIpv4 } from '../../net/ipv4.ts';
import { formatPrefix, parsePrefix, prefixOf } from '../../net/prefix.ts';
import { parseRouteDistinguisher } from '../../net/route-distinguisher.ts';
import { parseRouteTarget } from '../../net/route-target.ts';
import { parseCommunity } from '../../route/community.ts';
import { parseExtendedCommunity } from '../../route/extended-community.ts';
import { parsePortWord } from '../ports.ts';

/** Text that `valid` accepts; `right` tells what would be right. */
function word(
  id: string,
  pattern: string,
  valid: (text: string) => boolean,
  right: string,
  description: string,
  ...examples: string[]
) {
  return z.string({ error: right }).refine(valid, { error: right }).meta({ id, pattern, description, examples });
}

/** The same for words whose faults can be told more precisely: `fault` is null for a right one. */
function judgedWord(
  id: string,
  pattern: string,
  faultOf: (text: string) => string | null,
  right: string,
  description: string,
  ...examples: string[]
) {
  return z
    .string({ error: right })
    .refine((text) => faultOf(text) === null, { error: (issue) => faultOf(String(issue.input)) ?? right })
    .meta({ id, pattern, description, examples });
}

/** A key that must be there, with what it means and how it may look. */
export function needed<T extends z.ZodType>(schema: T, description: string, ...examples: unknown[]): T {
  return schema.meta(examples.length === 0 ? { description } : { description, examples });
}

/** A key that may be left out. What then holds is the last sentence of its description: `Unless said: ...`. */
export function maybe<T extends z.ZodType>(schema: T, description: string, ...examples: unknown[]): z.ZodOptional<T> {
  return needed(schema, description, ...examples).optional();
}

const RIGHT_DURATION = 'a duration is a number with a unit, such as 4ms, 90s or 2m';
/** Longer rehearsals are slips of a unit. */
const DURATION_MAX = seconds(365 * 24 * 3_600);

function durationFault(text: string): string | null {
  const duration = parseDuration(text);
  if (duration !== null) return duration <= DURATION_MAX ? null : 'a duration is a year at most, 8760h';
  return RIGHT_DURATION;
}

export const duration = judgedWord(
  'duration',
  '^\\d+(\\.\\d+)?\\s*(us|ms|s|m|h)$',
  durationFault,
  RIGHT_DURATION,
  'A duration in virtual time: a number with us, ms, s, m or h.',
  '4ms',
  '90s',
  '2m',
);

/** Sessions count seconds in 16 bits (RFC 4271 §4.2). */
function isHoldTime(text: string): boolean {
  const us = parseDuration(text);
  return us !== null && us % 1_000_000 === 0 && us <= 65_535_000_000;
}

export const holdTime = word(
  'holdTime',
  '^\\d+(\\.\\d+)?\\s*(ms|s|m|h)$',
  isHoldTime,
  'a hold time is a whole number of seconds up to 65535s, such as 90s or 3m',
  'A hold time: whole seconds.',
  '90s',
  '3m',
);

export const address = word(
  'address',
  '^\\d{1,3}(\\.\\d{1,3}){3}$',
  (text) => parseIpv4(text) !== null,
  'an address is a dotted quad, such as 192.168.0.1',
  'An IPv4 address.',
  '192.168.0.1',
);

const RIGHT_PREFIX = 'a prefix is an address and a length up to 32, such as 10.0.100.0/24';

function prefixFault(text: string): string | null {
  const read = parsePrefix(text);
  if (typeof read === 'object') return null;
  if (read !== 'host-bits') return RIGHT_PREFIX;
  const [address, length] = text.split('/');
  return `${text} has host bits; the prefix is ${formatPrefix(prefixOf(parseIpv4(address!)!, Number(length)))}`;
}

export const prefix = judgedWord(
  'prefix',
  '^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$',
  prefixFault,
  RIGHT_PREFIX,
  'An IPv4 prefix without host bits.',
  '10.0.100.0/24',
);

function isRouteKey(text: string): boolean {
  if (text === '0:0') return true;
  const interest = /^\d{1,10}:(target:.+)$/.exec(text);
  if (interest !== null) return parseRouteTarget(interest[1]!) !== null;
  const colon = text.lastIndexOf(':');
  if (typeof parsePrefix(text.slice(colon + 1)) !== 'object') return false;
  return colon < 0 || parseRouteDistinguisher(text.slice(0, colon)) !== null;
}

/** A name where a prefix may stand too: what looks like a prefix must be one. */
export const prefixOrName = z.string().refine((text) => !/^[\d.]+\//.test(text) || prefixFault(text) === null, {
  error: (issue) => prefixFault(String(issue.input)) ?? RIGHT_PREFIX,
});

/** A prefix of any table: `10.1.1.1/32`, or with a route distinguisher `192.168.1.1:1:10.1.1.1/32`. */
export const routeKey = word(
  'routeKey',
  '^[0-9.:a-zA-Z/]+$',
  isRouteKey,
  'a route is written as its table shows it: 10.1.1.1/32, 192.168.1.1:1:10.1.1.1/32, 64512:target:64512:8000000, or 0:0',
  'A route key as the table prints it.',
  '10.1.1.1/32',
  '192.168.1.1:1:10.1.1.1/32',
  '64512:target:64512:8000000',
);

const RIGHT_ASN = 'an AS number is a whole number from 1 to 4294967295, or two halves in quotes such as "1.10"';
const RIGHT_ROUTE_TARGET = 'a route target is written target:ASN:number, such as target:64512:100';

function routeTargetFault(text: string): string | null {
  if (parseRouteTarget(text) !== null) return null;
  const [, administrator, number] = /^target:([\d.]+)L?:(\d+)$/.exec(text) ?? [];
  if (administrator === undefined) return RIGHT_ROUTE_TARGET;
  const address = parseIpv4(administrator) !== null;
  if (!address && administrator.includes('.')) return RIGHT_ROUTE_TARGET;
  if (!address && parseAsn(administrator) === null) return 'the AS of a route target is a number from 1 to 4294967295';
  const wide = address || Number(administrator) > 0xffff || text.includes('L');
  const most = wide ? 0xffff : 0xffffffff;
  return `the number of ${text.slice(0, -number!.length)} goes up to ${most}`; // the pattern has one
}

export const routeTarget = judgedWord(
  'routeTarget',
  '^target:[^:]+:\\d+$',
  routeTargetFault,
  RIGHT_ROUTE_TARGET,
  'A route target (RFC 4360): target:ASN:number or target:address:number.',
  'target:64512:10000',
);

export const community = word(
  'community',
  '^[A-Za-z0-9:-]+$',
  (text) => parseCommunity(text) !== null,
  'a community is written 64512:100, or by its name, such as no-export or no-advertise',
  'A standard community (RFC 1997).',
  '64512:100',
  'no-export',
);

export const extendedCommunity = word(
  'extendedCommunity',
  '^[A-Za-z0-9:.-]+$',
  (text) => parseExtendedCommunity(text) !== null,
  'an extended community is written as tables show it: encapsulation:gre, secgroup:64512:8000001, originvn:64512:5, ' +
    'mobility:non-sticky:1, or its eight octets in hex after 0x',
  'An extended community (RFC 4360).',
  'encapsulation:gre',
  'originvn:64512:5',
);

export const asn = z
  .union(
    [
      z.number().int().min(1).max(0xffffffff),
      z.string().refine((text) => parseAsn(text) !== null, { error: RIGHT_ASN }),
    ],
    { error: RIGHT_ASN },
  )
  .meta({ id: 'asn', description: 'An autonomous system number.', examples: [64512] });

export const port = word(
  'port',
  '^(any|icmp|tcp|udp|sctp|\\d+)(/(any|\\d+))?$',
  (text) => parsePortWord(text) !== null,
  'a port is written protocol/number up to 65535, such as tcp/5432, or icmp',
  'Protocol and destination port: tcp/5432, udp/53, icmp.',
  'tcp/5432',
  'udp/53',
  'icmp',
);

/** `kind:[cluster/][project or namespace/]name`, globs allowed (design: names). */
export const selector = word(
  'selector',
  '^(vm|pod|service|fip|host|gateway|tenant|network|external):.+$',
  (text) => /^(vm|pod|service|fip|host|gateway|tenant|network|external):[^:\s]+$/.test(text),
  'a selector is written kind:[cluster/][project/]name, such as vm:openstack/leonardo/PostgreSQL-1; ' +
    'kinds are vm, pod, service, fip, host, gateway, tenant, network, external',
  'Who or what is meant: kind:[cluster/][project or namespace/]name, with * as a glob.',
  'vm:openstack/leonardo/PostgreSQL-*',
  'pod:default/nginx-1',
  'tenant:leonardo',
  'external:internet',
);

/** A single value where a list may stand too. */
export function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).min(1)]);
}

export const name = z
  .string({ error: 'a name is text' })
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, { error: 'a name has letters, digits, dots, dashes and underscores' })
  .meta({ id: 'name', description: 'A name: letters, digits, dots, dashes and underscores.', examples: ['ctl-1'] });

export const families = z
  .array(z.enum(['inet', 'inet-vpn', 'route-target']))
  .min(1)
  .meta({
    id: 'families',
    description: 'Address families of a BGP session.',
    examples: [['route-target', 'inet-vpn']],
  });

export const quirks = z
  .strictObject({
    Q1: maybe(z.boolean(), 'Of two paths with one sequence number the sticky one loses (CN-Q1). Unless said: true.'),
  })
  .meta({
    description: 'Quirks of the modelled release that can be turned off, by their number in the reference.',
    examples: [{ Q1: false }],
  });

/** A count, a list of names, or names with their addresses. */
export const members = z
  .union([z.number().int().min(1).max(100_000), z.array(name).min(1), z.record(name, address)], {
    error: 'give a count, a list of names, or a map from names to addresses',
  })
  .meta({
    id: 'members',
    description: 'A count, a list of names, or names with their underlay addresses.',
    examples: [2, ['ctl-1', 'ctl-2'], { 'ctl-1': '172.16.10.11' }],
  });
