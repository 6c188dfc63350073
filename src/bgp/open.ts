/** OPEN (RFC 4271 §4.2, RFC 5492): version, AS, hold time, identifier and what is offered. */
import { type OctetReader, OctetWriter, OutOfOctets } from '../base/bytes.ts';
import { ipv4 } from '../net/ipv4.ts';
import { type Capability, decodeCapability, encodeCapability } from './capability.ts';
import type { OpenMessage } from './message.ts';
import { ERROR, type Malformed, malformed, OPEN_ERROR } from './notification.ts';

const VERSION = 4;
const PARAMETER_CAPABILITIES = 2;
const PARAMETER_OCTETS_MAX = 255;

/** As many capabilities to a parameter as fit. */
export function encodeOpen(to: OctetWriter, open: OpenMessage): void {
  to.u8(open.version);
  to.u16(open.asn);
  to.u16(open.holdTimeSeconds);
  to.u32(open.identifier);
  const lengthAt = to.length;
  to.u8(0);
  let parameterAt = -1;
  for (const capability of open.capabilities) {
    const one = new OctetWriter(64);
    encodeCapability(one, capability);
    if (parameterAt < 0 || to.length - parameterAt - 2 + one.length > PARAMETER_OCTETS_MAX) {
      parameterAt = to.length;
      to.u8(PARAMETER_CAPABILITIES);
      to.u8(0);
    }
    to.octets(one.peek());
    to.patchU8(parameterAt + 1, to.length - parameterAt - 2);
  }
  to.patchU8(lengthAt, to.length - lengthAt - 1);
}

/** The body of an OPEN; faults of CN-7.3.4 that need no knowledge of the neighbour. */
export function decodeOpen(from: OctetReader): OpenMessage | Malformed {
  try {
    const version = from.u8();
    if (version !== VERSION) {
      return malformed(
        ERROR.open,
        OPEN_ERROR.unsupportedVersion,
        `version ${version} is not ${VERSION}`,
        Uint8Array.of(VERSION),
      );
    }
    const asn = from.u16();
    const holdTimeSeconds = from.u16();
    if (holdTimeSeconds === 1 || holdTimeSeconds === 2) {
      return malformed(ERROR.open, OPEN_ERROR.unacceptableHoldTime, `a hold time of ${holdTimeSeconds} s is too short`);
    }
    const identifier = ipv4(from.u32());
    const parameters = from.sub(from.u8());
    if (from.remaining > 0) return cutShort();
    const capabilities: Capability[] = [];
    while (parameters.remaining > 0) {
      const type = parameters.u8();
      const parameter = parameters.sub(parameters.u8());
      if (type !== PARAMETER_CAPABILITIES) {
        return malformed(ERROR.open, OPEN_ERROR.unsupportedParameter, `optional parameter ${type} is unknown`);
      }
      while (parameter.remaining > 0) {
        const code = parameter.u8();
        capabilities.push(decodeCapability(code, parameter.take(parameter.u8())));
      }
    }
    return { kind: 'open', version, asn, holdTimeSeconds, identifier, capabilities };
  } catch (error) {
    if (error instanceof OutOfOctets) return cutShort();
    throw error;
  }
}

/** RFC 5492 §5: a malformed parameter has the unspecific subcode. */
function cutShort(): Malformed {
  return malformed(ERROR.open, 0, 'the optional parameters are cut short');
}
