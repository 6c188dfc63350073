/**
 * Objects of configuration as a control node tells an agent of them (CN-2.11.2): nodes and the links between them, how
 * they are written, and how they are packed into messages. What they hold is handed over in process.
 *
 * An object that many messages name is made once, by {@link configNode} or {@link configLink}, with its figures beside
 * it; one that was read has none, and they are worked out when somebody asks.
 */
import { Digest } from '../base/digest.ts';
import { type Word, wordOf } from './words.ts';
import { escapedSize, escapeXml } from './xml.ts';

/** What a message wants to know of an object: octets of its text, and 32 bits about what it says. */
interface Figures {
  readonly size: number;
  readonly digest: number;
}

export interface ConfigNode {
  readonly kind: 'node';
  /** `virtual-machine-interface`, ... */
  readonly type: string;
  readonly name: string;
  readonly figures?: Figures;
}

export interface ConfigLink {
  readonly kind: 'link';
  readonly left: ConfigNode;
  readonly right: ConfigNode;
  readonly metadata: string;
  readonly figures?: Figures;
}

export type ConfigObject = ConfigNode | ConfigLink;

/** Objects updated or deleted, in one run (CN-2.11.2). */
export interface ConfigRun {
  readonly action: 'update' | 'delete';
  readonly objects: readonly ConfigObject[];
}

export interface ConfigMessage {
  readonly kind: 'config';
  readonly runs: readonly ConfigRun[];
}

/** A node with its figures. `type` is a word of which there are few, `name` of which there are many. */
export function configNode(type: string, name: string): ConfigNode {
  return { kind: 'node', type, name, figures: nodeFigures(type, name) };
}

/** A link with its figures; `metadata` is a {@link wordOf}. */
export function configLink(left: ConfigNode, right: ConfigNode, metadata: Word): ConfigLink {
  return { kind: 'link', left, right, metadata: metadata.text, figures: linkFigures(left, right, metadata) };
}

export function figuresOf(object: ConfigObject): Figures {
  if (object.figures !== undefined) return object.figures;
  if (object.kind === 'node') return nodeFigures(object.type, object.name);
  return linkFigures(object.left, object.right, wordOf(object.metadata));
}

const NODE = 6;
const LINK = 7;
const NODE_SIZE = '<node type=""><name></name></node>'.length;
const LINK_SIZE = '<link><metadata type="" /></link>'.length;

function nodeFigures(type: string, name: string): Figures {
  const word = wordOf(type);
  const digest = new Digest().int(NODE).int(word.mark).text(name).short();
  return { size: NODE_SIZE + word.size + escapedSize(name), digest: digest | 0 };
}

function linkFigures(left: ConfigNode, right: ConfigNode, metadata: Word): Figures {
  const [from, to] = [figuresOf(left), figuresOf(right)];
  const digest = new Digest().int(LINK).int(from.digest).int(to.digest).int(metadata.mark).short();
  return { size: LINK_SIZE + metadata.size + from.size + to.size, digest: digest | 0 };
}

/** A config message after its head. */
export function configBody(message: ConfigMessage): string {
  let text = '<config>';
  for (const run of message.runs) {
    text += `<${run.action}>`;
    for (const object of run.objects) {
      if (object.kind === 'node') text += nodeText(object);
      else {
        text += `<link>${nodeText(object.left)}${nodeText(object.right)}`;
        text += `<metadata type="${escapeXml(object.metadata)}" /></link>`;
      }
    }
    text += `</${run.action}>`;
  }
  return `${text}</config></iq>`;
}

function nodeText(node: ConfigNode): string {
  return `<node type="${escapeXml(node.type)}"><name>${escapeXml(node.name)}</name></node>`;
}

/** Octets of {@link configBody} without making it. */
export function configBodySize(message: ConfigMessage): number {
  let size = '<config></config></iq>'.length;
  for (const { action, objects } of message.runs) {
    size += '<></>'.length + 2 * action.length;
    for (const object of objects) size += figuresOf(object).size;
  }
  return size;
}

/** Mixes what a message says into a digest. */
export function configInto(digest: Digest, message: ConfigMessage): Digest {
  digest.int(message.runs.length);
  for (const { action, objects } of message.runs) {
    digest.int(action === 'update' ? 1 : 0).int(objects.length);
    for (const object of objects) digest.int(figuresOf(object).digest);
  }
  return digest;
}

/** A message holds so many objects; a link counts as two (CN-2.11.2). */
export const CONFIG_OBJECTS_MAX = 16;

/** Packs objects, in order, into messages: full when it holds sixteen or more, as the original counts. */
export function packConfig(runs: readonly ConfigRun[]): ConfigMessage[] {
  const messages: ConfigMessage[] = [];
  let packed: ConfigRun[] = [];
  let count = 0;
  for (const { action, objects } of runs) {
    let from = 0;
    for (let at = 0; at < objects.length; at++) {
      if (count >= CONFIG_OBJECTS_MAX) {
        if (at > from) packed.push({ action, objects: objects.slice(from, at) });
        messages.push({ kind: 'config', runs: packed });
        from = at;
        packed = [];
        count = 0;
      }
      count += objects[at]!.kind === 'link' ? 2 : 1;
    }
    if (objects.length > from) packed.push({ action, objects: objects.slice(from) });
  }
  if (count > 0) messages.push({ kind: 'config', runs: packed });
  return messages;
}
