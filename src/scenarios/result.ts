/** What a played scenario says: plain data that every face prints and `--json` writes (stable, documented in docs/json.md). */
import type { Diagnostic, SourceSpan } from '../base/result.ts';
import type { VirtualUs } from '../base/time.ts';
import type { Finding } from '../verify/finding.ts';
import type { MatrixCell } from '../verify/matrix.ts';

export interface RunResult {
  readonly scenario: string;
  readonly file: string;
  readonly seed: number;
  readonly wire: boolean;
  readonly topology: Topology;
  readonly steps: readonly StepResult[];
  readonly convergence: Convergence;
  readonly matrix: ReachabilityMatrix | null;
  readonly findings: readonly Finding[];
  /** What templates and manifests say and the run does not model, by name, line and consequence. */
  readonly remarks: readonly Diagnostic[];
  readonly verdict: Verdict;
}

export interface Topology {
  readonly clusters: readonly {
    readonly name: string;
    readonly asn: number;
    readonly controlNodes: number;
    readonly vrouters: number;
    readonly networks: number;
    readonly workloads: number;
  }[];
  readonly gateways: readonly string[];
  readonly nodes: number;
  readonly agents: number;
  readonly speakers: number;
}

export interface StepResult {
  /** Counting from 1, as in the file. */
  readonly number: number;
  /** What it does, in words: `start all`, `crash ctl-k8s-1`, `expect`. */
  readonly title: string;
  readonly at: SourceSpan;
  readonly startedAt: VirtualUs;
  readonly endedAt: VirtualUs;
  /** The last table change since the previous step; null when there was none. */
  readonly convergedAt: VirtualUs | null;
  readonly expectations: readonly ExpectationResult[];
}

export interface ExpectationResult {
  readonly claim: string;
  /** The claim in words: `pod:default/leonardo-* reaches vm:leonardo/PostgreSQL-* tcp/5432`. */
  readonly text: string;
  readonly at: SourceSpan;
  readonly passed: boolean;
  /** What was found: how many pairs held, or precisely which did not and why. */
  readonly found: string;
  /** The virtual instant at which it was decided. */
  readonly decidedAt: VirtualUs;
}

export interface Convergence {
  /** The last RIB or FIB change before the last quiescence. */
  readonly convergedAt: VirtualUs;
  readonly endedAt: VirtualUs;
  readonly events: number;
  /** Contractual counters, summed over nodes; by name. */
  readonly counters: Readonly<Record<string, number>>;
  readonly messages: { readonly bgp: number; readonly xmpp: number };
  readonly octets: { readonly bgp: number; readonly xmpp: number };
  readonly routes: { readonly controlNodes: number; readonly agents: number; readonly gateways: number };
  readonly stateHash: string;
}

export interface ReachabilityMatrix {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** One list a row, one cell a column. */
  readonly cells: readonly (readonly MatrixCell[])[];
}

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly sentence: string;
}
