import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derived, faults, intentOf, kube, PLUGIN, pod, rc, STORY, service, tail } from './kubernetes-helpers.ts';
import { said } from './said.ts';

describe('files of manifests', () => {
  it('may hold several documents, lists, and JSON; every item counts once (OR-6.5/T15)', () => {
    const list = `apiVersion: v1\nkind: List\nmetadata: {}\nitems:\n- ${pod('a').replace(/\n/g, '\n  ')}\n- ${pod('b').replace(/\n/g, '\n  ')}\n`;
    const json = JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'c', labels: { name: 'c' } } });
    const result = kube([], {
      sources: [
        { file: 'a.yaml', text: `${list}---\n${pod('d')}` },
        { file: 'b.json', text: json },
      ],
    });
    expect(intentOf(result).workloads.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(said(result)).toEqual([]);
  });

  it('give the same objects in any order (OR-6.1.4)', () => {
    const files = STORY.map((text, i) => ({ file: `${i}.yaml`, text }));
    const expected = derived(kube([], { sources: files, plugin: PLUGIN }));
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(derived(kube([], { sources: shuffled, plugin: PLUGIN }))).toEqual(expected);
      }),
      { numRuns: 20 },
    );
    // and whichever names the files have, all but the places stay
    const renamed = derived(
      kube([], { sources: files.map(({ text }, i) => ({ file: `${9 - i}.yaml`, text })), plugin: PLUGIN }),
    );
    expect(renamed.interfaces.map(({ name, addresses }) => [name, addresses])).toEqual(
      expected.interfaces.map(({ name, addresses }) => [name, addresses]),
    );
    expect(renamed.instances).toEqual(expected.instances);
  });

  it('in namespaces make networks apart; one that nobody declares is a fault (OR-1.3.14)', () => {
    const other = `apiVersion: v1\nkind: Namespace\nmetadata: { name: other }\n`;
    const there = pod('a').replace('name: a,', 'name: a, namespace: other,');
    const { networks } = intentOf(kube([other, there, pod('a')]));
    expect(networks.map(({ name }) => tail(name))).toEqual(expect.arrayContaining(['default:a', 'other:a']));
    expect(faults([there])).toEqual([
      'm.yaml:3:19 unknown-namespace a is in namespace other, which no manifest declares',
    ]);
    expect(intentOf(kube([pod('a')], { namespace: 'guestbook' })).workloads[0]?.project).toBe('guestbook');
  });

  it.each<readonly [string, string | readonly string[], string]>([
    ['no kind', 'apiVersion: v1\n', 'm.yaml:1:1 no-kind this manifest has no kind'],
    [
      'a kind that is misspelt',
      'apiVersion: v1\nkind: Sevice\nmetadata: { name: a }\n',
      'm.yaml:2:7 unknown-kind there is no kind Sevice, did you mean Service?',
    ],
    [
      'a tag of some other program',
      pod('a').replace('name: a }', 'name: !Ref a }'),
      'm.yaml:3:46 bad-yaml the tag !Ref is not known here; write the value without it',
    ],
    [
      'a version in which their kind was never served',
      rc('web', 'name: web').replace('apiVersion: v1', 'apiVersion: apps/v1'),
      'm.yaml:1:13 unknown-api-version there is no ReplicationController in apiVersion apps/v1; it is v1',
    ],
    [
      'a controller of today in the version of a pod',
      rc('web', 'name: web').replace('ReplicationController', 'Deployment'),
      'm.yaml:1:13 unknown-api-version there is no Deployment in apiVersion v1; it is apps/v1',
    ],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata: {}\n', 'm.yaml:3:11 no-name this Pod has no name'],
    [
      'a name that is none',
      'apiVersion: v1\nkind: Pod\nmetadata: { name: A_b }\n',
      'm.yaml:3:19 bad-name the name A_b must be lower case letters, digits and dashes',
    ],
    ['a list instead of a map', '- a\n', 'm.yaml:1:1 not-a-map a manifest must be a map of keys'],
    [
      'one object twice',
      [pod('a'), pod('a')],
      'm.yaml:8:19 duplicate-object Pod default/a is declared twice, first at m.yaml:3',
    ],
    [
      'a label that YAML makes a boolean',
      pod('a').replace('name: a }', 'name: yes }'),
      'm.yaml:3:46 not-a-text name in labels must be a text, write "yes" in quotes',
    ],
    [
      'a selector that its own pods do not match',
      rc('a', 'name: a').replace('selector: { app: a }', 'selector: { app: b }'),
      'm.yaml:6:13 selector-mismatch ReplicationController a selects app: b, but its own pods are labelled app: a',
    ],
    [
      'a service that selects nothing',
      [rc('web', 'name: web'), service('wbe', 'name: web', '')],
      'm.yaml:14:19 selects-nothing service default/wbe selects app: wbe, which no pod of namespace default has, did you mean app: web?',
    ],
    [
      'a use of a service that is not there',
      [rc('a', 'uses: redsi'), rc('r', 'name: redis'), service('r', 'name: redis', '')],
      'm.yaml:3:19 unknown-service pod default/a-1 uses redsi, but no service of namespace default is labelled name: redsi, did you mean redis?',
    ],
    [
      'an address outside the service range',
      [rc('s', 'name: s'), service('s', 'name: s', 'clusterIP: 10.9.0.1')],
      'm.yaml:13:19 address-outside service default/s asks for 10.9.0.1, which lies outside the service range 10.254.0.0/16',
    ],
    [
      'one cluster address twice',
      [
        rc('s', 'name: s'),
        service('s', 'name: s', 'clusterIP: 10.254.0.1'),
        rc('t', 'name: t'),
        service('t', 'name: t', 'clusterIP: 10.254.0.1'),
      ],
      'm.yaml:28:19 address-in-use service default/t asks for 10.254.0.1, which service default/s has',
    ],
    [
      'no template',
      'apiVersion: v1\nkind: ReplicationController\nmetadata: { name: a }\nspec: { replicas: 1 }\n',
      'm.yaml:3:19 no-template ReplicationController a has no template for its pods',
    ],
    [
      'a port that is none',
      [rc('s', 'name: s'), service('s', 'name: s', 'ports: [{ port: 99999 }]')],
      'm.yaml:14:47 bad-number port must be a whole number from 1 to 65535, not 99999',
    ],
  ])('with %s are refused', (_, text, expected) => {
    expect(faults(text)).toContain(expected);
  });

  it('of which one is at fault say nothing of services that would select its pods', () => {
    const broken = rc('web', 'name: web').replace('kind: Rep', 'kind: Rpe');
    expect(faults([broken, service('web', 'name: web', '')])).toEqual([
      'm.yaml:2:7 unknown-kind there is no kind RpelicationController, did you mean ReplicationController?',
    ]);
  });

  it('tell kinds and keys that are not played, and what follows (OR-6.1.1)', () => {
    const policy =
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: deny }\nspec: { podSelector: {} }\n';
    const odd = 'apiVersion: v1\nkind: Widget\nmetadata: { name: w }\n';
    const keys = pod('a', 'spec: { volumes: [], nodeSelector: { a: b }, netwrok: x }\n');
    expect(said(kube([policy, odd, keys]))).toEqual([
      'm.yaml:1:1 not-modelled not modelled: NetworkPolicy deny: kube-network-manager knows no NetworkPolicy, so what it forbids passes',
      'm.yaml:6:1 not-modelled not modelled: Widget w: the importer does not know the kind Widget, so nothing is made of it',
      'm.yaml:13:9 not-modelled not modelled: Pod a: spec.volumes: no effect on networking',
      'm.yaml:13:22 not-modelled not modelled: Pod a: spec.nodeSelector: hosts are chosen round robin by name, unless nodeName names one',
      'm.yaml:13:46 not-modelled not modelled: Pod a: spec.netwrok: the importer does not know netwrok, so it changes nothing here',
    ]);
  });

  it('never make the importer throw', () => {
    const value = fc.constantFrom('x', '7', '[]', '{}', '[{}]', '~', 'true', '{ a: b }', '[1]', '"10.0.0.1"');
    const kinds = fc.constantFrom(
      'Pod',
      'Service',
      'ReplicationController',
      'Deployment',
      'Namespace',
      'List',
      'NetworkPolicy',
    );
    const keys = fc.array(
      fc.tuple(
        fc.constantFrom('selector', 'template', 'ports', 'clusterIP', 'externalIPs', 'replicas', 'containers', 'type'),
        value,
      ),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(kinds, value, value, keys, (kind, metadata, items, spec) => {
        const unique = new Map(spec);
        const text = `apiVersion: v1\nkind: ${kind}\nmetadata: ${metadata === 'x' ? '{ name: a, labels: { name: a } }' : metadata}\nitems: ${items}\nspec:\n  z: 1\n${[...unique].map(([key, one]) => `  ${key}: ${one}\n`).join('')}`;
        const result = kube(text);
        if (!result.ok) for (const { message } of result.faults) expect(message).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });
});
