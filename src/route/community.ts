/** Standard communities (RFC 1997) with Contrail's names (CN-3.6). */

export const COMMUNITY = {
  acceptOwn: 0xffff0001,
  llgrStale: 0xffff0006,
  noLlgr: 0xffff0007,
  acceptOwnNexthop: 0xffff0008,
  noReoriginate: 0xfffff000,
  noExport: 0xffffff01,
  noAdvertise: 0xffffff02,
  noExportSubconfed: 0xffffff03,
} as const;

const NAMES = new Map<string, number>([
  ['accept-own', COMMUNITY.acceptOwn],
  ['llgr-stale', COMMUNITY.llgrStale],
  ['no-llgr', COMMUNITY.noLlgr],
  ['accept-own-nexthop', COMMUNITY.acceptOwnNexthop],
  ['no-reoriginate', COMMUNITY.noReoriginate],
  ['no-export', COMMUNITY.noExport],
  ['no-advertise', COMMUNITY.noAdvertise],
  ['no-export-subconfed', COMMUNITY.noExportSubconfed],
]);
const TEXTS = new Map([...NAMES].map(([name, value]) => [value, name]));

/** A name or `A:N` with both below 65535; null when it is neither (CN-3.6.p1). */
export function parseCommunity(text: string): number | null {
  if (text === 'LlgrStale') return COMMUNITY.llgrStale;
  if (text === 'NoLlgr') return COMMUNITY.noLlgr;
  const named = NAMES.get(text);
  if (named !== undefined) return named;
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const as = Number(match[1]);
  const number = Number(match[2]);
  return as < 65535 && number < 65535 ? ((as << 16) | number) >>> 0 : null;
}

export function formatCommunity(community: number): string {
  return TEXTS.get(community) ?? `${community >>> 16}:${community & 0xffff}`;
}
