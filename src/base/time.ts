/**
 * Virtual time: an integer count of microseconds since the start of the run, exact in a double for 285 years.
 * People see milliseconds and seconds.
 */
import { broken } from './invariant.ts';

declare const virtualUsBrand: unique symbol;
/** A moment or a duration in virtual microseconds. */
export type VirtualUs = number & { readonly [virtualUsBrand]: 'us' };

export const NEVER = Number.MAX_SAFE_INTEGER as VirtualUs;

export function virtualUs(us: number): VirtualUs {
  if (!Number.isSafeInteger(us) || us < 0) broken(`virtual time is a whole number of microseconds, not ${us}`);
  return us as VirtualUs;
}

export function milliseconds(ms: number): VirtualUs {
  return virtualUs(Math.round(ms * 1_000));
}

export function seconds(s: number): VirtualUs {
  return virtualUs(Math.round(s * 1_000_000));
}

export function later(moment: VirtualUs, delay: VirtualUs): VirtualUs {
  return virtualUs(moment + delay);
}

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };

/** Reads `4ms`, `12.5s`, `90s`, `2m`, `1h`; null when the text is not a duration. */
export function parseDuration(text: string): VirtualUs | null {
  const match = /^(\d+(?:\.\d+)?)\s*(us|ms|s|m|h)$/.exec(text.trim());
  if (match === null) return null;
  const us = Math.round(Number(match[1]) * UNIT_US[match[2]!]!);
  return Number.isSafeInteger(us) ? (us as VirtualUs) : null;
}

/** `0 us`, `350 us`, `4.2 ms`, `12.5 s`, `95 s`: at most three decimals, no trailing zeros. */
export function formatDuration(us: VirtualUs): string {
  if (us < 1_000) return `${us} us`;
  if (us < 1_000_000) return `${trimmed(us / 1_000)} ms`;
  return `${trimmed(us / 1_000_000)} s`;
}

function trimmed(value: number): string {
  return value.toFixed(3).replace(/\.?0+$/, '');
}
