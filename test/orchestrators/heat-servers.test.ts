import { describe, expect, it } from 'vitest';
import { addresses, faulty, heat, intentOf, NET, port, server, short, template } from './heat-helpers.ts';
import { said } from './said.ts';

describe('servers of a stack', () => {
  it('own the ports they name, and get a port with the groups of the server on networks they name (OR-4.9/C1)', () => {
    const text =
      NET +
      port('p') +
      server(
        'one',
        'networks: [{ port: { get_resource: p } }, { network: private, fixed_ip: 10.0.100.50 }], security_groups: [default]',
      );
    const intent = intentOf(heat(template(text)));
    expect(intent.workloads).toMatchObject([
      {
        kind: 'vm',
        name: 'one',
        project: 'leonardo',
        interfaces: ['default-domain:leonardo:p', 'default-domain:leonardo:one-private-2'],
      },
    ]);
    expect(intent.interfaces.every(({ workload }) => workload === 'vm:leonardo/one')).toBe(true);
    expect(addresses(intent)).toEqual({ p: '10.0.100.3', 'one-private-2': '10.0.100.50' });
  });

  it('ask for a host by their availability zone (OR-4.9.p6)', () => {
    const hosts = (zone: string) =>
      intentOf(
        heat(
          template(NET + server('one', `networks: [{ subnet: { get_resource: subnet } }], availability_zone: ${zone}`)),
        ),
      ).workloads[0]?.host;
    expect([hosts('nova:cmp-2'), hosts('nova:cmp-2:node'), hosts('nova')]).toEqual(['cmp-2', 'cmp-2', null]);
  });

  it('without networks take the only one of their project, and cannot choose among two', () => {
    const alone = heat(template(`${NET}one:\n  type: OS::Nova::Server\n`));
    expect(intentOf(alone).interfaces[0]?.network).toBe('default-domain:leonardo:private');
    expect(said(alone).join()).toContain('gets private, the only one of its project');
    expect(faulty(template(`${NET}other:\n  type: OS::Neutron::Net\none:\n  type: OS::Nova::Server\n`))[0]).toContain(
      'its project has 2 to choose from',
    );
    expect(said(heat(template('one:\n  type: OS::Nova::Server\n'))).join()).toContain('so nobody reaches it');
    expect(
      intentOf(
        heat(template('one:\n  type: OS::Nova::Server\n  properties: { networks: [{ allocate_network: none }] }\n')),
      ).interfaces,
    ).toEqual([]);
  });

  it('cannot share a port', () => {
    const two =
      NET +
      port('p') +
      server('one', 'networks: [{ port: { get_resource: p } }]') +
      server('two', 'networks: [{ port: { get_resource: p } }]');
    expect(faulty(template(two))[0]).toContain('port p belongs to vm:leonardo/one already');
  });

  it('of a group carry their number in their names (OR-6.5/T2, OR-4.9/B10)', () => {
    const group = `web:
  type: OS::Heat::ResourceGroup
  properties:
    count: { get_param: size }
    resource_def:
      type: OS::Nova::Server
      properties: { name: web-%index%, networks: [{ network: private }], metadata: { role: web } }
    removal_policies: []
first:
  type: OS::Neutron::Net
  properties: { name: { list_join: ['-', [{ get_attr: [web, resource.0.name] }, { get_attr: [web, name, 2] }, { get_attr: [web, current_size] }]] } }
`;
    const result = heat(template(NET + group, 'parameters: { size: { type: number, default: 3 } }\n'));
    const intent = intentOf(result);
    expect(intent.workloads.map(({ name }) => name)).toEqual(['web-0', 'web-1', 'web-2']);
    expect(intent.networks.map(({ name }) => short(name))).toContain('web-0-web-2-3');
    expect(addresses(intent)).toEqual({
      'web-0-private': '10.0.100.3',
      'web-1-private': '10.0.100.4',
      'web-2-private': '10.0.100.5',
    });
    expect(said(result).filter((line) => line.includes('metadata'))).toHaveLength(1);
  });

  it('of a scaling group are as many as it desires, else its least (OR-4.9/B11)', () => {
    const group = (sizes: string) =>
      `web:\n  type: OS::Heat::AutoScalingGroup\n  properties: { ${sizes}, resource: { type: OS::Nova::Server, properties: { networks: [{ network: private }] } } }\n`;
    const count = (sizes: string) => intentOf(heat(template(NET + group(sizes)))).workloads.map(({ name }) => name);
    expect(count('min_size: 1, max_size: 5, desired_capacity: 2')).toEqual(['stack-web-0', 'stack-web-1']);
    expect(count('min_size: 1, max_size: 5')).toEqual(['stack-web-0']);
    expect(count('min_size: 0, max_size: 5')).toEqual([]);
  });
});
