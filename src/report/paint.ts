/** Colours as meanings; the terminal that is handed in decides whether they show. */

export interface Painter {
  good(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

export const PLAIN: Painter = {
  good: (text) => text,
  bad: (text) => text,
  faint: (text) => text,
  strong: (text) => text,
};
