/**
 * What a readable UPDATE must hold on a session of its kind (RFC 4271 §6.3, CN-7.4). The rest is checked where it is
 * decoded. Every fault ends the session: Contrail knows no treat-as-withdraw (RFC 7606, CN-7.4.1).
 */
import type { Family } from '../route/family.ts';
import type { RoutePool } from '../route/pool.ts';
import { ATTRIBUTE } from './attributes/codes.ts';
import type { UpdateMessage } from './message.ts';
import { ERROR, type Malformed, malformed, UPDATE_ERROR } from './notification.ts';

export function updateFault(update: UpdateMessage, internal: boolean, pool: RoutePool): Malformed | null {
  const { parts, present } = update;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.kind !== 'announce') continue;
    if (
      !internal &&
      hasAttribute(present, ATTRIBUTE.AS_PATH) &&
      (pool.attributes.commonOf(part.attributes).asPath?.length ?? 0) === 0
    ) {
      return malformed(ERROR.update, UPDATE_ERROR.malformedAsPath, 'an external peer sent an empty AS_PATH');
    }
    const mandatory = internal ? MANDATORY_INTERNAL : MANDATORY;
    for (let at = 0; at < mandatory.length; at++) {
      const { code, name } = mandatory[at]!;
      if (!hasAttribute(present, code)) {
        return malformed(ERROR.update, UPDATE_ERROR.missingWellKnown, `${name} is missing`, Uint8Array.of(code));
      }
    }
  }
  return null;
}

const MANDATORY: readonly { readonly code: number; readonly name: string }[] = [
  { code: ATTRIBUTE.ORIGIN, name: 'ORIGIN' },
  { code: ATTRIBUTE.AS_PATH, name: 'AS_PATH' },
];
const MANDATORY_INTERNAL = [...MANDATORY, { code: ATTRIBUTE.LOCAL_PREF, name: 'LOCAL_PREF' }];

function hasAttribute(present: number, code: number): boolean {
  return (present & (1 << code)) !== 0;
}

/** The update without the parts of families that were not agreed on. */
export function carriedOnly(update: UpdateMessage, families: readonly Family[]): UpdateMessage {
  for (let i = 0; i < update.parts.length; i++) {
    if (families.includes(update.parts[i]!.family)) continue;
    return { ...update, parts: update.parts.filter((part) => families.includes(part.family)) };
  }
  return update;
}
