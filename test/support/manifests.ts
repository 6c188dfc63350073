/** Kubernetes manifests as values. */
export function controller(name: string, replicas: number, labels: object): object {
  const template = { metadata: { labels }, spec: { containers: [{ name, image: name }] } };
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, labels },
    spec: { replicas, selector: { name }, template },
  };
}

/** The service of the pods `data` at the port of PostgreSQL. */
export function dataService(more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'data', labels: { name: 'data' } },
    spec: { selector: { name: 'data' }, ports: [{ port: 5432 }], ...more },
  };
}
