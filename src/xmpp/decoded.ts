/** What a frame of a stream says: known forms by their scanners, all others by the general reader. */
import type { NlriTable } from '../route/nlri.ts';
import { keepaliveMessage, stanzaDigest } from './message.ts';
import { readOpen } from './reader.ts';
import { scanStanza } from './scan.ts';
import { KEEPALIVE, type MalformedStanza, malformed, type Stanza } from './stanza.ts';
import type { Frame, ScannedFrame } from './stream.ts';

/** What was decoded, before anything is done about it; for the record of `--wire`. */
export interface DecodedStanza {
  readonly stanza: Stanza | MalformedStanza;
  readonly size: number;
  /** 32 bits about what it says; 0 of what is malformed. */
  readonly digest: number;
}

export function decodedOf(frame: Frame | ScannedFrame, nlris: NlriTable): DecodedStanza {
  switch (frame.kind) {
    case 'fault':
      return { stanza: malformed(frame.fault), size: 0, digest: 0 };
    case 'scanned':
      return frame.scanned;
    case 'keepalive':
      return { stanza: KEEPALIVE, size: frame.size, digest: keepaliveMessage().digest };
    default: {
      const stanza = frame.kind === 'open' ? readOpen(frame.text) : scanStanza(frame.text, nlris);
      return { stanza, size: frame.size, digest: stanza.kind === 'malformed' ? 0 : stanzaDigest(stanza, nlris) };
    }
  }
}
