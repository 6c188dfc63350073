import { describe, expect, it } from 'vitest';
import { addresses, faulty, heat, intentOf, NET, port, template } from './heat-helpers.ts';
import { said } from './said.ts';

describe('what a stack has and the simulation does not', () => {
  it('is told with place and consequence, and the rest is played', () => {
    const text = `${NET}router:
  type: OS::Neutron::Router
way:
  type: OS::Neutron::RouterInterface
  properties: { router: { get_resource: router }, subnet: { get_resource: subnet } }
key:
  type: OS::Nova::KeyPair
  properties: { name: k }
nested:
  type: lib/other.yaml
odd:
  type: Acme::Cloud::Thing
`;
    expect(said(heat(template(text)))).toEqual([
      'stack.yaml:9:3 not-modelled not modelled: resources.router (OS::Neutron::Router): networks on this router do not reach each other through it, nor the outside',
      'stack.yaml:11:3 not-modelled not modelled: resources.way (OS::Neutron::RouterInterface): the network is not joined to the router',
      'stack.yaml:14:3 not-modelled not modelled: resources.key (OS::Nova::KeyPair): no effect on networking',
      'stack.yaml:17:3 not-modelled not modelled: resources.nested (lib/other.yaml): nothing that the nested template would make is simulated',
      'stack.yaml:19:3 not-modelled not modelled: resources.odd (Acme::Cloud::Thing): the importer does not know this type, so nothing is made of it',
    ]);
  });

  it('cannot stand where a network is needed', () => {
    const text = `odd:\n  type: Acme::Net\n${port('a').replace('net }', 'odd }')}`;
    expect(faulty(template(text))).toEqual([
      expect.stringContaining('unknown-network this needs odd (Acme::Net), which is not modelled, as a network'),
    ]);
  });

  it('includes IPv6, address pairs and static routes', () => {
    const text = `${NET}six:
  type: OS::Neutron::Subnet
  properties: { network: { get_resource: net }, cidr: '2001:db8::/64', ip_version: 6 }
${port('a', ', allowed_address_pairs: [{ ip_address: 10.0.100.9 }]')}`;
    const result = heat(
      template(
        text.replace(
          'cidr: 10.0.100.0/24',
          'cidr: 10.0.100.0/24, host_routes: [{ destination: 0.0.0.0/0, nexthop: 10.0.100.9 }]',
        ),
      ),
    );
    expect(addresses(intentOf(result))).toEqual({ a: '10.0.100.3' });
    expect(said(result).map((line) => line.replace(/^\S+ \S+ /, ''))).toEqual([
      'not modelled: resources.subnet.properties.host_routes: workloads have their default route only',
      'not modelled: six: IPv6 is not simulated, so this subnet gives no addresses',
      'not modelled: resources.a.properties.allowed_address_pairs: traffic with these addresses is not accepted on the port',
    ]);
  });

  it('does not include a misspelt property: that is a fault, as in Heat', () => {
    expect(faulty(template('a:\n  type: OS::Neutron::Port\n  properties: { netwrok: private }\n'))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('OS::Neutron::Port has no property netwrok, did you mean network?'),
      ]),
    );
  });
});

describe('a template that cannot be played', () => {
  it('says what is missing or misspelt, with the nearest word', () => {
    expect(faulty('resources: {}\n')).toEqual([
      'stack.yaml:1:1 no-version this template has no heat_template_version, such as 2016-10-14',
    ]);
    expect(faulty('heat_template_version: 2016-10-41\nresources: { a: { type: x } }\n')).toEqual([
      'stack.yaml:1:24 unknown-version there is no heat_template_version 2016-10-41, did you mean 2016-10-14?',
    ]);
    expect(faulty('AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n')[0]).toContain('CloudFormation template');
    expect(faulty('- a\n')[0]).toContain('a Heat template is a map');
    expect(faulty('')[0]).toContain('this template is empty');
    expect(faulty('a: 1\n---\nb: 2\n')[0]).toContain('stack.yaml:3:1 not-a-template a Heat template is one document');
    expect(faulty('heat_template_version: newton\nresorces: {}\n')).toEqual(
      [
        'stack.yaml:2:1 unknown-section a Heat template has no section resorces, did you mean resources?',
        expect.stringContaining('no-resources'),
      ].sort(),
    );
  });

  it('names a function that is misspelt wherever it is called, and not what would follow from it', () => {
    const conditions = 'conditions:\n  open: { equals: [{ get_parm: a }, 1] }\n';
    const text = `${NET.replace('get_resource', 'get_resorce')}${port('a')}`;
    expect(faulty(template(text, conditions))).toEqual([
      'stack.yaml:3:22 unknown-function there is no function get_parm, did you mean get_param?',
      'stack.yaml:10:30 unknown-function there is no function get_resorce, did you mean get_resource?',
    ]);
  });

  it('names a type that is misspelt by a letter, and not what refers to its resource', () => {
    const server = 's:\n  type: OS::Nova::Server\n  properties: { networks: [{ port: { get_resource: a } }] }\n';
    const text = `${NET}${port('a')}${server}`.replace('OS::Neutron::Net', 'OS::Neutron::Nett');
    expect(faulty(template(text))).toEqual([
      'stack.yaml:4:11 unknown-type there is no resource type OS::Neutron::Nett, did you mean OS::Neutron::Net?',
    ]);
  });

  it('names every reference to nothing, and a ring of references', () => {
    const text = template(
      `a:
  type: OS::Neutron::Port
  depends_on: ohter
  properties: { network: { get_resource: nett }, name: { get_param: nme } }
net:
  type: OS::Neutron::Net
`,
      'parameters: { name: { type: string, default: x } }\n',
    );
    expect(faulty(text)).toEqual([
      'stack.yaml:6:17 unknown-resource there is no resource ohter',
      'stack.yaml:7:44 unknown-resource there is no resource nett, did you mean net?',
      'stack.yaml:7:71 unknown-parameter the template has no parameter nme, did you mean name?',
    ]);
    const ring =
      'a: { type: OS::Heat::Value, depends_on: b }\nb: { type: OS::Heat::Value, depends_on: c }\nc: { type: OS::Heat::Value, depends_on: a }\n';
    expect(faulty(template(ring))).toEqual([
      'stack.yaml:3:3 circular-dependency these resources need each other: a -> b -> c -> a',
    ]);
  });

  it('tells the first twenty faults and how many more there are', () => {
    const many = Array.from(
      { length: 25 },
      (_, i) => `p${i}:\n  type: OS::Neutron::Port\n  properties: { network: none }\n`,
    ).join('');
    const lines = faulty(template(many));
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe(' more-faults 5 more faults of the same input');
    expect(lines[0]).toContain('stack.yaml:5:');
  });

  it('makes no network twice under one name (OR-4.7/3)', () => {
    const twice =
      'a: { type: OS::Neutron::Net, properties: { name: n } }\nb: { type: OS::Neutron::Net, properties: { name: n } }\n';
    expect(faulty(template(twice))[0]).toContain('network n of project leonardo is made twice');
  });
});
