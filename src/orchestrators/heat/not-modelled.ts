/** Resource types the simulation does not play, with what that means for who reaches whom (OR-4.9/13, OR-4.9/14). */
import { type Consequence, harmless, matters } from '../remarks.ts';

const SERVICE_CHAIN = matters('no traffic is steered through a service instance');

const TYPES: Readonly<Record<string, Consequence>> = {
  'OS::Neutron::Router': matters('networks on this router do not reach each other through it, nor the outside'),
  'OS::Neutron::RouterInterface': matters('the network is not joined to the router'),
  'OS::Neutron::RouterGateway': matters('the router has no way to the external network'),
  'OS::Neutron::ExtraRoute': matters('the router does not learn the route'),
  'OS::Neutron::FloatingIP': matters('no floating address is given: nobody outside can open connections to the port'),
  'OS::Neutron::FloatingIPAssociation': matters('the floating address is not attached to the port'),
  'OS::Nova::FloatingIP': matters('no floating address is given: nobody outside can open connections to the server'),
  'OS::Nova::FloatingIPAssociation': matters('the floating address is not attached to the server'),
  'OS::Neutron::Trunk': matters('the sub ports carry no traffic'),
  'OS::Neutron::BGPVPN': matters('its route targets are on no network'),
  'OS::Neutron::BGPVPN-NET-ASSOCIATION': matters('the network does not get the route targets'),
  'OS::Neutron::BGPVPN-ROUTER-ASSOCIATION': matters('the router does not get the route targets'),
  'OS::Neutron::AddressScope': harmless(),
  'OS::Neutron::SubnetPool': matters('subnets take their prefix from cidr alone'),
  'OS::Neutron::QoSPolicy': harmless(),
  'OS::Neutron::RBACPolicy': matters('the object is shared only as its own properties say'),
  'OS::Neutron::LoadBalancer': matters('no balancing: the virtual address answers nothing'),
  'OS::Nova::ServerGroup': matters('hosts are chosen round robin by name, whatever the group asks for'),
  'OS::Contrail::VirtualNetwork': matters(
    'the network is not made: use OS::ContrailV2::VirtualNetwork or OS::Neutron::Net',
  ),
  'OS::ContrailV2::BgpAsAService': matters('the machine has no BGP session with its vRouter'),
  'OS::ContrailV2::RouteTable': matters('its static routes are on no network'),
  'OS::ContrailV2::InterfaceRouteTable': matters('its static routes are on no interface'),
  'OS::ContrailV2::ServiceHealthCheck': matters('a failing service is not noticed'),
  'OS::ContrailV2::ServiceTemplate': SERVICE_CHAIN,
  'OS::ContrailV2::ServiceInstance': SERVICE_CHAIN,
  'OS::ContrailV2::PortTuple': SERVICE_CHAIN,
  'OS::ContrailV2::LogicalRouter': matters('networks on this router do not reach each other through it'),
  'OS::ContrailV2::FloatingIpPool': matters('no floating address is given from it'),
  'OS::ContrailV2::FloatingIp': matters('no floating address is given'),
  'OS::ContrailV2::RoutingPolicy': matters('routes are not changed by it'),
  'OS::ContrailV2::NetworkIpam': harmless('subnets stand in the references of their networks'),
};

const FAMILIES: readonly (readonly [string, Consequence])[] = [
  ['OS::Contrail::Service', SERVICE_CHAIN],
  ['OS::Contrail::', matters('what it makes is not simulated')],
  ['OS::ContrailV2::', matters('what it makes is not simulated')],
  ['OS::Neutron::LBaaS::', matters('no balancing: the virtual address answers nothing')],
  ['OS::Octavia::', matters('no balancing: the virtual address answers nothing')],
  ['OS::Neutron::FirewallPolicy', matters('the firewall lets everything pass')],
  ['OS::Neutron::Firewall', matters('the firewall lets everything pass')],
  ['OS::Neutron::', matters('what it makes is not simulated')],
  ['OS::Nova::', harmless()],
  ['OS::Cinder::', harmless()],
  ['OS::Ceilometer::', harmless()],
  ['OS::Aodh::', harmless()],
  ['OS::Gnocchi::', harmless()],
  ['OS::Swift::', harmless()],
  ['OS::Glance::', harmless()],
  ['OS::Keystone::', harmless()],
  ['OS::Barbican::', harmless()],
  ['OS::Zaqar::', harmless()],
  ['OS::Mistral::', harmless()],
  ['OS::Heat::ScalingPolicy', matters('the group keeps its first size')],
  ['OS::Heat::Stack', matters('nothing that the nested stack would make is simulated')],
  ['OS::Heat::', harmless()],
  ['AWS::CloudFormation::', harmless()],
  ['AWS::', matters('what it makes is not simulated')],
];

/** Types that are known by their whole name. */
export const NAMED_TYPES: readonly string[] = Object.keys(TYPES);

/** What follows when nothing is made of a resource of this type; null: the type is known nowhere. */
export function consequenceOfType(type: string): Consequence | null {
  const exact = TYPES[type];
  if (exact !== undefined) return exact;
  for (const [prefix, consequence] of FAMILIES) if (type.startsWith(prefix)) return consequence;
  return null;
}
