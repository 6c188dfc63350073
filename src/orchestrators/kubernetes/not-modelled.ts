/** Kinds and keys of manifests that the simulation does not play, with what that means for who reaches whom. */
import { suggestion } from '../../base/nearest.ts';
import { type Consequence, harmless, matters } from '../remarks.ts';

const KINDS: Readonly<Record<string, Consequence>> = {
  NetworkPolicy: matters('kube-network-manager knows no NetworkPolicy, so what it forbids passes'),
  AdminNetworkPolicy: matters('kube-network-manager knows no AdminNetworkPolicy, so what it forbids passes'),
  BaselineAdminNetworkPolicy: matters(
    'kube-network-manager knows no BaselineAdminNetworkPolicy, so what it forbids passes',
  ),
  NetworkAttachmentDefinition: matters('pods have one interface only'),
  Ingress: matters('no load balancer is made: clients reach the services themselves'),
  Endpoints: matters('members of a service come from its selector alone'),
  EndpointSlice: matters('members of a service come from its selector alone'),
  Job: matters('its pods are not made'),
  CronJob: matters('its pods are not made'),
  Node: harmless('hosts are the vRouters of the scenario'),
  HorizontalPodAutoscaler: harmless('controllers keep the replicas of their manifests'),
  PodDisruptionBudget: harmless(),
  ConfigMap: harmless(),
  Secret: harmless(),
  ServiceAccount: harmless(),
  PersistentVolume: harmless(),
  PersistentVolumeClaim: harmless(),
  StorageClass: harmless(),
  LimitRange: harmless(),
  ResourceQuota: harmless('quotas refuse nothing here'),
  Role: harmless(),
  RoleBinding: harmless(),
  ClusterRole: harmless(),
  ClusterRoleBinding: harmless(),
  CustomResourceDefinition: harmless(),
  PriorityClass: harmless(),
  Event: harmless(),
};

/** null: the kind is known nowhere. */
export function consequenceOfKind(kind: string): Consequence | null {
  return KINDS[kind] ?? null;
}

const PLACEMENT = harmless('hosts are chosen round robin by name, unless nodeName names one');

const POD_KEYS: Readonly<Record<string, Consequence>> = {
  nodeSelector: PLACEMENT,
  affinity: PLACEMENT,
  tolerations: PLACEMENT,
  topologySpreadConstraints: PLACEMENT,
  schedulerName: PLACEMENT,
  initContainers: harmless('all pods are taken as running'),
  readinessProbe: harmless('all pods are taken as ready'),
  livenessProbe: harmless('all pods are taken as alive'),
  startupProbe: harmless('all pods are taken as started'),
  hostPort: matters('the port is not open on the address of the host'),
  hostIP: matters('the port is not open on the address of the host'),
  dnsPolicy: harmless('names are not resolved'),
  dnsConfig: harmless('names are not resolved'),
  hostAliases: harmless('names are not resolved'),
  hostname: harmless('names are not resolved'),
  subdomain: harmless('names are not resolved'),
};

const SERVICE_KEYS: Readonly<Record<string, Consequence>> = {
  sessionAffinity: matters('every flow is spread anew over the members'),
  sessionAffinityConfig: matters('every flow is spread anew over the members'),
  nodePort: matters('the port is not open on the addresses of the hosts'),
  loadBalancerIP: matters('the daemon does not read it: the address is given from the public network'),
  loadBalancerSourceRanges: matters('everybody may come'),
  externalName: harmless('names are not resolved'),
  externalTrafficPolicy: harmless('members everywhere are used'),
  internalTrafficPolicy: harmless('members everywhere are used'),
  publishNotReadyAddresses: harmless('all pods are taken as ready'),
  healthCheckNodePort: harmless(),
  ipFamilies: matters('IPv6 is not simulated'),
  ipFamilyPolicy: matters('IPv6 is not simulated'),
  allocateLoadBalancerNodePorts: harmless(),
};

const CONTROLLER_KEYS: Readonly<Record<string, Consequence>> = {
  strategy: harmless('replicas are there from the start'),
  updateStrategy: harmless('replicas are there from the start'),
  minReadySeconds: harmless('replicas are there from the start'),
  revisionHistoryLimit: harmless(),
  progressDeadlineSeconds: harmless(),
  rollbackTo: harmless(),
  paused: matters('the controller is played as if it were not paused'),
  serviceName: harmless('names are not resolved'),
  podManagementPolicy: harmless('replicas are there from the start'),
  volumeClaimTemplates: harmless(),
  ordinals: matters('pods are numbered from 1'),
};

const METADATA_KEYS = [
  'uid', 'resourceVersion', 'creationTimestamp', 'generation', 'selfLink', 'generateName', 'managedFields', 'finalizers',
  'ownerReferences', 'deletionTimestamp', 'clusterName', 'name', 'namespace',
]; // biome-ignore format: a list of words

/** About what runs in a pod, not about how it is reached. */
const INSIDE_PODS = [
  'image', 'imagePullPolicy', 'imagePullSecrets', 'command', 'args', 'env', 'envFrom', 'resources', 'volumeMounts', 'volumeDevices',
  'volumes', 'workingDir', 'securityContext', 'terminationMessagePath', 'terminationMessagePolicy', 'terminationGracePeriodSeconds',
  'lifecycle', 'stdin', 'stdinOnce', 'tty', 'restartPolicy', 'activeDeadlineSeconds', 'serviceAccount', 'serviceAccountName',
  'automountServiceAccountToken', 'priority', 'priorityClassName', 'preemptionPolicy', 'runtimeClassName', 'enableServiceLinks',
  'shareProcessNamespace', 'hostPID', 'hostIPC', 'hostUsers', 'overhead', 'readinessGates', 'setHostnameAsFQDN', 'os',
  'ephemeralContainers', 'resizePolicy', 'resourceClaims', 'schedulingGates',
]; // biome-ignore format: a list of words

/** Keys the importer reads, for the word an unknown one may have been meant for. */
const READ_KEYS = [
  'selector', 'ports', 'type', 'clusterIP', 'externalIPs', 'replicas', 'template', 'metadata', 'spec', 'labels', 'annotations',
  'containers', 'containerPort', 'hostNetwork', 'nodeName', 'targetPort', 'protocol', 'port', 'namespace', 'name', 'status', 'podIP',
]; // biome-ignore format: a list of words

/** What follows from a key nobody read. */
export function leftKey(kind: string, path: string, key: string): Consequence {
  if (/(^|\.)metadata\.[^.]+$/.test(path) && METADATA_KEYS.includes(key)) return harmless();
  if (path === 'status' || path.startsWith('status.')) return harmless('the state is played, not read');
  if (kind === 'Service' && SERVICE_KEYS[key] !== undefined) return SERVICE_KEYS[key];
  if (kind === 'Namespace' && path.startsWith('spec')) return harmless();
  const inPod = kind === 'Pod' ? path.startsWith('spec.') : path.startsWith('spec.template.spec.');
  if (inPod) {
    const known = POD_KEYS[key];
    if (known !== undefined) return known;
    if (INSIDE_PODS.includes(key)) return harmless();
  } else if (CONTROLLER_KEYS[key] !== undefined) return CONTROLLER_KEYS[key];
  return matters(`the importer does not know ${key}, so it changes nothing here${suggestion(key, READ_KEYS)}`);
}
