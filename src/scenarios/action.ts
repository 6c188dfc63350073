/**
 * A step after every name in it has been resolved: what a world can do without being able to complain.
 *
 * All steps are compiled before the first is played, so that a fault of the author's stops the run before it begins.
 */
import type { SourceSpan } from '../base/result.ts';
import type { VirtualUs } from '../base/time.ts';
import type { DerivedCluster } from '../config/derived.ts';
import type { ControlNodeChange } from '../control/control-config.ts';
import type { SpeakerAnnouncement } from '../gateway/announcement.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Ipv4Prefix } from '../net/prefix.ts';
import type { FamilyName } from '../route/family.ts';
import type { Directory } from '../world/directory.ts';
import type { Claim } from './claim.ts';

/** What a bare agent says of a series of prefixes: everything CN-2.5 lets an item hold. */
export interface PublishedItem {
  readonly instance: string;
  readonly prefixes: readonly Ipv4Prefix[];
  /** Empty: the agent's own address. */
  readonly nextHops: readonly Ipv4[];
  readonly label: number;
  readonly localPreference: number;
  readonly med: number;
  readonly sequence: number;
  readonly sticky: boolean;
  readonly encapsulations: readonly string[];
  readonly securityGroups: readonly number[];
  readonly communities: readonly string[];
  readonly virtualNetwork: string;
}

export type Action =
  | { readonly verb: 'power'; readonly change: 'start' | 'stop' | 'crash'; readonly nodes: readonly string[] }
  | {
      readonly verb: 'cut' | 'heal';
      readonly cut: 'sessions' | 'underlay';
      readonly between: readonly [string, string];
    }
  | { readonly verb: 'clear'; readonly between: readonly [string, string] }
  | { readonly verb: 'settle'; readonly limit: VirtualUs }
  | { readonly verb: 'configure'; readonly clusters: readonly DerivedCluster[] }
  | {
      readonly verb: 'instances';
      readonly changes: readonly { readonly node: string; readonly change: ControlNodeChange }[];
    }
  | {
      readonly verb: 'subscribe';
      readonly agents: readonly string[];
      readonly instance: string;
      /** One for each agent. */
      readonly ids: readonly number[];
      readonly noRibOut: boolean;
      readonly raw: boolean;
    }
  | {
      readonly verb: 'unsubscribe';
      readonly agents: readonly string[];
      readonly instance: string;
      readonly raw: boolean;
    }
  | {
      readonly verb: 'publish';
      readonly agents: readonly string[];
      readonly item: PublishedItem;
      readonly raw: boolean;
    }
  | {
      readonly verb: 'retract';
      readonly agents: readonly string[];
      readonly instance: string;
      readonly prefixes: readonly Ipv4Prefix[];
      readonly raw: boolean;
    }
  | { readonly verb: 'announce'; readonly speakers: readonly string[]; readonly announcement: SpeakerAnnouncement }
  | {
      readonly verb: 'withdraw';
      readonly speakers: readonly string[];
      readonly family: FamilyName;
      readonly keys: readonly string[];
    }
  | {
      readonly verb: 'endOfRib';
      readonly speakers: readonly string[];
      readonly agents: readonly string[];
      readonly family: FamilyName;
    }
  | { readonly verb: 'raw'; readonly from: string; readonly to: string | null; readonly octets: Uint8Array }
  | { readonly verb: 'checkpoint'; readonly name: string }
  | { readonly verb: 'expect'; readonly claims: readonly PlacedClaim[] };

export interface PlacedClaim {
  readonly claim: Claim;
  readonly text: string;
  readonly at: SourceSpan;
  /** Must hold by so long after the previous step, and still at quiescence. */
  readonly within: VirtualUs | null;
  /** Asked at this instant. */
  readonly instant: VirtualUs | null;
}

export interface CompiledStep {
  readonly number: number;
  readonly title: string;
  readonly at: SourceSpan;
  /** So long after the previous step's moment. */
  readonly after: VirtualUs | null;
  readonly instant: VirtualUs | null;
  readonly action: Action;
  /** Names as they are once the step is done. */
  readonly directory: Directory;
}
