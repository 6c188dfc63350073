/**
 * The setting of a scenario while its steps are compiled: who is there, what each cluster is configured with by then,
 * and what names mean. A step that changes an intent changes the setting for the steps after it.
 */
import { suggestion } from '../../base/nearest.ts';
import { byText } from '../../base/order.ts';
import type { SourceSpan } from '../../base/result.ts';
import type { DerivedCluster } from '../../config/derived.ts';
import type { ClusterIntent } from '../../config/objects.ts';
import { type TransformOptions, transformCluster } from '../../config/transform.ts';
import type { ControlNodeChange, ControlNodeConfig, RoutingInstanceConfig } from '../../control/control-config.ts';
import type { FamilyName } from '../../route/family.ts';
import { Directory, type DirectoryInput } from '../../world/directory.ts';
import type { Action } from '../action.ts';
import { DEFAULT_DOMAIN } from './stated.ts';

export interface SettingCluster {
  readonly intent: ClusterIntent;
  readonly options: TransformOptions;
  readonly derived: DerivedCluster;
}

export type NodeKind = 'control-node' | 'agent' | 'gateway' | 'speaker';

export interface SettingInput {
  readonly nodes: ReadonlyMap<string, NodeKind>;
  /** Agents that `start: all` leaves out. */
  readonly asleep: readonly string[];
  /** What each raw speaker offers. */
  readonly families: ReadonlyMap<string, readonly FamilyName[]>;
  readonly bareAgents: readonly string[];
  readonly speakers: readonly string[];
  readonly controlNodes: readonly ControlNodeConfig[];
  readonly clusters: ReadonlyMap<string, SettingCluster>;
  readonly directory: Omit<DirectoryInput, 'clusters'>;
}

export class Setting {
  readonly nodes: readonly string[];
  readonly asleep: readonly string[];
  readonly kinds: ReadonlyMap<string, NodeKind>;
  readonly families: ReadonlyMap<string, readonly FamilyName[]>;
  readonly bareAgents: readonly string[];
  readonly speakers: readonly string[];
  readonly clusters: Map<string, SettingCluster>;
  directory: Directory;
  private readonly naming: Omit<DirectoryInput, 'clusters'>;
  /** Instances of the protocol altitude, by control node and name. */
  private readonly instances: Map<string, Map<string, RoutingInstanceConfig>>;
  /** The same as the scenario states them, whatever steps have done since. */
  private readonly stated: ReadonlyMap<string, ReadonlyMap<string, RoutingInstanceConfig>>;

  constructor(input: SettingInput) {
    this.nodes = [...input.nodes.keys()];
    this.asleep = input.asleep;
    this.kinds = input.nodes;
    this.families = input.families;
    this.bareAgents = input.bareAgents;
    this.speakers = input.speakers;
    this.clusters = new Map(input.clusters);
    this.naming = input.directory;
    this.directory = this.directoryNow();
    const byNode = () =>
      new Map(
        input.controlNodes.map((config) => [
          config.name,
          new Map(config.instances.map((instance) => [instance.name, instance])),
        ]),
      );
    this.instances = byNode();
    this.stated = byNode();
  }

  derivedClusters(): readonly DerivedCluster[] {
    return [...this.clusters.values()].map((cluster) => cluster.derived);
  }

  /** `there is no node ctl-1, did you mean ctl-a?` */
  noSuch(kind: string, word: string): string {
    const known = kind.includes('agent')
      ? this.bareAgents
      : kind.includes('speaker')
        ? this.speakers
        : [...this.nodes, ...this.clusters.keys()];
    return `there is no ${kind} called ${word}${suggestion(word, known)}`;
  }

  /** Instances that the protocol altitude states, whether they are there by now or not. */
  statedNames(): readonly string[] {
    return [...new Set([...this.stated.values()].flatMap((own) => [...own.keys()]))];
  }

  isStated(instance: string): boolean {
    return [...this.stated.values()].some((own) => own.has(instance));
  }

  /** VRFs of a gateway. */
  gatewayInstances(name: string): readonly string[] {
    const gateway = this.naming.gateways.find((one) => one.name === name);
    return gateway === undefined ? [] : gateway.instances.map((instance) => instance.name);
  }

  /** `cluster/project/network` of all networks, and `gateway/instance` of all VRFs of gateways. */
  networkNames(): readonly string[] {
    const networks = [...this.clusters].flatMap(([cluster, { derived }]) =>
      derived.networks.map((network) => [cluster, ...network.name.split(':').slice(1)].join('/')),
    );
    const vrfs = this.naming.gateways.flatMap((gateway) =>
      gateway.instances.map((instance) => `${gateway.name}/${instance.name}`),
    );
    return [...networks, ...vrfs];
  }

  /** Instances there are or may be: those of the clusters' networks, and those the protocol altitude states. */
  instanceNames(): readonly string[] {
    const stated = this.statedNames();
    const derived = this.derivedClusters().flatMap((cluster) => cluster.instances.map((instance) => instance.name));
    return [...new Set([...stated, ...derived])];
  }

  /** An instance of the protocol altitude as it is by now, or null. */
  statedInstance(name: string): RoutingInstanceConfig | null {
    for (const own of this.instances.values()) {
      const instance = own.get(name);
      if (instance !== undefined) return instance;
    }
    return null;
  }

  changeInstance(
    name: string,
    change: (instance: RoutingInstanceConfig) => RoutingInstanceConfig,
  ): { node: string; change: ControlNodeChange }[] {
    return this.onHolders(name, (own, instance) => {
      const changed = change(instance);
      own.set(name, changed);
      return { kind: 'instance', instance: changed };
    });
  }

  deleteInstance(name: string): { node: string; change: ControlNodeChange }[] {
    return this.onHolders(name, (own) => {
      own.delete(name);
      return { kind: 'instance-deleted', name };
    });
  }

  /** Makes a deleted instance again, on the nodes that the scenario states. */
  createInstance(name: string): { node: string; change: ControlNodeChange }[] {
    return [...this.stated].flatMap(([node, own]) => {
      const instance = own.get(name);
      if (instance === undefined) return [];
      this.instances.get(node)!.set(name, instance);
      return [{ node, change: { kind: 'instance', instance } as const }];
    });
  }

  /** Changes the intent of a cluster; null when the edit names something that is not there or the result is wrong. */
  changed(
    cluster: string,
    edit: (intent: ClusterIntent) => ClusterIntent | null,
    words: string,
    context: { wrong(at: SourceSpan, code: string, message: string): null },
    at: SourceSpan,
  ): { readonly action: Action; readonly words: string } | null {
    const before = this.clusters.get(cluster)!; // callers have resolved the name
    const intent = edit(before.intent);
    if (intent === null)
      return context.wrong(at, 'no-such-object', `${words}: cluster ${cluster} has nothing of that name`);
    const result = transformCluster(intent, { ...before.options, keep: before.derived });
    if (!result.ok) {
      for (const fault of result.faults) context.wrong(at, fault.code, fault.message); // the step is what makes it wrong
      return null;
    }
    this.clusters.set(cluster, { ...before, intent, derived: result.value });
    this.directory = this.directoryNow();
    return { action: { verb: 'configure', clusters: [result.value] }, words };
  }

  private directoryNow(): Directory {
    return new Directory({ ...this.naming, clusters: this.derivedClusters() });
  }

  private onHolders(
    name: string,
    change: (own: Map<string, RoutingInstanceConfig>, instance: RoutingInstanceConfig) => ControlNodeChange,
  ): { node: string; change: ControlNodeChange }[] {
    return [...this.instances].flatMap(([node, own]) => {
      const instance = own.get(name);
      return instance === undefined ? [] : [{ node, change: change(own, instance) }];
    });
  }
}

/** A network as scenarios write it (`cluster/project/name`, or `project/name` where that is clear), or what is wrong. */
export function parseNetworkReference(
  text: string,
  setting: Pick<Setting, 'clusters'>,
): { readonly cluster: string; readonly name: string } | string {
  const parts = text.split('/');
  const rest = parts.length >= 3 ? parts.slice(1) : parts;
  const name = `${DEFAULT_DOMAIN}:${rest.join(':')}`;
  const clusters = parts.length >= 3 ? [parts[0]!] : [...setting.clusters.keys()];
  if (parts.length >= 3 && !setting.clusters.has(parts[0]!)) {
    return `there is no cluster called ${parts[0]}${suggestion(parts[0]!, [...setting.clusters.keys()])}`;
  }
  const holders = clusters.filter((cluster) =>
    setting.clusters.get(cluster)!.intent.networks.some((network) => network.name === name),
  );
  if (holders.length === 1) return { cluster: holders[0]!, name };
  if (holders.length > 1) return `${text} is a network of ${holders.sort(byText).join(' and ')}; name the cluster`;
  const known = clusters.flatMap((cluster) =>
    setting.clusters
      .get(cluster)!
      .intent.networks.map((network) => [cluster, ...network.name.split(':').slice(1)].join('/')),
  );
  return `there is no network ${text}${suggestion(text, known) || (known.length > 0 && known.length <= 8 ? `; there are ${known.join(', ')}` : '')}`;
}
