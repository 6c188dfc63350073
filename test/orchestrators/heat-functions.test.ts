import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heat, intentOf, short, template } from './heat-helpers.ts';
import { said } from './said.ts';

/** The name of a network is the shortest way to see what a call gives. */
const value = (call: string, before = '', version = '2021-04-16', change = {}): string => {
  const text = template(
    `other:\n  type: OS::Neutron::Net\n  properties: { name: db }\nn:\n  type: OS::Neutron::Net\n  properties:\n    name: ${call}\n`,
    before,
    version,
  );
  const { networks } = intentOf(heat(text, change));
  return short(networks.find(({ uuid }) => uuid !== networks.find(({ name }) => short(name) === 'db')?.uuid)!.name);
};
const faults = (call: string, before = '', version = '2021-04-16', change = {}): readonly string[] => {
  const result = heat(
    template(
      `other:\n  type: OS::Neutron::Net\nn:\n  type: OS::Neutron::Net\n  properties:\n    name: ${call}\n`,
      before,
      version,
    ),
    change,
  );
  expect(result.ok).toBe(false);
  return said(result).map((line) => line.replace(/^\S+ /, ''));
};
const PARAMS = `parameters:
  word: { type: string, default: abc }
  list: { type: comma_delimited_list, default: "x, y,z" }
  tree: { type: json, default: { a: { b: [p, q] } } }
  yes: { type: boolean, default: on }
  size: { type: number, default: 3 }
`;

describe('functions of a template', () => {
  it.each([
    ['{ get_param: word }', 'abc'],
    ['{ get_param: [list, 1] }', 'y'],
    ['{ get_param: [tree, a, b, 1] }', 'q'],
    ['{ get_param: "OS::stack_name" }', 'stack'],
    ["{ list_join: ['', [{ get_attr: [other, name] }, '2']] }", 'db2'],
    ["{ list_join: ['-', [a, { get_param: word }], { get_param: list }] }", 'a-abc-x-y-z'],
    ["{ list_join: ['', [{ get_param: size }, { get_param: yes }]] }", '3on'],
    ["{ str_split: ['.', a.b.c, 1] }", 'b'],
    ["{ list_join: ['+', { str_split: ['.', a.b.c] }] }", 'a+b+c'],
    ['{ str_replace: { template: "$a is $ab", params: { $a: one, $ab: { get_param: size } } } }', 'one is 3'],
    ['{ str_replace: { template: "a b", params: { a: b, b: a } } }', 'b a'],
    ['{ str_replace_strict: { template: "x-%n%", params: { "%n%": 7 } } }', 'x-7'],
    [
      "{ list_join: [',', { repeat: { template: '%p%-%q%', for_each: { '%p%': [1, 2], '%q%': [u, v] } } }] }",
      '1-u,1-v,2-u,2-v',
    ],
    ["{ list_join: [',', { list_concat: [[a], { get_param: list }] }] }", 'a,x,y,z'],
    ["{ list_join: [',', { list_concat_unique: [[x], { get_param: list }] }] }", 'x,y,z'],
    ["{ str_replace: { template: 'K', params: { map_merge: [{ K: first }, { K: last }] } } }", 'last'],
    ['{ if: [{ equals: [{ get_param: size }, 3] }, three, other] }', 'three'],
    ['{ if: [{ not: { equals: [a, b] } }, differs, same] }', 'differs'],
    ['{ if: [{ and: [true, { or: [false, { get_param: yes }] }] }, both, none] }', 'both'],
    ['{ if: [big, large, small] }', 'small'],
  ])('%s gives %s (OR-4.9/B5, OR-4.9/B7, OR-4.9/B8)', (call, expected) => {
    expect(value(call, `${PARAMS}conditions: { big: { equals: [{ get_param: word }, big] } }\n`)).toBe(expected);
  });

  it('give a digest that depends on its text alone', () => {
    expect(value('{ digest: [sha256, abc] }')).toBe(value('{ digest: [sha256, abc] }'));
    expect(value('{ digest: [sha256, abc] }')).not.toBe(value('{ digest: [sha256, abd] }'));
  });

  it('read a file beside the template, and none outside its folder (OR-4.9/B8)', () => {
    const readFile = (path: string): string | null => (path === 'name.txt' ? 'from-file' : null);
    expect(value('{ get_file: name.txt }', '', '2013-05-23', { readFile })).toBe('from-file');
    expect(faults('{ get_file: nme.txt }', '', '2013-05-23', { readFile })).toEqual([
      'file-missing there is no file nme.txt beside the template',
    ]);
    for (const path of ['../secret', '/etc/passwd', 'file:///etc/passwd', 'http://host/x', 'a/../../b']) {
      expect(faults(`{ get_file: '${path}' }`)).toEqual([
        `file-outside get_file reads only files in the folder of the template, not ${path}`,
      ]);
    }
  });

  it('outside the folder are refused even where nothing of them would be used', () => {
    const text = template('s:\n  type: OS::Nova::Server\n  properties: { user_data: { get_file: ../key } }\n');
    expect(said(heat(text)).join()).toContain('file-outside');
  });

  it('came with their versions (OR-4.9/B1)', () => {
    expect(faults("{ list_join: ['-', [a]] }", '', '2013-05-23')).toEqual([
      'function-too-new list_join needs heat_template_version 2014-10-16 or newer, this is 2013-05-23',
    ]);
    expect(value("{ list_join: ['-', [a, b]] }", '', 'newton')).toBe('a-b');
  });

  it.each([
    ['{ get_param: [tree, c] }', 'no-such-key there is no c in parameters.tree.default, did you mean a?'],
    ['{ list_join: [a, b] }', 'bad-call list_join: a list was expected'],
    ['{ str_split: [a] }', 'bad-call str_split: takes a separator, a text and perhaps a position'],
    ['{ str_replace: { template: [] } }', 'bad-call str_replace: takes a template text and a map of params'],
    ['{ str_replace_strict: { template: a, params: { b: c } } }', 'bad-call str_replace_strict: the template has no b'],
    ['{ repeat: { template: a } }', 'bad-call repeat: takes a template and a map for_each'],
    ['{ map_merge: [[a]] }', 'bad-call map_merge: takes a list of maps'],
    [
      '{ get_param: word, default: x }',
      'bad-call get_param must be the only key of its map, without default beside it',
    ],
    ['{ yaql: { expression: a } }', 'bad-call yaql: the simulator does not evaluate this function'],
    ['{ if: [{ equals: [a] }, b, c] }', 'bad-call equals: takes two values'],
    ['{ if: [unheard, b, c] }', 'unknown-condition there is no condition unheard'],
    ['{ Ref: other }', 'bad-call Ref: functions of CloudFormation templates are not part of HOT'],
    [
      '{ get_attr: [other, colour] }',
      'not-known-yet name of n cannot be known before the run: other gives no attribute colour',
    ],
  ])('%s is a fault: %s', (call, expected) => {
    expect(faults(call, PARAMS)).toContain(expected);
  });

  it('cannot ask for themselves, nor grow without end', () => {
    expect(faults('{ if: [a, b, c] }', 'conditions: { a: { not: b }, b: { not: a } }\n').join()).toContain(
      'circular-condition',
    );
    const wide = "{ repeat: { template: '%a%%b%%c%', for_each: { '%a%': L, '%b%': L, '%c%': L } } }".replaceAll(
      'L',
      `[${Array(30).fill('x').join(', ')}]`,
    );
    expect(faults(wide)[0]).toBe('bad-call repeat: gives more than 10000 items');
  });
});

describe('parameters of a template', () => {
  const net = 'n:\n  type: OS::Neutron::Net\n  properties: { name: { list_join: [",", [{ get_param: p }]] } }\n';
  const play = (definition: string, given: Record<string, unknown> | null, environment?: string) =>
    heat(template(net, `parameters:\n  p: ${definition}\n`), {
      ...(given === null ? {} : { parameters: given }),
      ...(environment === undefined ? {} : { environment: { file: 'env.yaml', text: environment } }),
    });
  const name = (...args: Parameters<typeof play>): string => short(intentOf(play(...args)).networks[0]!.name);
  const fault = (...args: Parameters<typeof play>): string => {
    const result = play(...args);
    expect(result.ok).toBe(false);
    return said(result).join('; ');
  };

  it("take the caller's value, else the environment's, else its defaults, else their own (OR-4.9/B3, OR-6.5/T3)", () => {
    const own = '{ type: string, default: own }';
    const both = 'parameters: { p: env }\nparameter_defaults: { p: low }\n';
    expect(name(own, null)).toBe('own');
    expect(name(own, null, 'parameter_defaults: { p: low }\n')).toBe('low');
    expect(name(own, null, both)).toBe('env');
    expect(name(own, { p: 'given' }, both)).toBe('given');
  });

  it('keep what is typed as a string as it was typed (OR-6.1.5)', () => {
    expect(name('{ type: string }', null, 'parameters: { p: 0755 }\n')).toBe('0755');
    expect(name('{ type: string }', null, 'parameters: { p: 2013-05-23 }\n')).toBe('2013-05-23');
    expect(name('{ type: string }', { p: 7 })).toBe('7');
  });

  it.each([
    ['{ type: number }', 'x', 'parameter p must be a number, not x'],
    ['{ type: boolean }', 'maybe', 'parameter p must be true or false, not maybe'],
    ['{ type: string }', ['a'], 'parameter p must be a text, not a list'],
    ['{ type: json }', '{', 'parameter p must be a map or a list, or JSON text of one, not {'],
    [
      '{ type: string, constraints: [{ length: { min: 2, max: 3 } }] }',
      'abcd',
      'parameter p must be at least 2 and at most 3 long, and abcd is not',
    ],
    [
      '{ type: number, constraints: [{ range: { max: 9 }, description: one digit }] }',
      12,
      'parameter p must be at most 9, and 12 is not (one digit)',
    ],
    [
      '{ type: number, constraints: [{ modulo: { step: 2, offset: 1 } }] }',
      4,
      'parameter p must be a multiple of 2 plus 1, and 4 is not',
    ],
    [
      '{ type: string, constraints: [{ allowed_values: [small, large] }] }',
      'smal',
      'parameter p must be one of small, large, did you mean small?, and smal is not',
    ],
    [
      '{ type: string, constraints: [{ allowed_pattern: "[a-z]+" }] }',
      'ab1',
      'parameter p must be of the form [a-z]+, and ab1 is not',
    ],
    [
      '{ type: string, hidden: true, constraints: [{ length: { min: 9 } }] }',
      'secret',
      'parameter p must be at least 9 long',
    ],
    [
      '{ type: strng }',
      'x',
      'the type of parameter p is one of string, number, json, comma_delimited_list, boolean, not strng, did you mean string?',
    ],
    [
      '{ type: string, constraints: [{ lenght: { min: 1 } }] }',
      'x',
      'there is no constraint lenght, did you mean length?',
    ],
  ])('%s does not take %s (OR-4.9/B2)', (definition, given, expected) => {
    expect(fault(definition, { p: given })).toContain(expected);
  });

  it('never show a hidden value (OR-6.1.6)', () => {
    expect(
      fault('{ type: string, hidden: true, constraints: [{ length: { min: 9 } }] }', { p: 'secret' }),
    ).not.toContain('secret');
    expect(fault('{ type: number, hidden: true }', { p: 'secret' })).not.toContain('secret');
  });

  it('must be given when they have no default, and be known to the template', () => {
    expect(fault('{ type: string }', null)).toBe(
      'stack.yaml:3:3 parameter-without-value parameter p has no default and no value is given',
    );
    expect(fault('{ type: string }', { p: 'x', q: 'y' })).toContain('the template has no parameter q');
    expect(fault('{ type: string, default: a }', null, 'parameters: { pp: 1 }\n')).toBe(
      'env.yaml:1:15 unknown-parameter the template has no parameter pp, did you mean p?',
    );
    expect(said(play('{ type: string, default: a }', null, 'parameter_defaults: { other: 1 }\n'))).toEqual([
      'env.yaml:1:23 not-modelled not modelled: parameter_defaults.other: this template has no such parameter',
    ]);
  });

  it('of the environment come with a registry of types', () => {
    const registry = (type: string) =>
      heat(template('n:\n  type: My::Net\n'), {
        environment: { file: 'env.yaml', text: `resource_registry: { "My::Net": ${type} }\n` },
      });
    expect(intentOf(registry('"OS::Neutron::Net"')).networks).toHaveLength(1);
    expect(said(registry('"OS::Heat::None"'))).toEqual([
      'stack.yaml:3:3 not-modelled not modelled: resources.n (OS::Heat::None): the environment makes nothing of it',
    ]);
    expect(said(registry('net.yaml'))[0]).toContain('nothing that the nested template would make is simulated');
    const wrong = heat(template('n:\n  type: OS::Neutron::Net\n'), {
      environment: { file: 'env.yaml', text: 'paramters: {}\n' },
    });
    expect(said(wrong)).toEqual([
      'env.yaml:1:1 unknown-section an environment has no section paramters, did you mean parameters?',
    ]);
  });
});

describe('a text of a template', () => {
  it('never makes the importer throw, whatever stands in it', () => {
    const piece = fc.constantFrom(
      'heat_template_version: 2016-10-14\n', 'resources:\n', '  a:\n', '    type: OS::Neutron::Net\n', '    type: OS::Neutron::Port\n', '    type: OS::Nova::Server\n',
      '    type: OS::Heat::ResourceGroup\n', '    properties:\n', '      name: x\n', '      network: { get_resource: a }\n', '      networks: [1, {port: a}]\n', '      rules: [[]]\n',
      '      count: 2\n', '      resource_def: { type: OS::Neutron::Net }\n', '    condition: a\n', 'parameters:\n', '  p: { type: json, default: [1] }\n', 'conditions: { a: { not: a } }\n', '      cidr: { get_param: p }\n', '    depends_on: [a]\n',
      '  b: 7\n', '    properties: []\n', '      fixed_ips: { a: b }\n', '    type: OS::ContrailV2::VirtualNetwork\n', '      network_ipam_refs: [[]]\n', '      route_target_list: x\n',
    ); // biome-ignore format: pieces of templates
    const given = fc.option(fc.dictionary(fc.constantFrom('p', 'q'), fc.jsonValue()), { nil: {} });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), given, (pieces, parameters) => {
        const result = heat(pieces.join(''), { parameters });
        if (!result.ok) for (const { message } of result.faults) expect(message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});
