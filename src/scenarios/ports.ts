/** Ports as people write them: `tcp/5432`, `udp/53`, `icmp`, `tcp/any`. */

const PROTOCOLS: Readonly<Record<string, number | null>> = { any: null, icmp: 1, tcp: 6, udp: 17, sctp: 132 };

export interface PortWord {
  /** IP protocol number; null: any protocol. */
  readonly protocol: number | null;
  /** null: any port, or a protocol without ports. */
  readonly port: number | null;
}

export function parsePortWord(text: string): PortWord | null {
  const match = /^([a-z]+|\d{1,3})(?:\/(any|\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const protocol = /^\d/.test(match[1]!) ? Number(match[1]) : PROTOCOLS[match[1]!];
  if (protocol === undefined || (protocol !== null && protocol > 255)) return null;
  if (match[2] === undefined || match[2] === 'any') return { protocol, port: null };
  const port = Number(match[2]);
  return protocol !== null && port <= 65535 ? { protocol, port } : null;
}

export function formatPortWord(word: PortWord): string {
  const protocol = protocolName(word.protocol);
  return word.port === null ? protocol : `${protocol}/${word.port}`;
}

export function protocolName(protocol: number | null): string {
  for (const [name, number] of Object.entries(PROTOCOLS)) if (number === protocol) return name;
  return String(protocol);
}
