/** A table of a node, told to people and to programs. */
export interface Shown {
  readonly text: string;
  /** Plain data, stable (docs/json.md). */
  readonly json: unknown;
}
