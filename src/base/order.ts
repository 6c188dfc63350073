/** Total orders that do not know a locale. */

/** By UTF-16 code unit, as the language compares strings. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function byNumber(a: number, b: number): number {
  return a - b;
}
