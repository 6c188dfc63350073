import { describe, expect, it } from 'vitest';
import { controlNodeConfig, instance, network, peered } from './node-config.ts';
import { Scene } from './scene.ts';

const BLUE = 'd:p:blue:blue';

function twoNodes(wire = false) {
  const shared = {
    networks: [network(BLUE, 1)],
    instances: [instance(BLUE, ['target:64512:8000001'])],
  };
  const [x, y] = peered(controlNodeConfig('X', '192.168.0.1', shared), controlNodeConfig('Y', '192.168.0.2', shared));
  const scene = new Scene([x, y], wire);
  const a = scene.agent('a', '192.168.1.1', 'X');
  const b = scene.agent('b', '192.168.1.2', 'Y');
  a.subscribe(BLUE, 1);
  b.subscribe(BLUE, 4);
  scene.settle();
  return { scene, a, b };
}

describe.each([false, true])('two control nodes of a cluster (wire: %s)', (wire) => {
  it('bring an agent route to the agent of the other node', () => {
    const { scene, a, b } = twoNodes(wire);
    a.publish(BLUE, '10.1.1.1/32', { nextHop: '192.168.1.1', label: 101 });
    scene.settle();
    expect(b.nextHops(BLUE, '10.1.1.1/32')).toEqual(['192.168.1.1']);
    expect(a.nextHops(BLUE, '10.1.1.1/32')).toEqual(['192.168.1.1']);
    expect(scene.vpn('Y', '192.168.1.1:1:10.1.1.1/32')?.paths).toHaveLength(1);
    a.retract(BLUE, '10.1.1.1/32', '192.168.1.1');
    scene.settle();
    expect(b.held(BLUE)).toEqual([]);
    expect(a.endOfRibs).toBe(1);
  });
});
