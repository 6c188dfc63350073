/** What nobody asked for and everybody should know: leaks, conflicts, colliding numbers. */
import type { SourceSpan } from '../base/result.ts';

export interface Finding {
  readonly kind: 'leak' | 'conflict' | 'collision';
  /** One sentence that names what, where and by which link. */
  readonly sentence: string;
  /** Prefixes concerned, in order. */
  readonly prefixes: readonly string[];
  /** The route target the path came by, if one did. */
  readonly target: string | null;
  /** Networks concerned, `cluster/project/network`: the origin first. */
  readonly networks: readonly string[];
  readonly clusters: readonly string[];
  /** Instances that hold what they should not. */
  readonly instances: readonly string[];
  /** The link that brought it: `target target:64512:8000004`, `connection by policy default-domain:default:memcached`. */
  readonly link: string;
  /** Places of the configuration that causes it. */
  readonly causes: readonly SourceSpan[];
}
