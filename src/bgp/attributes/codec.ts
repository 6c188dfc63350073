/** What a path attribute's codec is: one small object each, decode and encode side by side. */
import type { OctetReader, OctetWriter } from '../../base/bytes.ts';
import type { PathAttributes } from '../../route/attributes.ts';
import type { Octets8Table } from '../../route/octets8-table.ts';

/** Attribute flags (RFC 4271 §4.3). */
export const FLAG = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const;
export const WELL_KNOWN = FLAG.transitive;
export const OPTIONAL_TRANSITIVE = FLAG.optional | FLAG.transitive;
export const OPTIONAL = FLAG.optional;

/** The attributes of a message while they are read; parts that are not on the wire keep their defaults. */
export type Draft = { -readonly [Field in keyof PathAttributes]: PathAttributes[Field] };

export interface AttributeContext {
  /** AS_PATH and AGGREGATOR hold 4-octet numbers (RFC 6793). */
  readonly fourOctetAs: boolean;
  readonly octets8: Octets8Table;
}

export interface AttributeCodec {
  readonly code: number;
  readonly name: string;
  readonly flags: number;
  /** Whether a value may have so many octets. */
  readonly fits: (length: number, context: AttributeContext) => boolean;
  /** Reads the value; returns 0, or the UPDATE error subcode it deserves. */
  readonly decode: (from: OctetReader, into: Draft, context: AttributeContext) => number;
  /** Whether a set has the attribute. */
  readonly has: (attributes: PathAttributes, context: AttributeContext) => boolean;
  readonly encode: (to: OctetWriter, attributes: PathAttributes, context: AttributeContext) => void;
}

export const exactly =
  (octets: number) =>
  (length: number): boolean =>
    length === octets;

export const multipleOf =
  (octets: number) =>
  (length: number): boolean =>
    length % octets === 0;
