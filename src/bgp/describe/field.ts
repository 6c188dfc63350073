/** A field of a message as it is told to people. */

/** A field of a message, and what it is made of. */
export interface Described {
  readonly name: string;
  readonly value: string;
  /** The section that defines it; empty where the name says it all. */
  readonly reference: string;
  /** Index of its first octet in the input. */
  readonly at: number;
  readonly octets: number;
  readonly parts: readonly Described[];
}

export function field(
  name: string,
  value: string,
  reference: string,
  at: number,
  octets: number,
  parts: readonly Described[] = [],
): Described {
  return { name, value, reference, at, octets, parts };
}
