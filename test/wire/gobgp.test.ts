/**
 * A real router as the peer: gobgpd of Debian over loopback TCP. The session machine and the codecs are those that play
 * in virtual time; only the port is another.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bgpCodec } from '../../src/bgp/codec.ts';
import type { UpdateMessage } from '../../src/bgp/message.ts';
import type { NegotiatedSession } from '../../src/bgp/negotiation.ts';
import type { SessionDown } from '../../src/bgp/session-output.ts';
import { type BgpListener, BgpSpeaker } from '../../src/bgp/speaker.ts';
import { parseIpv4 } from '../../src/net/ipv4.ts';
import { parseRouteTarget } from '../../src/net/route-target.ts';
import { NO_ATTRIBUTES } from '../../src/route/attributes.ts';
import { originVn, securityGroup, tunnelEncapsulation } from '../../src/route/extended-community.ts';
import { FAMILY } from '../../src/route/family.ts';
import { RoutePool } from '../../src/route/pool.ts';
import { parseRouteKey } from '../../src/route/route-key.ts';
import { hasProgram } from '../support/debian.ts';
import { TcpAdapter } from '../support/tcp-adapter.ts';

const US = '127.0.0.1';
const GOBGP = '127.0.0.2';
const TARGET = 'target:64512:10000';
const OURS = '192.168.1.1:3:10.0.100.3/32';
const THEIRS = '65000:7:10.9.0.0/24';

/** A speaker that remembers what it is told. */
class Peer implements BgpListener {
  readonly pool = new RoutePool();
  readonly codec = bgpCodec(this.pool);
  readonly port = new TcpAdapter();
  readonly speaker = new BgpSpeaker(this.port, this, this.codec, 0);
  readonly updates: UpdateMessage[] = [];
  negotiated: NegotiatedSession | null = null;
  down: SessionDown | null = null;

  bgpEstablished(_index: number, negotiated: NegotiatedSession): void {
    this.negotiated = negotiated;
  }

  bgpUpdate(_index: number, update: UpdateMessage): void {
    this.updates.push(update);
  }

  bgpDown(_index: number, down: SessionDown): void {
    this.down = down;
  }

  /** The last word on a route: its attribute set and label, or null when it is withdrawn or unknown. */
  heard(key: string) {
    const nlri = parseRouteKey(key, this.pool)!;
    let found: { attributes: number; label: number } | null = null;
    for (const { parts } of this.updates) {
      for (const part of parts) {
        if (part.kind === 'end-of-rib') continue;
        const at = part.nlris.indexOf(nlri);
        if (at >= 0) found = part.kind === 'announce' ? { attributes: part.attributes, label: part.labels[at]! } : null;
      }
    }
    return found;
  }
}

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** Waits for real time to bring something about; the condition is what is asked, not the time. */
async function until(what: string, holds: () => boolean, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; !holds(); ) {
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function gobgp(ourPort: number, ourAs: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gobgp-'));
  const [bgpPort, apiPort] = [await freePort(GOBGP), await freePort(US)];
  const config = `
    [global.config]
      as = 65000
      router-id = "10.255.0.2"
      port = ${bgpPort}
      local-address-list = ["${GOBGP}"]
    [[neighbors]]
      [neighbors.config]
        neighbor-address = "${US}"
        peer-as = ${ourAs}
      [neighbors.timers.config]
        connect-retry = 1
        idle-hold-time-after-reset = 1
      [neighbors.transport.config]
        local-address = "${GOBGP}"
        remote-port = ${ourPort}
      [[neighbors.afi-safis]]
        [neighbors.afi-safis.config]
          afi-safi-name = "l3vpn-ipv4-unicast"
      [[neighbors.afi-safis]]
        [neighbors.afi-safis.config]
          afi-safi-name = "rtc"
    `;
  writeFileSync(join(folder, 'gobgpd.toml'), config);
  const daemon: ChildProcess = spawn(
    'gobgpd',
    ['-f', join(folder, 'gobgpd.toml'), '--api-hosts', `${US}:${apiPort}`, '--pprof-disable'],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => daemon.once('close', () => resolve()));
  cleanUps.push(async () => {
    daemon.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  });
  const ask = (...words: readonly string[]): string =>
    execFileSync('gobgp', ['-p', String(apiPort), ...words], { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  const answers = (): boolean => {
    try {
      ask('global');
      return true;
    } catch {
      return false;
    }
  };
  await until('gobgpd answers', answers);
  return { bgpPort, ask, json: (...words: readonly string[]): unknown => JSON.parse(ask('-j', ...words) || 'null') };
}

describe.skipIf(!hasProgram('gobgpd'))('gobgpd', () => {
  it.each([
    ['eBGP', 64512],
    ['iBGP', 65000],
  ])(
    'agrees with us on VPN-IPv4 and route-target families and takes a route each way, over %s',
    async (kind, ourAs) => {
      const us = new Peer();
      cleanUps.push(() => us.port.shutdown());
      const ourPort = await us.port.listen(us.speaker, US);
      const { bgpPort, ask, json } = await gobgp(ourPort, ourAs);
      const at = { localAddress: parseIpv4(US)!, address: parseIpv4(GOBGP)!, port: bgpPort };
      us.speaker.add(
        {
          neighbour: 'gobgpd',
          localAs: ourAs,
          peerAs: 65000,
          identifier: parseIpv4('10.255.0.1')!,
          holdTimeSeconds: 30,
          families: [FAMILY['inet-vpn'], FAMILY['route-target']],
          fourOctetAs: true,
          passive: false,
          moreCapabilities: [],
        },
        at,
      );
      us.speaker.started();
      await until('the session', () => us.negotiated !== null);
      expect(us.negotiated).toMatchObject({
        families: [FAMILY['inet-vpn'], FAMILY['route-target']],
        fourOctetAs: true,
        holdTimeSeconds: 30,
        peerIdentifier: parseIpv4('10.255.0.2'),
        internal: kind === 'iBGP',
      });

      // Ours: a route as a control node sends it, and our interest in the target.
      const { pool, codec } = us;
      const { form } = us.negotiated!;
      const communities = [
        parseRouteTarget(TARGET)!,
        tunnelEncapsulation(2),
        tunnelEncapsulation(13),
        securityGroup(64512, 8000002),
        originVn(64512, 5),
      ].map((value) => pool.octets8.intern(value));
      const asPath = kind === 'iBGP' ? [] : [{ kind: 'sequence' as const, asns: [ourAs] }];
      const set = { ...NO_ATTRIBUTES, asPath, nextHop: parseIpv4('192.168.1.1')!, med: 200, communities: [0xfc000064] };
      const vpn = pool.attributes.intern({ ...set, extendedCommunities: communities });
      const ours = Int32Array.of(parseRouteKey(OURS, pool)!);
      us.speaker.send(0, codec.announce(form, FAMILY['inet-vpn'], vpn, ours, Int32Array.of(17)));
      const interest = pool.attributes.intern({ ...set, med: 0, communities: [], nextHop: parseIpv4(US)! });
      const wanted = Int32Array.of(parseRouteKey(`${ourAs}:${TARGET}`, pool)!);
      us.speaker.send(0, codec.announce(form, FAMILY['route-target'], interest, wanted, new Int32Array(1)));
      us.speaker.send(0, codec.endOfRib(form, FAMILY['route-target']));

      const rib = () => json('global', 'rib', '-a', 'vpnv4') as Record<string, GobgpPath[]> | null;
      const keyOf = '192.168.1.1:3:10.0.100.3/32';
      await until('our route in gobgpd', () => rib()?.[keyOf] !== undefined);
      const [path] = rib()![keyOf]!;
      const attribute = (type: number) => path!.attrs.find((one) => one.type === type);
      expect(path!.nlri).toMatchObject({
        prefix: '10.0.100.3/32',
        labels: [17],
        rd: { type: 1, admin: '192.168.1.1', assigned: 3 },
      });
      expect(attribute(1)).toMatchObject({ value: 2 });
      expect(attribute(2)).toMatchObject({ as_paths: kind === 'iBGP' ? [] : [{ asns: [ourAs] }] });
      expect(attribute(4)).toMatchObject({ metric: 200 });
      expect(attribute(8)).toMatchObject({ communities: [0xfc000064] });
      expect(attribute(14)).toMatchObject({ nexthop: '192.168.1.1' });
      if (kind === 'iBGP') expect(attribute(5)).toMatchObject({ value: 100 });
      const shown = ask('global', 'rib', '-a', 'vpnv4');
      expect(shown).toContain('64512:10000');

      // Theirs: comes because we asked for its target, with what they said of it.
      ask(
        'global',
        'rib',
        'add',
        '-a',
        'vpnv4',
        '10.9.0.0/24',
        'label',
        '100',
        'rd',
        '65000:7',
        'rt',
        '64512:10000',
        'med',
        '70',
      );
      ask('global', 'rib', 'add', '-a', 'vpnv4', '10.8.0.0/24', 'label', '101', 'rd', '65000:7', 'rt', '64512:99');
      await until('their route', () => us.heard(THEIRS) !== null);
      const heard = us.heard(THEIRS)!;
      expect(heard.label).toBe(100);
      const said = pool.attributes.get(heard.attributes);
      expect(said.nextHop).toBe(parseIpv4(GOBGP));
      expect(said.asPath).toEqual(kind === 'iBGP' ? [] : [{ kind: 'sequence', asns: [65000] }]);
      expect(pool.attributes.routeTargets(heard.attributes).map((id) => pool.octets8.formatTarget(id))).toEqual([
        TARGET,
      ]);
      if (kind === 'iBGP') expect(said).toMatchObject({ localPref: 100, med: 70 });

      // Withdrawn on either side, and the session over in order.
      us.speaker.send(0, codec.withdraw(form, FAMILY['inet-vpn'], ours));
      await until('our withdrawal', () => rib()?.[keyOf] === undefined);
      ask('global', 'rib', 'del', '-a', 'vpnv4', '10.9.0.0/24', 'label', '100', 'rd', '65000:7', 'rt', '64512:10000');
      await until('their withdrawal', () => us.heard(THEIRS) === null);
      ask('neighbor', US, 'shutdown');
      await until('the end', () => us.down !== null);
      expect(us.down).toMatchObject({ cause: 'notification-received', notification: { code: 6, subcode: 2 } });
      expect(us.heard('65000:7:10.8.0.0/24')).toBeNull();
    },
    60_000,
  );
});

interface GobgpPath {
  readonly nlri: Readonly<Record<string, unknown>>;
  readonly attrs: readonly ({ readonly type: number } & Readonly<Record<string, unknown>>)[];
}
