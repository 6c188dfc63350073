import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vaportrail } from './vaportrail.ts';

const cli = vaportrail();
const MARKER = 'ff'.repeat(16);
const KEEPALIVE = `${MARKER}001304`;
/** 192.168.1.1:3:10.0.100.3/32 label 17, AS_PATH 64512, without LOCAL_PREF. */
const UPDATE =
  `${MARKER}0081020000006a40010102800404000000c84002040201fc00c010300002fc00000027100002fc00007a1201030c000000000002` +
  '030c00000000000d8004fc00007a12028071fc0000000005900e00210001800c0000000000000000c0a8010100780001110001c0a8010100030a006403';

describe('decode', () => {
  it('tells each field of an UPDATE with its place and its section', () => {
    const { code, out } = cli.run(['decode', UPDATE]);
    expect(code).toBe(0);
    expect(out).toContain('UPDATE 129 octets at 0');
    expect(out).toMatch(/^ +27 +MULTI_EXIT_DISC +200 +RFC 4271 §5\.1\.4$/m);
    expect(out).toMatch(/AS_PATH +64512 \(AS numbers of 2 octets\)/);
    expect(out).toMatch(/^ +\d+ +originvn:64512:5$/m);
    expect(out).toMatch(/inet-vpn +192\.168\.1\.1:3:10\.0\.100\.3\/32 label 17$/m);
    expect(out).toContain(
      'accepted, only from an external peer: on iBGP it deserves UPDATE Message Error/Missing Well-known',
    );
  });

  it('takes several messages in a row, from a file of octets, a file of hex and standard input', () => {
    const octets = Buffer.from(KEEPALIVE + UPDATE, 'hex');
    const binary = join(cli.folder, 'messages.bin');
    const text = join(cli.folder, 'messages.hex');
    writeFileSync(binary, octets);
    writeFileSync(text, `${KEEPALIVE}\n${UPDATE}\n`);
    const answers = [
      cli.run(['decode', binary]),
      cli.run(['decode', text]),
      cli.run(['decode', '-'], { input: octets }),
    ];
    for (const { code, out } of answers) {
      expect(code).toBe(0);
      expect(out).toMatch(/^KEEPALIVE 19 octets at 0$/m);
      expect(out).toMatch(/^UPDATE 129 octets at 19$/m);
    }
    expect(new Set(answers.map(({ out }) => out)).size).toBe(1);
  });

  it.each([
    ['a marker that is not all ones', `00${KEEPALIVE.slice(2)}`, 'Message Header Error/Connection Not Synchronized'],
    ['a KEEPALIVE of 21 octets', `${MARKER}0015040000`, 'Message Header Error/Bad Message Length'],
    ['an unknown type', `${MARKER}001309`, 'Message Header Error/Bad Message Type'],
    ['version 3', `${MARKER}001d0103fc00005a0a00000100`, 'OPEN Message Error/Unsupported Version Number'],
    ['an ORIGIN of 7', UPDATE.replace('40010102', '40010107'), 'UPDATE Message Error/Invalid ORIGIN Attribute'],
    ['attributes longer than the message', `${MARKER}00170200000001`, 'UPDATE Message Error/Malformed Attribute List'],
  ])('names the NOTIFICATION that %s deserves', (_, hex, notification) => {
    const { code, out } = cli.run(['decode', hex]);
    expect(out).toContain(`NOTIFICATION ${notification}`);
    expect(code).toBe(1);
  });

  it('shows what can be read of a message that is refused', () => {
    const { out } = cli.run(['decode', UPDATE.replace('40010102', '40010107')]);
    expect(out).toMatch(/ORIGIN +07: not a valid value/);
    expect(out).toMatch(/inet-vpn +192\.168\.1\.1:3:10\.0\.100\.3\/32 label 17/);
  });

  it('says how much of a message is missing', () => {
    const { code, out } = cli.run(['decode', UPDATE.slice(0, -2)]);
    expect(out).toContain('incomplete: the header promises 129 octets, and only 128 are here');
    expect(code).toBe(1);
  });

  it('explains stanzas, one or a whole stream, in the words of the protocol', () => {
    const subscribe =
      "<iq type='set' from='a1' to='network-control@contrailsystems.com/bgp-peer' id='subscribe0'><pubsub xmlns=" +
      "'http://jabber.org/protocol/pubsub'><subscribe node='d:p:db:db'><options><instance-id>3</instance-id></options></subscribe></pubsub></iq>";
    const open =
      "<?xml version='1.0'?><stream:stream from='a1' to='network-control@contrailsystems.com' version='1.0' xml:lang='en'" +
      " xmlns='' xmlns:stream='http://etherx.jabber.org/streams' >";
    const alone = cli.run(['decode', subscribe]);
    expect(alone.out).toBe('subscribe to instance d:p:db:db\n  instance id 3\n');
    expect(alone.code).toBe(0);
    const stream = cli.run(['decode', '-'], { input: `${open}\n${subscribe}\n\u0200` });
    expect(stream.out.split('\n')[0]).toBe('stream open of an agent');
    expect(stream.out).toContain('\nsubscribe to instance d:p:db:db\n');
    expect(stream.out).toMatch(/\nkeepalive\n$/);
    const broken = cli.run(['decode', subscribe.replace('</pubsub>', '')]);
    expect(broken.out).toContain('closes the connection');
    expect(broken.code).toBe(1);
  });

  it('gives the same as JSON', () => {
    const bgp = JSON.parse(cli.run(['decode', '--json', UPDATE]).out);
    expect(bgp.protocol).toBe('bgp');
    expect(bgp.messages[0]).toMatchObject({
      type: 'UPDATE',
      at: 0,
      octets: 129,
      verdict: { accepted: true, notification: null },
    });
    const attributes = bgp.messages[0].fields.find((field: { name: string }) => field.name === 'path attributes');
    expect(attributes.parts.map((part: { name: string }) => part.name)).toEqual([
      'ORIGIN', 'MULTI_EXIT_DISC', 'AS_PATH', 'EXTENDED_COMMUNITIES', 'MP_REACH_NLRI',
    ]); // biome-ignore format: one list
    const xmpp = JSON.parse(cli.run(['decode', '--json', '<message from="a" to="b"></message>']).out);
    expect(xmpp).toMatchObject({ protocol: 'xmpp', stanzas: [{ kind: 'other', accepted: true }] });
  });

  it.each([
    [['decode', 'no-such-file.bin'], 'there is no file no-such-file.bin'],
    [['decode', 'xyz'], 'xyz is neither a file nor hex digits in pairs'],
    [['decode', 'abc'], 'abc is neither a file nor hex digits in pairs'],
    [['decode', '.'], '. is a folder, not a file'],
    [['decode', '-'], 'standard input is empty'],
    [['decode'], "missing required argument 'hex-or-file'"],
  ])('%j is an error of input', (words, sentence) => {
    const { code, out, err } = cli.run(words);
    expect(err).toContain(sentence);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('refuses more than a megabyte before reading it', () => {
    const { code, err } = cli.run(['decode', '-'], { input: new Uint8Array(1_048_577) });
    expect(err).toContain('standard input is larger than the limit of 1 MB');
    expect(code).toBe(2);
  });
});
