/* SPDX-License-Identifier: Apache-2.0 */
/* A router with something of every kind, and of every field that is set in a way of its own. */
#ifndef SLUICE_TESTS_CONTROL_READS_BASE_H
#define SLUICE_TESTS_CONTROL_READS_BASE_H

static const char *const base[] = {
	"upsert vrf name=under",
	"upsert vrf name=red router_mac=02:00:00:00:00:aa",
	"upsert interface name=up device=eth0 vrf=under vlan_id=5 inner_vlan_id=6",
	"upsert interface name=in vrf=red",
	"upsert interface name=out vrf=red",
	"upsert tunnel_endpoint name=t1 kind=2 local_address=2001:DB8:0::1 remote_address=2001:db8::2 "
	"underlay_vrf=under vni_bindings[0].vni=100 vni_bindings[0].vrf=red",
	"upsert next_hop name=gw gateway.interface=up gateway.address=192.0.2.254",
	"upsert next_hop name=lost gateway.interface=up gateway.address=192.0.2.99",
	"upsert next_hop name=th tunnel.tunnel_endpoint=t1 tunnel.vni=100 tunnel.mac=02:00:00:00:00:09",
	"upsert next_hop name=drop discard=",
	"upsert next_hop_group name=g members[0].next_hop=gw members[1].next_hop=th members[1].weight=3",
	"upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g",
	"upsert neighbor vrf=under address=192.0.2.7 mac=02:00:00:00:00:07",
	"upsert port_pair name=p ingress=in egress=out",
	"upsert port_pair_group name=s port_pairs[0]=p failure_mode=2",
	"upsert flow_classifier name=web vrf=red priority=3 source_prefix=10.1.0.0/16 protocol=6 "
	"destination_ports.first=80 destination_ports.last=90 source_ports.first=1024 source_ports.last=65535",
	"upsert rate_limiter name=slow unit=2 rate=1000 burst=20 excess_rate=500 excess_burst=7 scope=3 "
	"source_length_ipv4=24 source_length_ipv6=56",
	"upsert qos_policy name=gold rate_limiter=slow dscp=0 excess_dscp=10",
	"upsert ddos_profile name=d vrf=red syn_rate=10 amplification_ports[0]=53 amplification_rate=5",
	"upsert conntrack_profile name=ct vrf=red udp_seconds=60 tcp_pickup=1 on_full=2",
	"upsert port_chain name=c flow_classifiers[0]=web port_pair_groups[0]=s symmetric=1",
	"upsert address_group name=ops addresses[0]=2001:db8::/32 addresses[1]=10.0.0.9 addresses[2]=10.0.0.0/24",
	"upsert address_group name=all address_groups[0]=ops",
	"upsert security_group name=sg vrf=red members[0]=10.1.0.1 members[1]=10.1.1.0/24 stateful=0",
	"upsert security_group name=empty vrf=under",
	"upsert security_group_rule name=sgr security_group=sg direction=1 family=4 protocol=6 ports.first=22 "
	"remote_group=sg established=3",
	"upsert security_group_rule name=ping security_group=empty direction=2 protocol=58 icmp.type=128 icmp.code=0 "
	"remote_prefix=2001:db8::/32",
	"upsert route_source name=bgp vrf=red table=100 protocols[0].protocol=186 protocols[0].preference=20 "
	"preference=90 "
	"max_routes=1000 allowed[0].prefix=10.0.0.0/8 allowed[0].length_most=24 allow_bogons=1 acknowledge=1 "
	"underlay_vrf=under",
	"upsert protected_prefix vrf=red prefix=10.1.0.0/16 owners[0].client=test owners[1].route_source=bgp",
	"upsert policy_rule name=deny vrf=red priority=7 access=2",
	"upsert policy_rule name=allow vrf=red access=1 stateful=1 established=2 match.family=4 match.protocol=6 "
	"match.source_address_group=all match.destination_prefix=10.0.0.0/8 match.source_ports.first=1 "
	"match.source_ports.last=9 match.tcp_flags.flags=2 match.tcp_flags.mask=18 match.dscp=0 match.fragment=1 "
	"match.connection_states[0]=1 match.connection_states[1]=4 match.interface=in",
	"upsert policy_rule name=steer vrf=red port_chain=c match.protocol=1 match.icmp.type=0",
	"upsert policy_rule name=route vrf=red next_hop_group=g match.destination_address_group=all match.family=4",
	"upsert policy_rule name=watch vrf=red observe=1 match.tunnel.tunnel_endpoint=t1 match.tunnel.vni=100 "
	"match.tunnel.geneve_option.option_class=259 match.tunnel.geneve_option.type=1 "
	"match.tunnel.geneve_option.value=ab",
	"upsert load_balancer name=lb vrf=red vip_address=10.9.0.1",
	"upsert load_balancer name=lb6 vrf=red vip_address=2001:db8:9::1",
	"upsert pool name=full vrf=red forwarding=2",
	"upsert pool name=web vrf=red lb_algorithm=2 forwarding=2 session_persistence.type=2 "
	"session_persistence.ipv4_prefix_length=16 session_persistence.ipv6_prefix_length=48 "
	"session_persistence.timeout_seconds=600 on_member_down=3 member_connection_limit=1000 overflow_pool=full "
	"previous_seconds=5 latency_weights.step_percent=1 latency_weights.dead_band_percent=2 "
	"latency_weights.interval_seconds=6 latency_weights.floor_percent=4",
	"upsert pool name=quic vrf=red session_persistence.type=3 latency_weights=",
	"upsert policy_rule name=pooled vrf=red service_pool.pool=web service_pool.per_mille=100",
	"upsert listener name=http load_balancer=lb protocol=6 ports.first=80 pools[0].pool=web pools[0].per_mille=900 "
	"pools[1].pool=full pools[1].per_mille=100",
	"upsert listener name=range load_balancer=lb protocol=17 ports.first=1000 ports.last=1999 pools[0].pool=full",
	"upsert listener name=rest load_balancer=lb6 pools[0].pool=quic",
	"upsert member name=m1 pool=web address=10.1.0.7 weight=0 backup=1 admin_state=2 monitor_address=10.1.0.8 "
	"monitor_port=81 next_hop_group=g quic_server_id=9",
	"upsert member name=m2 pool=web address=10.1.0.9 weight=256 monitor_port=80",
	"upsert member name=q pool=quic address=2001:db8:8::1 monitor_port=4433 admin_state=3",
	"upsert pool name=plain vrf=red",
	"upsert member name=p1 pool=plain address=10.1.0.7 port=8080",
	"upsert health_monitor name=alive pool=web type=2 delay_milliseconds=900 timeout_milliseconds=300 "
	"max_retries=2 max_retries_down=4 http_method=HEAD url_path=/healthz domain_name=a.example "
	"expected_codes=200-204 panic_percent=70",
	"upsert health_monitor name=speaks pool=quic type=4 grpc_service=a.B",
	"upsert next_hop_group name=up members[0].next_hop=gw",
	"upsert health_monitor name=uplink next_hop_group=up type=7",
	"upsert health_monitor name=box port_pair_group=s type=8",
	"upsert tap_service name=ids erspan.remote=192.0.2.9 erspan.session_id=7",
	"upsert tap_flow name=seen tap_service=ids interface=up direction=1 one_in=10 snap_length=128",
	NULL,
};

#endif
