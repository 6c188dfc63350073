/** What we use of a package that brings no types. */
declare module '@xmpp/xml/lib/parse.js' {
  export interface Element {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string>>;
    getChild(name: string): Element | undefined;
  }
  // biome-ignore lint/style/noDefaultExport: the package exports it so
  export default function parse(text: string): Element;
}
