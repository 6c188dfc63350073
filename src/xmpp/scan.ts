/**
 * The fast reader of the stanzas that we write ourselves (performance: a known-tag scanner is twenty times faster than a
 * parser). It follows the writers of `stanza.ts` and `items.ts` letter by letter; whatever departs from that form, in
 * order, white space, quotes or elements, is read by the general reader instead, with the same meaning.
 */
import { shared } from '../base/fork.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import { parseMac } from '../net/mac.ts';
import { maskOf } from '../net/prefix.ts';
import type { NlriId, NlriTable } from '../route/nlri.ts';
import { AFI_INET, type ItemNextHop, SAFI_UNICAST, type UnicastItem } from './items.ts';
import { CONTROL_NODE_JID, type MalformedStanza, PUBSUB_NS, readStanza, type Stanza } from './stanza.ts';

/** Reads one stanza: known forms at once, all others by the general reader. Never throws. */
export function scanStanza(text: string, nlris: NlriTable): Stanza | MalformedStanza {
  return new Scanner(text, nlris).stanza() ?? readStanza(text, nlris);
}

/** The fast way alone: null when the text is not in the form of our writers. */
export function scanKnown(text: string, nlris: NlriTable): Stanza | null {
  return new Scanner(text, nlris).stanza();
}

const IQ = "<iq type='set' from='";
const TO_BGP = `' to='${CONTROL_NODE_JID}/bgp-peer' id='`;
const PUBSUB = `'><pubsub xmlns='${PUBSUB_NS}'>`;
const TAIL = '</pubsub></iq>';
const MESSAGE = '<message from="';
const EVENT = `/bgp-peer"><event xmlns="${PUBSUB_NS}"><items node="${AFI_INET}/${SAFI_UNICAST}/`;
const NLRI = `<nlri><af>${AFI_INET}</af><safi>${SAFI_UNICAST}</safi><address>`;
const NONE: readonly never[] = Object.freeze([]);
const EMPTY_HOPS: readonly ItemNextHop[] = NONE;

class Scanner {
  private readonly text: string;
  private readonly nlris: NlriTable;
  private at = 0;

  constructor(text: string, nlris: NlriTable) {
    this.text = text;
    this.nlris = nlris;
  }

  stanza(): Stanza | null {
    if (this.eat(IQ)) return this.iq();
    return this.eat(MESSAGE) ? this.message() : null;
  }

  private iq(): Stanza | null {
    if (this.upTo("'") === null) return null;
    if (!this.eat(TO_BGP)) return null;
    const id = this.upTo("'");
    if (id === null || !this.eat(PUBSUB)) return null;
    if (this.eat("<publish node='")) {
      const node = this.upTo("'");
      if (node === null || !node.startsWith('1/1/') || !this.eat("'>")) return null;
      const items: UnicastItem[] = [];
      while (this.eat('<item><entry>')) {
        const item = this.entry('interface');
        if (item === null) return null;
        items.push(item);
      }
      if (!this.eat('</publish>') || !this.ends(TAIL)) return null;
      return shared(Object.freeze({ kind: 'publish', id, node, items, itemCount: items.length }));
    }
    if (this.eat("<collection node='")) {
      const instance = this.upTo("'");
      if (instance === null || !this.eat("'>")) return null;
      const associate = this.eat("<associate node='");
      if (!associate && !this.eat("<dissociate node='")) return null;
      const node = this.upTo("'");
      if (node === null || !this.eat("'/></collection>") || !this.ends(TAIL)) return null;
      return shared(Object.freeze({ kind: 'collection', id, instance, associate, node }));
    }
    return null;
  }

  private message(): Stanza | null {
    if (this.upTo('"') === null || !this.eat('" to="') || this.upTo('"') === null) return null;
    this.at -= '/bgp-peer'.length;
    if (!this.eat(EVENT)) return null;
    const instance = this.upTo('"');
    if (instance === null || instance === '' || !this.eat('">')) return null;
    const table = Object.freeze({ afi: AFI_INET, safi: SAFI_UNICAST, instance });
    if (this.eat('<item id="')) {
      const items: UnicastItem[] = [];
      do {
        if (this.upTo('"') === null || !this.eat('"><entry>')) return null;
        const item = this.entry('');
        if (item === null) return null;
        items.push(item);
      } while (this.eat('<item id="'));
      if (!this.ends('</items></event></message>')) return null;
      return shared(Object.freeze({ kind: 'reach', table, items }));
    }
    const nlris: NlriId[] = [];
    while (this.eat('<retract id="')) {
      const nlri = this.prefix();
      if (nlri < 0 || !this.eat('" />')) return null;
      nlris.push(nlri);
    }
    if (nlris.length === 0 || !this.ends('</items></event></message>')) return null;
    return shared(Object.freeze({ kind: 'unreach', table, nlris }));
  }

  /** What stands after `<entry>`, up to and with `</item>`. */
  private entry(absentSubProtocol: string): UnicastItem | null {
    if (!this.eat(NLRI)) return null;
    const nlri = this.prefix();
    if (nlri < 0 || !this.eat('</address></nlri><next-hops>')) return null;
    let nextHops = EMPTY_HOPS;
    while (this.eat('<next-hop><af>1</af><address>')) {
      const hop = this.nextHop();
      if (hop === null) return null;
      nextHops = nextHops.length === 0 ? [hop] : [...nextHops, hop];
    }
    if (!this.eat('</next-hops><version>1</version>')) return null;
    let virtualNetwork: string | null = '';
    if (this.eat('<virtual-network>')) virtualNetwork = this.upTo('</virtual-network>', true);
    if (virtualNetwork === null) return null;
    let sequence = 0;
    let sticky = false;
    if (this.eat('<mobility seqno="')) {
      sequence = this.number('" sticky="');
      sticky = this.eat('true" />');
      if (sequence < 0 || (!sticky && !this.eat('false" />'))) return null;
    }
    if (!this.eat('<sequence-number>')) return null;
    const oldSequence = this.number('</sequence-number>');
    if (oldSequence < 0) return null;
    if (sequence === 0) {
      sequence = oldSequence;
      sticky = false;
    }
    let securityGroups: number[] | readonly never[] = NONE;
    if (this.eat('<security-group-list>')) {
      const groups: number[] = [];
      while (this.eat('<security-group>')) {
        const group = this.number('</security-group>');
        if (group < 0) return null;
        groups.push(group);
      }
      if (!this.eat('</security-group-list>')) return null;
      securityGroups = groups;
    }
    let communities: readonly string[] | null = NONE;
    if (this.eat('<community-tag-list>')) communities = this.words('community-tag');
    if (communities === null || !this.eat('<local-preference>')) return null;
    const localPreference = this.number('</local-preference><med>');
    if (localPreference < 0) return null;
    const med = this.number('</med>');
    if (med < 0) return null;
    let subProtocol: string | null = absentSubProtocol;
    if (this.eat('<sub-protocol>')) subProtocol = this.upTo('</sub-protocol>', true);
    // A load-balance element stands here when it is not the default: rare enough for the general reader.
    if (subProtocol === null || !this.eat('</entry></item>')) return null;
    return shared(
      Object.freeze({
        afi: AFI_INET,
        safi: SAFI_UNICAST,
        nlri,
        nextHops,
        virtualNetwork,
        sequence,
        sticky,
        securityGroups,
        communities,
        localPreference,
        med,
        loadBalance: null,
        subProtocol,
      }),
    );
  }

  /** What stands after `<address>`, up to and with `</next-hop>`. */
  private nextHop(): ItemNextHop | null {
    const address = this.address();
    if (address < 0 || !this.eat('</address>')) return null;
    let mac: number | null = 0;
    if (this.eat('<mac>')) {
      mac = parseMac(this.text.slice(this.at, this.at + 17));
      this.at += 17;
      if (!this.eat('</mac>')) return null;
    }
    if (mac === null || !this.eat('<label>')) return null;
    const label = this.number('</label>');
    if (label < 0) return null;
    let vni = 0;
    if (this.eat('<vni>')) vni = this.number('</vni>');
    if (vni < 0) return null;
    let encapsulations: readonly string[] | null = NONE;
    if (this.eat('<tunnel-encapsulation-list>')) encapsulations = this.encapsulations();
    if (encapsulations === null) return null;
    let virtualNetwork: string | null = '';
    if (this.eat('<virtual-network>')) virtualNetwork = this.upTo('</virtual-network>', true);
    if (virtualNetwork === null) return null;
    let tags: readonly number[] = NONE;
    if (this.eat('<tag-list>')) {
      const list: number[] = [];
      while (this.eat('<tag>')) {
        const tag = this.number('</tag>');
        if (tag < 0) return null;
        list.push(tag);
      }
      if (!this.eat('</tag-list>')) return null;
      tags = list;
    }
    let localSequence = 0;
    if (this.eat('<local-sequence-number>')) localSequence = this.number('</local-sequence-number>');
    if (localSequence < 0 || !this.eat('</next-hop>')) return null;
    return Object.freeze({
      address: address as Ipv4, // read digit by digit above
      mac,
      label,
      vni,
      encapsulations,
      virtualNetwork,
      tags,
      localSequence,
    });
  }

  /** The lists that all agents send are known whole. */
  private encapsulations(): readonly string[] | null {
    for (const known of KNOWN_ENCAPSULATIONS) if (this.eat(known.text)) return known.words;
    return this.words('tunnel-encapsulation');
  }

  /** `<name>word</name>` any number of times, then `</name-list>`. */
  private words(name: 'tunnel-encapsulation' | 'community-tag'): readonly string[] | null {
    const words: string[] = [];
    const close = `</${name}>`;
    while (this.eat(`<${name}>`)) {
      const word = this.upTo(close, true);
      if (word === null) return null;
      words.push(word);
    }
    return this.eat(`</${name}-list>`) ? words : null;
  }

  private prefix(): NlriId {
    const address = this.address();
    if (address < 0 || this.text.charCodeAt(this.at) !== SLASH) return -1;
    this.at++;
    const length = this.digits();
    if (length < 0 || length > 32) return -1;
    return this.nlris.inet((address & maskOf(length)) >>> 0, length);
  }

  /** A dotted quad as written by {@link formatIpv4}; -1 for everything else. */
  private address(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      if (i > 0) {
        if (this.text.charCodeAt(this.at) !== DOT) return -1;
        this.at++;
      }
      const octet = this.digits();
      if (octet < 0 || octet > 255) return -1;
      value = value * 256 + octet;
    }
    return value;
  }

  private number(close: string): number {
    const value = this.digits();
    return value >= 0 && this.eat(close) ? value : -1;
  }

  /** A whole number of 32 bits without leading zeros; -1 for everything else. */
  private digits(): number {
    const from = this.at;
    let value = 0;
    let at = from;
    for (; at < from + 11; at++) {
      const digit = this.text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (at === from || value > 0xffffffff || (at > from + 1 && this.text.charCodeAt(from) === 48)) return -1;
    this.at = at;
    return value;
  }

  private eat(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false;
    this.at += literal.length;
    return true;
  }

  private ends(literal: string): boolean {
    return this.eat(literal) && this.at === this.text.length;
  }

  /** Text up to `close`, which is passed when `over`. null when there is none, or when it is not plain text. */
  private upTo(close: string, over = false): string | null {
    const end = this.text.indexOf(close, this.at);
    if (end < 0) return null;
    const value = this.text.slice(this.at, end);
    if (!PLAIN.test(value)) return null;
    this.at = over ? end + close.length : end;
    return value;
  }
}

const DOT = 0x2e;
const SLASH = 0x2f;
/** Text that means itself in either quote and between tags. */
const PLAIN = /^[ !#-%(-;=?-~]*$/;

const KNOWN_ENCAPSULATIONS = [['gre', 'udp'], ['gre'], ['udp'], ['vxlan']].map((words) => ({
  words: Object.freeze(words),
  text: `${words.map((word) => `<tunnel-encapsulation>${word}</tunnel-encapsulation>`).join('')}</tunnel-encapsulation-list>`,
}));
