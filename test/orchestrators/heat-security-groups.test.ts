import { describe, expect, it } from 'vitest';
import { faulty, heat, intentOf, NET, port, short, template } from './heat-helpers.ts';

describe('security groups of a stack', () => {
  const group = (rules: string): string =>
    `db:\n  type: OS::Neutron::SecurityGroup\n  properties: { name: db, rules: [${rules}] }\n`;
  const rulesOf = (text: string) =>
    intentOf(heat(template(text))).securityGroups.find(({ name }) => short(name) === 'db')!.rules;

  it('let everything out, until a rule for egress is written (OR-4.3/1)', () => {
    expect(rulesOf(group('')).map(({ direction, protocol }) => [direction, protocol])).toEqual([['egress', null]]);
    expect(
      rulesOf(group('{ direction: egress, protocol: tcp }')).map(({ direction, protocol }) => [direction, protocol]),
    ).toEqual([['egress', 6]]);
  });

  it('read remotes, protocols and ports of their rules (OR-4.3/3 to OR-4.3/10)', () => {
    const rules = rulesOf(
      group(
        '{ protocol: tcp, port_range_min: 5432, port_range_max: 5433, remote_ip_prefix: 10.150.1.2/16 }, { protocol: icmp, port_range_min: 8, port_range_max: 0 }, { remote_mode: remote_group_id }, { protocol: 47 }',
      ),
    );
    const everywhere = { kind: 'prefix', prefix: { address: 0, length: 0 } };
    expect(rules.slice(0, 4).map(({ protocol, ports, remote }) => ({ protocol, ports, remote }))).toEqual([
      {
        protocol: 6,
        ports: [{ low: 5432, high: 5433 }],
        remote: { kind: 'prefix', prefix: { address: 0x0a960000, length: 16 } },
      },
      { protocol: 1, ports: [], remote: everywhere },
      { protocol: null, ports: [], remote: { kind: 'group', name: 'default-domain:leonardo:db' } },
      { protocol: 47, ports: [], remote: everywhere },
    ]);
  });

  it('get rules from resources of their own, which a condition may leave out', () => {
    const rule = `open:
  type: OS::Neutron::SecurityGroupRule
  condition: wanted
  properties: { security_group: { get_resource: db }, protocol: tcp, port_range_min: 22, port_range_max: 22 }
`;
    const text = (wanted: boolean) =>
      template(group('') + rule, `conditions: { wanted: { equals: [${wanted}, true] } }\n`);
    const count = (wanted: boolean) =>
      intentOf(heat(text(wanted))).securityGroups.find(({ name }) => short(name) === 'db')!.rules.length;
    expect([count(true), count(false)]).toEqual([2, 1]);
  });

  it("of a port are the project's default unless said; an empty list lets nothing pass; port security off takes none (OR-4.2/7, OR-6.5/T7)", () => {
    const ports = [
      port('a'),
      port('b', ', security_groups: []'),
      port('c', ', port_security_enabled: false'),
      port('d', ', security_groups: [db]'),
    ];
    const { interfaces } = intentOf(heat(template(NET + group('') + ports.join(''))));
    expect(interfaces.map(({ securityGroups }) => securityGroups)).toEqual([
      ['default-domain:leonardo:default'],
      ['default-domain:default-project:__no_rule__'],
      [],
      ['default-domain:leonardo:db'],
    ]);
  });

  it('named default admit their own members and let everything out (OR-4.3/2)', () => {
    const [standard] = intentOf(heat(template(NET))).securityGroups;
    expect(standard?.rules.map(({ direction, remote }) => [direction, remote.kind])).toEqual([
      ['ingress', 'group'],
      ['egress', 'prefix'],
    ]);
    expect(faulty(template('g:\n  type: OS::Neutron::SecurityGroup\n  properties: { name: default }\n'))[0]).toContain(
      'every project has a security group named default already',
    );
  });

  it('with rules that make no sense are refused, each rule with its place', () => {
    expect(
      faulty(
        template(
          group(
            '{ protocol: tcp, port_range_min: 9 }, { port_range_min: 1, port_range_max: 2 }, { protocol: udp, port_range_min: 9, port_range_max: 2 }, { protocol: tpc }, { protocol: tcp, port_range_min: 70000, port_range_max: 1 }',
          ),
        ),
      ),
    ).toEqual([
      expect.stringContaining('half-a-range'),
      expect.stringContaining('ports-without-protocol'),
      expect.stringContaining('bad-port-range'),
      expect.stringContaining(
        'bad-protocol protocol of db is a name such as tcp, udp, icmp or a number up to 255, not tpc',
      ),
      expect.stringContaining('port_range_min of db must be a whole number from 0 to 65535, not 70000'),
    ]);
  });
});
