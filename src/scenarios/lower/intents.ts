/**
 * What each cluster is to hold: its imports read, merged with what the scenario states, targets and pins applied, and
 * derived by the transformer.
 */
import { type FileReader, faultSentence, folderOf, isInside, joinPath } from '../../base/files.ts';
import { suggestion } from '../../base/nearest.ts';
import { type Diagnostic, fault, type SourceSpan } from '../../base/result.ts';
import { withAddress, withHost, withTarget } from '../../config/amend.ts';
import { workloadKey } from '../../config/derived.ts';
import type { ClusterIntent } from '../../config/objects.ts';
import { type TransformOptions, transform } from '../../config/transform.ts';
import { parseIpv4 } from '../../net/ipv4.ts';
import { type Ipv4Prefix, parsePrefix } from '../../net/prefix.ts';
import { parseRouteTarget } from '../../net/route-target.ts';
import { INPUT_OCTETS_MAX, type SourceText } from '../../orchestrators/document.ts';
import { type ImportRequest, importCluster } from '../../orchestrators/import.ts';
import type { PluginChoice } from '../../orchestrators/kubernetes.ts';
import { type LoadedScenario, placeOfPart } from '../load.ts';
import type { ScenarioCluster } from '../schema/scenario.ts';
import type { ClusterParts } from './clusters.ts';
import { parseNetworkReference, type SettingCluster } from './setting.ts';
import { statedObjects } from './stated.ts';

export interface Intents {
  readonly clusters: ReadonlyMap<string, SettingCluster>;
  readonly faults: readonly Diagnostic[];
  readonly remarks: readonly Diagnostic[];
}

type HeatImport = Extract<NonNullable<ScenarioCluster['import']>[number], { heat: string }>;
type ManifestImport = Extract<NonNullable<ScenarioCluster['import']>[number], { manifests: string | string[] }>;

export function lowerIntents(
  loaded: LoadedScenario,
  parts: ClusterParts,
  input: { readonly files: FileReader; readonly input: string | null },
): Intents {
  const { scenario } = loaded;
  const faults: Diagnostic[] = [];
  const remarks: Diagnostic[] = [];
  const gathered = new Map<string, { intent: ClusterIntent; options: TransformOptions }>();
  for (const [name, cluster] of Object.entries(scenario.clusters ?? {})) {
    const stated = statedObjects(loaded, name, cluster);
    faults.push(...stated.faults);
    const member = parts.members.get(name)!; // one is made for each cluster
    const vrouters = member.vrouters.map((vrouter) => vrouter.name);
    const reader = new Imports(loaded, name, vrouters, input, faults);
    const requests = (cluster.import ?? []).flatMap((source, index) => {
      return ('heat' in source ? reader.heat(source, index) : reader.manifests(source, index)) ?? [];
    });
    const imported = importCluster(stated.intent, requests);
    if (imported.ok) remarks.push(...imported.remarks);
    else faults.push(...imported.faults);
    gathered.set(name, {
      intent: imported.ok ? imported.value : stated.intent,
      options: {
        asn: member.asn,
        vrouters,
        logicalRoutersEnabled: cluster.logicalRouters ?? true,
        ...(cluster.automaticTargets?.start === undefined ? {} : { firstTarget: cluster.automaticTargets.start }),
      },
    });
  }
  if (faults.length > 0) return { clusters: new Map(), faults, remarks };
  applyTargets(loaded, gathered, faults);
  applyPins(loaded, gathered, faults);
  if (faults.length > 0) return { clusters: new Map(), faults, remarks };

  const names = [...gathered.keys()];
  const derived = transform([...gathered.values()]);
  if (!derived.ok) return { clusters: new Map(), faults: derived.faults, remarks };
  remarks.push(...derived.remarks);
  const clusters = new Map(
    names.map((name, index) => [name, { ...gathered.get(name)!, derived: derived.value[index]! }]),
  );
  return { clusters, faults, remarks };
}

type Gathered = Map<string, { intent: ClusterIntent; options: TransformOptions }>;

function applyTargets(loaded: LoadedScenario, gathered: Gathered, faults: Diagnostic[]): void {
  for (const [index, shared] of (loaded.scenario.routeTargets ?? []).entries()) {
    const at = placeOfPart(loaded, ['routeTargets', index, 'target']);
    const target = parseRouteTarget(shared.target)!; // the schema has read it
    for (const [which, text] of shared.networks.entries()) {
      const clusters = new Map(
        [...gathered].map(([name, { intent, options }]) => [name, { intent, options, derived: null as never }]),
      ); // only the intent is looked at
      const reference = parseNetworkReference(text, { clusters });
      if (typeof reference === 'string') {
        faults.push(
          fault(placeOfPart(loaded, ['routeTargets', index, 'networks', which]), 'unknown-network', reference),
        );
        continue;
      }
      const cluster = gathered.get(reference.cluster)!;
      const changed = withTarget(cluster.intent, reference.name, target, shared.direction ?? 'both', at);
      if (changed !== null) gathered.set(reference.cluster, { ...cluster, intent: changed });
    }
  }
}

function applyPins(loaded: LoadedScenario, gathered: Gathered, faults: Diagnostic[]): void {
  for (const [name, cluster] of Object.entries(loaded.scenario.clusters ?? {})) {
    for (const [selector, pin] of Object.entries(cluster.pins ?? {})) {
      const at = (key: string) => placeOfPart(loaded, ['clusters', name, 'pins', selector, key]);
      const own = gathered.get(name)!;
      const parts = selector.slice(selector.indexOf(':') + 1).split('/');
      const key = `${selector.slice(0, selector.indexOf(':'))}:${parts.slice(parts.length > 2 ? 1 : 0).join('/')}`;
      if (!own.intent.workloads.some((workload) => workloadKey(workload) === key)) {
        const known = own.intent.workloads.map(workloadKey);
        faults.push(
          fault(
            placeOfPart(loaded, ['clusters', name, 'pins', selector], 'key'),
            'no-match',
            `cluster ${name} has no ${key}${suggestion(key, known)}`,
          ),
        );
        continue;
      }
      let { intent } = own;
      if (pin.host !== undefined) intent = withHost(intent, key, pin.host) ?? intent;
      const address = pin.address === undefined ? null : parseIpv4(pin.address);
      if (address !== null) intent = withAddress(intent, key, address, at('address')) ?? intent;
      gathered.set(name, { ...own, intent });
    }
  }
}

function rangeOf(text: string | undefined): Ipv4Prefix | undefined {
  const prefix = text === undefined ? undefined : parsePrefix(text);
  return typeof prefix === 'object' ? prefix : undefined;
}

function definedOnly(labels: { readonly network?: string | undefined; readonly access?: string | undefined }): {
  network?: string;
  access?: string;
} {
  return {
    ...(labels.network === undefined ? {} : { network: labels.network }),
    ...(labels.access === undefined ? {} : { access: labels.access }),
  };
}

/** Whether a path starts at the folder that the command line names. */
function isOfInput(path: string): boolean {
  return path === '$INPUT' || path.startsWith('$INPUT/');
}

/** Reads the files that the imports of one cluster name. */
class Imports {
  private readonly loaded: LoadedScenario;
  private readonly cluster: string;
  private readonly files: FileReader;
  private readonly input: string | null;
  private readonly faults: Diagnostic[];
  private readonly nodes: readonly string[];

  constructor(
    loaded: LoadedScenario,
    cluster: string,
    nodes: readonly string[],
    { files, input }: { readonly files: FileReader; readonly input: string | null },
    faults: Diagnostic[],
  ) {
    this.nodes = nodes;
    this.loaded = loaded;
    this.cluster = cluster;
    this.files = files;
    this.input = input;
    this.faults = faults;
  }

  heat(source: HeatImport, index: number): ImportRequest | null {
    const place = (key: string) => this.place(index, key);
    const template = this.file(source.heat, place('heat'));
    const environment = source.environment === undefined ? null : this.file(source.environment, place('environment'));
    if (template === null || (source.environment !== undefined && environment === null)) return null;
    return {
      kind: 'heat',
      template,
      environment,
      parameters: source.parameters ?? {},
      at: place('parameters'),
      project: source.project,
      ...(source.stack === undefined ? {} : { stack: source.stack }),
      readFile: (path) => {
        const read = this.files.read(path, INPUT_OCTETS_MAX, this.folder(source.heat, place('heat')));
        return 'text' in read ? read.text : null;
      },
    };
  }

  manifests(source: ManifestImport, index: number): ImportRequest | null {
    const texts: SourceText[] = [];
    let complete = true;
    const paths = Array.isArray(source.manifests) ? source.manifests : [source.manifests];
    for (const [which, path] of paths.entries()) {
      const at = Array.isArray(source.manifests)
        ? placeOfPart(this.loaded, ['clusters', this.cluster, 'import', index, 'manifests', which])
        : this.place(index, 'manifests');
      const found = this.manifestFiles(path, at);
      if (found === null) complete = false;
      for (const file of found ?? []) {
        const text = this.read(file, this.folder(path, at), at);
        if (text === null) complete = false;
        else texts.push(text);
      }
    }
    if (!complete) return null;
    const stated = source.plugin;
    const [podRange, serviceRange, publicRange] = [stated?.podRange, stated?.serviceRange, stated?.publicRange].map(
      rangeOf,
    );
    const plugin: PluginChoice = {
      ...(stated?.era === undefined ? {} : { era: stated.era }),
      ...(stated?.labels === undefined ? {} : { labels: definedOnly(stated.labels) }),
      ...(podRange === undefined ? {} : { podRange }),
      ...(serviceRange === undefined ? {} : { serviceRange }),
      ...(publicRange === undefined ? {} : { publicRange }),
      ...(stated?.publicNetwork === undefined ? {} : { publicNetwork: stated.publicNetwork }),
      ...(stated?.clusterServices === undefined ? {} : { clusterServices: stated.clusterServices }),
    };
    return {
      kind: 'manifests',
      sources: texts,
      plugin,
      nodes: this.nodes,
      ...(source.namespace === undefined ? {} : { namespace: source.namespace }),
    };
  }

  private place(index: number, key: string): SourceSpan {
    return placeOfPart(this.loaded, ['clusters', this.cluster, 'import', index, key]);
  }

  /** The files of a folder that are manifests by their ending, in order of name, or the one file. */
  private manifestFiles(path: string, at: SourceSpan): readonly string[] | null {
    const full = this.resolve(path, at);
    if (full === null) return null;
    const kind = this.files.kind(full);
    if (kind === 'file') return [full];
    if (kind === 'missing') {
      this.faults.push(fault(at, 'missing-file', `there is no file or folder ${full}`));
      return null;
    }
    const names = this.files.list(full).filter((name) => /\.(ya?ml|json)$/.test(name));
    if (names.length === 0) {
      this.faults.push(fault(at, 'no-manifests', `the folder ${full} holds no .yaml, .yml or .json file`));
      return null;
    }
    return names.map((name) => joinPath(full, name));
  }

  private file(path: string, at: SourceSpan): SourceText | null {
    const full = this.resolve(path, at);
    return full === null ? null : this.read(full, this.folder(path, at), at);
  }

  private read(full: string, folder: string, at: SourceSpan): SourceText | null {
    const read = this.files.read(full, INPUT_OCTETS_MAX, folder);
    if ('text' in read) return { file: full, text: read.text };
    const code = read.fault === 'linked-away' ? 'outside-folder' : 'unreadable-file';
    this.faults.push(fault(at, code, faultSentence(full, read.fault, INPUT_OCTETS_MAX)));
    return null;
  }

  /** Where a path of the scenario starts: the folder of the file that states it, or the one given on the command line. */
  private folder(path: string, at: SourceSpan): string {
    return joinPath('.', isOfInput(path) && this.input !== null ? this.input : folderOf(at.file));
  }

  /** A path of the scenario lies in its own folder or below; `$INPUT/` is the folder given on the command line. */
  private resolve(path: string, at: SourceSpan): string | null {
    const folder = this.folder(path, at); // an inherited import keeps the folder of the file that states it
    if (isOfInput(path)) {
      if (this.input === null) {
        this.faults.push(
          fault(at, 'no-input-folder', `${path} needs the folder of the input files: give it with --input FOLDER`),
        );
        return null;
      }
      const full = joinPath(folder, path.slice('$INPUT/'.length) || '.');
      if (isInside(folder, full)) return full;
      this.faults.push(fault(at, 'outside-folder', `${path} lies outside the input folder`));
      return null;
    }
    const full = joinPath(folder, path);
    if (!path.startsWith('/') && isInside(folder, full)) return full;
    this.faults.push(
      fault(at, 'outside-folder', `${path} lies outside the scenario's folder; files are named relative to it`),
    );
    return null;
  }
}
