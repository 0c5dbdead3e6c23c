/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/columns.h"

#include <string.h>

/* Every kind ends with these columns. */
#define COMMON                                                                                                         \
	{"OWNER", "owner", WIDE, NULL}, {"REVISION", "revision", RIGHT | WIDE, NULL},                                  \
		{"STATE", "programmed", STATUS, NULL}, {"REASON", "reason", OPTIONAL, NULL},                           \
	{                                                                                                              \
		NULL, NULL, 0, NULL                                                                                    \
	}

static const struct column vrf[] = {
	{"NAME", "key", 0, NULL},
	{"ROUTER-MAC", "resource.*.router_mac", OPTIONAL, NULL},
	COMMON,
};

static const struct column interface[] = {
	{"NAME", "key", 0, NULL},
	{"DEVICE", "resource.*.device|resource.*.name", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"VLAN", "resource.*.vlan_id", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"INNER-VLAN", "resource.*.inner_vlan_id", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"MODE", "interface_status.xdp_mode", STATUS, NULL},
	{"UP", "interface_status.up", STATUS, NULL},
	{"MTU", "interface_status.mtu", RIGHT | WIDE, NULL},
	{"MAC", "interface_status.mac", WIDE, NULL},
	{"RX", "counters.packets", RIGHT, NULL},
	{"RX-BYTES", "counters.bytes", RIGHT | WIDE, NULL},
	{"TX", "sent.packets", RIGHT, NULL},
	{"TX-BYTES", "sent.bytes", RIGHT | WIDE, NULL},
	{"HOSTS", "interface_status.hosts", RIGHT | NO_ZERO | WIDE, NULL},
	{"NOTE", "interface_status.note", OPTIONAL, NULL},
	COMMON,
};

static const struct column tunnel_endpoint[] = {
	{"NAME", "key", 0, NULL},
	{"KIND", "resource.*.kind", 0, NULL},
	{"LOCAL", "resource.*.local_address", 0, NULL},
	{"REMOTE", "resource.*.remote_address", 0, NULL},
	{"PORT", "resource.*.udp_port", RIGHT | NO_ZERO | WIDE, NULL},
	{"UNDERLAY", "resource.*.underlay_vrf", WIDE, NULL},
	{"VNIS", "resource.*.vni_bindings", 0, NULL},
	{"UDP-CHECKSUM", "resource.*.udp_checksum", OPTIONAL, NULL},
	{"DECAP", "counters.packets", RIGHT, NULL},
	{"DECAP-BYTES", "counters.bytes", RIGHT | WIDE, NULL},
	{"ENCAP", "sent.packets", RIGHT, NULL},
	{"ENCAP-BYTES", "sent.bytes", RIGHT | WIDE, NULL},
	{"PATH-MTU", "tunnel_endpoint_status.path_mtu", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"AGE", "tunnel_endpoint_status.path_mtu_age", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"NOTE", "tunnel_endpoint_status.note", OPTIONAL, NULL},
	COMMON,
};

static const struct column next_hop[] = {
	{"NAME", "key", 0, NULL},
	{"TARGET", "resource.*.*", 0, NULL},
	{"VIA", "resource.*.gateway.interface|resource.*.tunnel.tunnel_endpoint", 0, NULL},
	{"ADDRESS", "resource.*.gateway.address", 0, NULL},
	{"VNI", "resource.*.tunnel.vni", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"MAC", "next_hop_status.mac|resource.*.gateway.mac|resource.*.tunnel.mac", 0, NULL},
	COMMON,
};

static const struct column next_hop_group[] = {
	{"NAME", "key", 0, NULL},
	{"MEMBERS", "resource.*.members", 0, NULL},
	COMMON,
};

static const struct column port_pair[] = {
	{"NAME", "key", 0, NULL},
	{"INGRESS", "resource.*.ingress", 0, NULL},
	{"EGRESS", "resource.*.egress", 0, NULL},
	COMMON,
};

static const struct column port_pair_group[] = {
	{"NAME", "key", 0, NULL},
	{"PORT-PAIRS", "resource.*.port_pairs", 0, NULL},
	{"FAILURE-MODE", "resource.*.failure_mode", OPTIONAL, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	COMMON,
};

static const struct column flow_classifier[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"PRIORITY", "resource.*.priority", RIGHT, NULL},
	{"SOURCE", "resource.*.source_prefix", OPTIONAL, NULL},
	{"DESTINATION", "resource.*.destination_prefix", OPTIONAL, NULL},
	{"PROTOCOL", "resource.*.protocol", OPTIONAL, NULL},
	{"SPORTS", "resource.*.source_ports", OPTIONAL, NULL},
	{"DPORTS", "resource.*.destination_ports", OPTIONAL, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	COMMON,
};

static const struct column port_chain[] = {
	{"NAME", "key", 0, NULL},
	{"CLASSIFIERS", "resource.*.flow_classifiers", 0, NULL},
	{"STAGES", "resource.*.port_pair_groups", 0, " > "},
	{"SYMMETRIC", "resource.*.symmetric", 0, NULL},
	COMMON,
};

static const struct column rate_limiter[] = {
	{"NAME", "key", 0, NULL},
	{"UNIT", "resource.*.unit", 0, NULL},
	{"RATE", "resource.*.rate", RIGHT, NULL},
	{"BURST", "resource.*.burst", RIGHT, NULL},
	{"EXCESS-RATE", "resource.*.excess_rate", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"EXCESS-BURST", "resource.*.excess_burst", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"SCOPE", "resource.*.scope", 0, NULL},
	{"DROPPED", "counters.packets", RIGHT, NULL},
	{"DROPPED-BYTES", "counters.bytes", RIGHT | WIDE, NULL},
	COMMON,
};

static const struct column qos_policy[] = {
	{"NAME", "key", 0, NULL},
	{"RATE-LIMITER", "resource.*.rate_limiter", 0, NULL},
	{"DSCP", "resource.*.dscp", RIGHT | OPTIONAL, NULL},
	{"EXCESS-DSCP", "resource.*.excess_dscp", RIGHT | OPTIONAL, NULL},
	COMMON,
};

static const struct column address_group[] = {
	{"NAME", "key", 0, NULL},
	{"ADDRESSES", "resource.*.addresses", OPTIONAL | WIDE, NULL},
	{"GROUPS", "resource.*.address_groups", OPTIONAL, NULL},
	COMMON,
};

static const struct column security_group[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"MEMBERS", "resource.*.members", WIDE, NULL},
	{"STATEFUL", "resource.*.stateful", 0, NULL},
	COMMON,
};

static const struct column security_group_rule[] = {
	{"NAME", "key", 0, NULL},
	{"GROUP", "resource.*.security_group", 0, NULL},
	{"DIRECTION", "resource.*.direction", 0, NULL},
	{"FAMILY", "resource.*.family", OPTIONAL, NULL},
	{"PROTOCOL", "resource.*.protocol", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"PORTS", "resource.*.ports", OPTIONAL, NULL},
	{"REMOTE", "resource.*.remote_prefix|resource.*.remote_group|resource.*.remote_address_group", OPTIONAL, NULL},
	{"ESTABLISHED", "resource.*.established", WIDE, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	COMMON,
};

static const struct column policy_rule[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"PRIORITY", "resource.*.priority", RIGHT, NULL},
	{"ACTION",
	 "resource.*.access|resource.*.next_hop_group|resource.*.port_chain|resource.*.qos_policy|resource.*.service_"
	 "pool.pool|resource.*.observe",
	 0, NULL},
	{"SOURCE", "resource.*.match.source_prefix|resource.*.match.source_address_group", OPTIONAL, NULL},
	{"DESTINATION", "resource.*.match.destination_prefix|resource.*.match.destination_address_group", OPTIONAL,
	 NULL},
	{"PROTOCOL", "resource.*.match.protocol", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"SPORTS", "resource.*.match.source_ports", OPTIONAL | WIDE, NULL},
	{"DPORTS", "resource.*.match.destination_ports", OPTIONAL, NULL},
	{"STATEFUL", "resource.*.stateful", WIDE, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	COMMON,
};

static const struct column ddos_profile[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"SYN-RATE", "resource.*.syn_rate", RIGHT | NO_ZERO, NULL},
	{"PORTS", "resource.*.amplification_ports", 0, NULL},
	{"RATE", "resource.*.amplification_rate", RIGHT | NO_ZERO, NULL},
	COMMON,
};

static const struct column load_balancer[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"VIP", "resource.*.vip_address", 0, NULL},
	COMMON,
};

static const struct column listener[] = {
	{"NAME", "key", 0, NULL},
	{"LOAD-BALANCER", "resource.*.load_balancer", 0, NULL},
	{"PROTOCOL", "resource.*.protocol", 0, NULL},
	{"PORTS", "resource.*.ports", 0, NULL},
	{"POOLS", "resource.*.pools", 0, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT | WIDE, NULL},
	COMMON,
};

static const struct column pool[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"ALGORITHM", "resource.*.lb_algorithm", 0, NULL},
	{"FORWARDING", "resource.*.forwarding", 0, NULL},
	{"ON-DOWN", "resource.*.on_member_down", WIDE, NULL},
	{"PERSISTENCE", "resource.*.session_persistence.type", OPTIONAL, NULL},
	{"LIMIT", "resource.*.member_connection_limit", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"OVERFLOW", "resource.*.overflow_pool", OPTIONAL, NULL},
	{"PREVIOUS-S", "resource.*.previous_seconds", RIGHT | WIDE, NULL},
	COMMON,
};

static const struct column member[] = {
	{"NAME", "key", 0, NULL},
	{"POOL", "resource.*.pool", 0, NULL},
	{"ADDRESS", "resource.*.address", 0, NULL},
	{"PORT", "resource.*.port", RIGHT | NO_ZERO, NULL},
	{"WEIGHT", "resource.*.weight", RIGHT, NULL},
	{"BACKUP", "resource.*.backup", WIDE, NULL},
	{"IS", "member_status.state", STATUS, NULL},
	{"PER-MILLE", "member_status.share_per_mille", RIGHT, NULL},
	{"FACTOR", "member_status.weight_factor_per_mille", RIGHT | WIDE, NULL},
	{"CONNECTIONS", "member_status.connections", RIGHT, NULL},
	{"OPENED", "member_status.opened", RIGHT | WIDE, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT | WIDE, NULL},
	{"LATENCY-US", "member_status.latency_microseconds", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"HEALTH", "member_status.health", OPTIONAL, NULL},
	COMMON,
};

static const struct column health_monitor[] = {
	{"NAME", "key", 0, NULL},
	{"TARGET", "resource.*.pool|resource.*.next_hop_group|resource.*.port_pair_group", 0, NULL},
	{"TYPE", "resource.*.type", 0, NULL},
	{"DELAY-MS", "resource.*.delay_milliseconds", RIGHT, NULL},
	{"TIMEOUT-MS", "resource.*.timeout_milliseconds", RIGHT | NO_ZERO, NULL},
	{"UP", "resource.*.max_retries", RIGHT, NULL},
	{"DOWN", "resource.*.max_retries_down", RIGHT, NULL},
	{"PATH", "resource.*.url_path", OPTIONAL | WIDE, NULL},
	{"CODES", "resource.*.expected_codes", OPTIONAL | WIDE, NULL},
	COMMON,
};

static const struct column any[] = {
	{"KEY", "key", 0, NULL},
	{"PACKETS", "counters.packets", RIGHT | OPTIONAL, NULL},
	{"BYTES", "counters.bytes", RIGHT | OPTIONAL, NULL},
	{"OWNER", "owner", 0, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL},
	{"STATE", "programmed", STATUS, NULL},
	{"REASON", "reason", OPTIONAL, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column verdict_columns[] = {
	{"REASON", "name", 0, NULL},
	{"VERDICT", "verdict", 0, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	{"DESCRIPTION", "description", 0, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column port_columns[] = {
	{"DEVICE", "device", 0, NULL},	      {"IFINDEX", "ifindex", RIGHT, NULL},
	{"MODE", "xdp_mode", STATUS, NULL},   {"UP", "up", STATUS, NULL},
	{"MTU", "mtu", RIGHT, NULL},	      {"MAC", "mac", 0, NULL},
	{"REASON", "reason", OPTIONAL, NULL}, {NULL, NULL, 0, NULL},
};

const struct column limit_columns[] = {
	{"LIMIT", "name", 0, NULL},
	{"USED", "used", RIGHT, NULL},
	{"MAXIMUM", "maximum", RIGHT, NULL},
	{"RESERVED", "reserved", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column connection_columns[] = {
	{"VRF", "vrf", 0, NULL},
	{"STATE", "state", 0, NULL},
	{"SOURCE", "source", 0, NULL},
	{"DESTINATION", "destination", 0, NULL},
	{"IDLE-S", "idle_milliseconds", RIGHT, NULL},
	{"EXPIRES-S", "expires_milliseconds", RIGHT, NULL},
	{"RULE", "rule", OPTIONAL, NULL},
	{"SERVICE", "service", OPTIONAL, NULL},
	{"LISTENER", "listener", OPTIONAL, NULL},
	{"MEMBER", "member", OPTIONAL, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column connection_source_columns[] = {
	{"VRF", "vrf", 0, NULL},
	{"SOURCE", "source", 0, NULL},
	{"CONNECTIONS", "entries", RIGHT, NULL},
	{"UNANSWERED", "embryonic", RIGHT, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column drain_columns[] = {
	{"MEMBER", "member", 0, NULL},
	{"DRAINING", "draining", 0, NULL},
	{"SINCE", "since_generation", RIGHT | NO_ZERO, NULL},
	{"CONNECTIONS", "connections", RIGHT, NULL},
	{"YOUNGER", "younger", RIGHT, NULL},
	{"YOUNGEST", "youngest_generation", RIGHT | NO_ZERO, NULL},
	{"OLDEST", "oldest_generation", RIGHT | NO_ZERO | WIDE, NULL},
	{"LAST-S", "idle_milliseconds", RIGHT, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column verdict_count_columns[] = {
	{"SINCE", "revision", RIGHT, NULL},
	{"UNTIL", "last_revision", RIGHT | WIDE, NULL},
	{"FROM", "from_unix_ms", NO_ZERO, NULL},
	{"TO", "until_unix_ms", OPTIONAL | NO_ZERO, NULL},
	{"REASON", "reason", 0, NULL},
	{"VERDICT", "verdict", 0, NULL},
	{"BY", "rule", OPTIONAL, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	{"NONE-AT", "none_at", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column revision_columns[] = {
	{"REVISION", "revision", RIGHT, NULL},
	{"TIME", "time_unix_ms", 0, NULL},
	{"OWNER", "owner", 0, NULL},
	{"REQUEST", "request_id", OPTIONAL | WIDE, NULL},
	{"GENERATION", "generation", RIGHT | WIDE, NULL},
	{"CREATED", "created", RIGHT | NO_ZERO, NULL},
	{"REPLACED", "replaced", RIGHT | NO_ZERO, NULL},
	{"DELETED", "deleted", RIGHT | NO_ZERO, NULL},
	{"STATE", "state", 0, NULL},
	{"CONFIRM-BY", "confirm_by_unix_ms", OPTIONAL | NO_ZERO, NULL},
	{"UNDONE-BY", "undone_by", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{"BACK-TO", "rollback_to", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{"LEFT", "left", OPTIONAL, "; "},
	{NULL, NULL, 0, NULL},
};

const struct column *columns_of_kind(const ProtobufCFieldDescriptor *kind)
{
	static const struct {
		const char *kind;
		const struct column *columns;
	} kinds[] = {
		{"vrf", vrf},
		{"interface", interface},
		{"tunnel_endpoint", tunnel_endpoint},
		{"next_hop", next_hop},
		{"next_hop_group", next_hop_group},
		{"route", route_columns},
		{"source_route", route_columns},
		{"route_source", route_source_columns},
		{"protected_prefix", protected_prefix_columns},
		{"tap_service", tap_service_columns},
		{"tap_flow", tap_flow_columns},
		{"port_pair", port_pair},
		{"port_pair_group", port_pair_group},
		{"flow_classifier", flow_classifier},
		{"port_chain", port_chain},
		{"rate_limiter", rate_limiter},
		{"qos_policy", qos_policy},
		{"address_group", address_group},
		{"security_group", security_group},
		{"security_group_rule", security_group_rule},
		{"policy_rule", policy_rule},
		{"ddos_profile", ddos_profile},
		{"load_balancer", load_balancer},
		{"listener", listener},
		{"pool", pool},
		{"member", member},
		{"health_monitor", health_monitor},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind->name) == 0)
			return kinds[i].columns;
	}
	return any;
}
