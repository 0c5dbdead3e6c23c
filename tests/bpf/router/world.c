/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of rig.h's world. */
#include "tests/bpf/router/rig.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "api/dp/hash.h"
#include "tunnels/tunnel.h"
#include "vnf/dataplane/fib/fib.h"
#include "vnf/dataplane/policy/policy.h"

#define LOOPBACK 1 /* ifindex, in every network namespace */

static struct fib *fibs[2]; /* of the banks, as the next */
static struct policy *policies[2];

static void mac_set(uint8_t mac[6], uint8_t last)
{
	memcpy(mac, (const uint8_t[]){2, 0, 0, 0, 0, last}, 6);
}

struct dp_address rig_address(const char *text)
{
	struct dp_address address = {};

	if (strchr(text, ':')) {
		assert_int_equal(inet_pton(AF_INET6, text, address.byte), 1);
		return address;
	}
	assert_int_equal(inet_pton(AF_INET, text, address.byte + 12), 1);
	address.byte[10] = address.byte[11] = 0xff;
	return address;
}

/* First slot on the probe path whose `words` words of key are all zero. */
static void hash_put(void *table, uint32_t slots, size_t size, const void *entry, unsigned int words)
{
	static const uint64_t empty[3];
	uint64_t key[3];
	uint32_t hash;

	memcpy(key, entry, words * 8);
	hash = dp_hash((const __u64 *)key, words);
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		uint8_t *slot = (uint8_t *)table + ((hash + i) & (slots - 1)) * size;

		if (!memcmp(slot, empty, words * 8)) {
			memcpy(slot, entry, size);
			return;
		}
	}
	fail_msg("hash table too full");
}

void rig_put(const struct bank *bank, enum dp_table table, const void *entry, unsigned int words)
{
	hash_put(bank_table(bank, table), bank_rows(rig_limits(), table), bank_row_size(table), entry, words);
}

static void fill_port(const struct bank *bank, enum port id, uint16_t vrf, bool from_stage, uint16_t stage)
{
	struct dp_port port = {.ifindex = LOOPBACK, .vlan_id = PORT_VLAN(id), .vrf = vrf, .interface = id};

	port.inner_vlan_id = id == PORT_TENANT_QINQ ? INNER_VLAN : 0;
	port.from_stage = from_stage;
	port.stage = stage;
	port.features = vrf == VRF_UNDERLAY ? DP_FEATURE_DECAP : vrf == VRF_CHAINED ? DP_FEATURE_CLASSIFY : 0;
	mac_set(port.mac, MAC_ROUTER);
	hash_put(bank->ports, bank_rows(rig_limits(), DP_TABLE_ports), sizeof(port), &port, 1);
}

static void fill_ports(const struct bank *bank)
{
	fill_port(bank, PORT_TENANT, VRF_TENANT, false, 0);
	fill_port(bank, PORT_TENANT_TAGGED, VRF_TENANT, false, 0);
	fill_port(bank, PORT_TENANT_QINQ, VRF_TENANT, false, 0);
	fill_port(bank, PORT_UNDERLAY, VRF_UNDERLAY, false, 0);
	fill_port(bank, PORT_CHAINED, VRF_CHAINED, false, 0);
	fill_port(bank, PORT_BACK_FIRST, VRF_CHAINED, true, STAGE_SECOND);
	fill_port(bank, PORT_BACK_SECOND, VRF_CHAINED, true, 0);
	fill_port(bank, PORT_BACK_REVERSE_SECOND, VRF_CHAINED, true, STAGE_REVERSE_FIRST);
	fill_port(bank, PORT_BACK_REVERSE_FIRST, VRF_CHAINED, true, 0);
}

static struct dp_egress egress(uint16_t interface, uint8_t mac)
{
	struct dp_egress egress = {.ifindex = LOOPBACK, .mtu = 1500, .interface = interface};

	mac_set(egress.dst_mac, mac);
	mac_set(egress.src_mac, MAC_OUT);
	return egress;
}

static void fill_group(const struct bank *bank, uint32_t id, uint32_t next_hop)
{
	bank->groups[id].member[0] = bank->groups[id].only = next_hop;
}

/* Of each `of` buckets the first goes to one, the others to the other. */
static void fill_two(struct dp_group *group, uint32_t one, uint32_t other, int of)
{
	*group = (struct dp_group){.member = {one, other}};
	for (int i = 0; i < DP_GROUP_BUCKETS; i++)
		group->bucket[i] = i % of != 0;
}

static bool has_vni(enum dp_tunnel_kind kind)
{
	return tunnel_has_vni(tunnel_ops(kind));
}

static void fill_tunnel(const struct bank *bank, enum way way, const char *remote, enum dp_tunnel_kind kind)
{
	bool ipv6 = strchr(remote, ':');

	bank->next_hops[way].kind = DP_NEXT_HOP_TUNNEL;
	bank->next_hops[way].tunnel = way;
	bank->next_hops[way].vni = has_vni(kind) ? WAY_VNI(way) : 0;
	bank->tunnels[way] = (struct dp_tunnel){.local = rig_address(ipv6 ? LOCAL6 : LOCAL4),
						.remote = rig_address(remote),
						.underlay_vrf = VRF_UNDERLAY,
						.udp_port = htons(tunnel_ops(kind)->default_udp_port),
						.kind = kind,
						.ipv6 = ipv6,
						.mtu = DP_PATH_MTU_NONE};
}

static void fill_ways(const struct bank *bank)
{
	struct dp_next_hop *hops = bank->next_hops;

	for (uint32_t way = 1; way < WAYS; way++) {
		hops[way].kind = DP_NEXT_HOP_GATEWAY;
		hops[way].egress = egress(WAY_INTERFACE(way), WAY_MAC(way));
		fill_group(bank, way, way);
	}
	hops[WAY_VLAN].egress.vlan_id = VLAN_OUT;
	hops[WAY_QINQ].egress.vlan_id = VLAN_OUT;
	hops[WAY_QINQ].egress.inner_vlan_id = INNER_VLAN_OUT;
	hops[WAY_DISCARD].kind = DP_NEXT_HOP_DISCARD;
	hops[WAY_UNREACHABLE].kind = DP_NEXT_HOP_UNREACHABLE;
	hops[WAY_PROHIBIT].kind = DP_NEXT_HOP_PROHIBIT;
	hops[WAY_UNRESOLVED].kind = DP_NEXT_HOP_UNRESOLVED;
	hops[WAY_NO_MEMBER].kind = DP_NEXT_HOP_NONE;
	hops[WAY_NARROW].egress.mtu = 600;
	hops[WAY_JUMBO].egress.mtu = 9000;
	fill_two(&bank->groups[WAY_TUNNELS], WAY_GENEVE4, WAY_VXLAN4, 2);
	fill_two(&bank->groups[WAY_WEIGHTED], WAY_VLAN, WAY_PLAIN, 4);
	fill_tunnel(bank, WAY_VXLAN4, REMOTE4, DP_TUNNEL_VXLAN);
	fill_tunnel(bank, WAY_VXLAN6, REMOTE6, DP_TUNNEL_VXLAN);
	fill_tunnel(bank, WAY_GENEVE4, REMOTE4, DP_TUNNEL_GENEVE);
	fill_tunnel(bank, WAY_GENEVE6, REMOTE6, DP_TUNNEL_GENEVE);
	fill_tunnel(bank, WAY_IPIP4, REMOTE4, DP_TUNNEL_IPIP);
	fill_tunnel(bank, WAY_IPIP6, REMOTE6, DP_TUNNEL_IPIP);
	fill_tunnel(bank, WAY_GUE4, REMOTE4, DP_TUNNEL_GUE);
	fill_tunnel(bank, WAY_GUE6, REMOTE6, DP_TUNNEL_GUE);
	fill_tunnel(bank, WAY_TUNNEL_NO_ROUTE, "100.64.0.1", DP_TUNNEL_VXLAN);
	fill_tunnel(bank, WAY_TUNNEL_LOOP, "100.65.0.1", DP_TUNNEL_VXLAN);
	fill_tunnel(bank, WAY_TUNNEL_VLAN, "100.66.0.1", DP_TUNNEL_VXLAN);
	fill_tunnel(bank, WAY_TUNNEL_UNRESOLVED, "100.67.0.1", DP_TUNNEL_VXLAN);
	for (int id = WAY_UNDERLAY; id <= WAY_UNDERLAY_VLAN; id++) {
		hops[id].kind = DP_NEXT_HOP_GATEWAY;
		hops[id].egress = egress(WAY_INTERFACE(id), WAY_MAC(id));
		fill_group(bank, id, id);
	}
	hops[WAY_UNDERLAY_VLAN].egress.vlan_id = VLAN_OUT;
}

int rig_add_route(const struct bank *bank, uint16_t vrf, const char *prefix, struct dp_fib_leaf leaf)
{
	struct ip_prefix parsed;

	assert_int_equal(ip_prefix_parse(prefix, &parsed), 0);
	return fib_set(fibs[bank != rig_bank(0)], vrf, &parsed, leaf);
}

static void add_route(const struct bank *bank, uint16_t vrf, const char *prefix, uint32_t group, uint32_t route)
{
	assert_int_equal(rig_add_route(bank, vrf, prefix, (struct dp_fib_leaf){group, route}), 0);
}

static void fill_routes(const struct bank *bank)
{
	static const uint16_t vrfs[] = {VRF_TENANT, VRF_CHAINED};
	char prefix[64];

	for (int i = 0; i < 2; i++) {
		for (uint32_t way = 1; way < WAYS; way++) {
			uint32_t group = way == WAY_BAD_GROUP ? DP_MAX_GROUPS + 1
					 : way == WAY_LOCAL   ? DP_GROUP_LOCAL
							      : way;

			snprintf(prefix, sizeof(prefix), "10.%u.0.0/16", way);
			add_route(bank, vrfs[i], prefix, group, way);
			snprintf(prefix, sizeof(prefix), "2001:db8:%u::/48", way);
			add_route(bank, vrfs[i], prefix, group, ROUTE_IPV6 + way);
		}
		add_route(bank, vrfs[i], "172.16.0.0/12", WAY_PLAIN, 0); /* where replies of tests go */
		add_route(bank, vrfs[i], "2001:db8:abcd::/48", WAY_PLAIN, 0);
	}
	add_route(bank, VRF_UNDERLAY, "192.0.2.0/24", WAY_UNDERLAY, 110);
	add_route(bank, VRF_UNDERLAY, "2001:db8:ffff::/48", WAY_UNDERLAY, 111);
	add_route(bank, VRF_UNDERLAY, "100.65.0.0/16", WAY_VXLAN4, 112);
	add_route(bank, VRF_UNDERLAY, "100.66.0.0/16", WAY_UNDERLAY_VLAN, 113);
	add_route(bank, VRF_UNDERLAY, "100.67.0.0/16", WAY_UNRESOLVED, 114);
	add_route(bank, VRF_UNDERLAY, LOCAL4 "/32", DP_GROUP_LOCAL, 115);
	add_route(bank, VRF_UNDERLAY, LOCAL6 "/128", DP_GROUP_LOCAL, 116);
}

void rig_add_neighbor(const struct bank *bank, uint16_t vrf, const char *text, uint8_t mac, bool router)
{
	struct dp_neighbor neighbor = {.address = rig_address(text), .vrf = vrf, .router = router};

	if (mac)
		mac_set(neighbor.mac, mac);
	hash_put(bank->neighbors, bank_rows(rig_limits(), DP_TABLE_neighbors), sizeof(neighbor), &neighbor, 3);
}

static void fill_vni(const struct bank *bank, const char *remote, uint16_t vtep, uint32_t vni, uint16_t vrf)
{
	struct dp_vni entry = {.vni = vni, .vtep = vtep, .vrf = vrf, .tunnel = vtep};
	struct dp_vni bound = entry;

	entry.remote = rig_address(remote);
	hash_put(bank->vnis, bank_rows(rig_limits(), DP_TABLE_vnis), sizeof(entry), &entry, 3);
	bound.tunnel = 0;
	hash_put(bank->vnis, bank_rows(rig_limits(), DP_TABLE_vnis), sizeof(bound), &bound, 3);
}

/* The remote of the tunnel endpoint with the VTEP's id; those of ways have a row already. */
static void fill_remote(const struct bank *bank, const char *remote, const struct dp_vtep *vtep)
{
	struct dp_vni any = {.remote = rig_address(remote), .vni = DP_VNI_ANY, .vtep = vtep->id, .tunnel = vtep->id};

	if (vtep->id < WAY_VXLAN4)
		bank->tunnels[vtep->id] = (struct dp_tunnel){.local = vtep->local,
							     .remote = any.remote,
							     .underlay_vrf = VRF_UNDERLAY,
							     .udp_port = vtep->udp_port,
							     .kind = vtep->kind,
							     .ipv6 = strchr(remote, ':') != NULL,
							     .mtu = DP_PATH_MTU_NONE};
	hash_put(bank->vnis, bank_rows(rig_limits(), DP_TABLE_vnis), sizeof(any), &any, 3);
}

static void fill_vtep(const struct bank *bank, uint16_t id, bool ipv6, enum dp_tunnel_kind kind)
{
	const char *remote = ipv6 ? REMOTE6 : REMOTE4;
	uint16_t udp_port = tunnel_ops(kind)->default_udp_port;
	struct dp_vtep vtep = {.local = rig_address(ipv6 ? LOCAL6 : LOCAL4),
			       .underlay_vrf = VRF_UNDERLAY,
			       .udp_port = htons(udp_port),
			       .id = id,
			       .kind = kind};

	hash_put(bank->vteps, bank_rows(rig_limits(), DP_TABLE_vteps), sizeof(vtep), &vtep, 3);
	bank->tunnel_ports[udp_port / 64] |= 1ULL << udp_port % 64;
	fill_vni(bank, remote, id, has_vni(kind) ? VNI_TENANT : 0, VRF_TENANT);
	if (has_vni(kind))
		fill_vni(bank, remote, id, VNI_CHAINED, VRF_CHAINED);
	fill_remote(bank, remote, &vtep);
}

static void fill_vteps(const struct bank *bank)
{
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		fill_vtep(bank, 1 + ipv6, ipv6, DP_TUNNEL_VXLAN);
		fill_vtep(bank, 3 + ipv6, ipv6, DP_TUNNEL_GENEVE);
		fill_vtep(bank, WAY_IPIP4 + ipv6, ipv6, DP_TUNNEL_IPIP);
		fill_vtep(bank, WAY_GUE4 + ipv6, ipv6, DP_TUNNEL_GUE);
	}
	mac_set(bank->vrfs[VRF_TENANT].router_mac, MAC_VTEP);
	mac_set(bank->vrfs[VRF_CHAINED].router_mac, MAC_VTEP);
}

static void fill_stage(const struct bank *bank, uint16_t id, uint16_t group, uint32_t count)
{
	bank->stages[id].count = count;
	bank->stages[id].port_pair_group = bank->stages[id].seed = group;
	for (uint32_t i = 0; count && i < DP_STAGE_BUCKETS; i++)
		bank->stages[id].bucket[i] = (uint8_t)(i % count);
	for (uint32_t m = 0; m < count; m++)
		bank->stages[id].member[m] = egress(STAGE_INTERFACE, STAGE_MAC(group, m));
}

static struct dp_classifier any(uint8_t family, uint8_t protocol, uint16_t stage)
{
	return (struct dp_classifier){
		.family = family, .protocol = protocol, .stage = stage, .src_port_last = 65535, .dst_port_last = 65535};
}

static void fill_chains(const struct bank *bank)
{
	struct dp_classifier *first = bank->classifiers + 5 - CLASSIFIER_BYPASS; /* ids and places go together */

	fill_stage(bank, STAGE_FIRST, 1, GROUP_FIRST_MEMBERS);
	fill_stage(bank, STAGE_SECOND, 2, GROUP_SECOND_MEMBERS);
	fill_stage(bank, STAGE_REVERSE_SECOND, 2, GROUP_SECOND_MEMBERS);
	fill_stage(bank, STAGE_REVERSE_FIRST, 1, GROUP_FIRST_MEMBERS);
	fill_stage(bank, STAGE_DOWN, 3, 0);
	fill_stage(bank, STAGE_NARROW, 4, 1);
	bank->stages[STAGE_NARROW].member[0].mtu = 600;
	for (int i = 0; i < 4; i++) {
		const uint16_t stages[] = {0, STAGE_DOWN, STAGE_NARROW,
					   (uint16_t)bank_rows(rig_limits(), DP_TABLE_stages)};

		first[CLASSIFIER_BYPASS + i] = any(0, 17, stages[i]);
		first[CLASSIFIER_BYPASS + i].fail_closed = stages[i] == STAGE_DOWN;
		first[CLASSIFIER_BYPASS + i].dst_port_first = first[CLASSIFIER_BYPASS + i].dst_port_last =
			UDP_BYPASS + i;
	}
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct dp_classifier *forward = first + (ipv6 ? CLASSIFIER_FORWARD6 : CLASSIFIER_FORWARD);
		struct dp_classifier *reverse = first + (ipv6 ? CLASSIFIER_REVERSE6 : CLASSIFIER_REVERSE);
		struct dp_address mask = {};

		memset(mask.byte, 0xff, ipv6 ? 6 : 14);
		*forward = any(ipv6 ? 6 : 4, 6, STAGE_FIRST);
		forward->dst = rig_address(ipv6 ? "2001:db8:1::" : "10.1.0.0");
		forward->dst_mask = mask;
		forward->fail_closed = reverse->fail_closed = 1;
		forward->dst_port_first = 80;
		forward->dst_port_last = 443;
		*reverse = any(ipv6 ? 6 : 4, 6, STAGE_REVERSE_SECOND);
		reverse->src = forward->dst;
		reverse->src_mask = mask;
		reverse->src_port_first = 80;
		reverse->src_port_last = 443;
	}
	for (uint32_t id = 1; id < CLASSIFIERS; id++)
		first[id].id = id;
	bank->vrfs[VRF_CHAINED].classifier_first = 5;
	bank->vrfs[VRF_CHAINED].classifier_count = CLASSIFIERS - 1;
	bank->vrfs[VRF_CHAINED].features = DP_FEATURE_CLASSIFY;
}

/* The host's sockets serve all; no VRF has an address to answer from (answer.c gives them some). */
static void fill_answers(const struct bank *bank)
{
	for (int vrf = VRF_TENANT; vrf <= VRF_CHAINED; vrf++)
		bank->vrf_answers[vrf].kernel = 1;
}

void rig_fill(const struct bank *bank)
{
	int index = bank != rig_bank(0);

	fib_free(fibs[index]);
	policy_free(policies[index]);
	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		memset(bank_table(bank, table), 0, bank_rows(rig_limits(), table) * bank_row_size(table));
	fibs[index] = fib_new(bank->fib, rig_limits()->fib_words, bank->trees, rig_limits()->vrfs);
	assert_non_null(fibs[index]);
	policies[index] = policy_new(bank, rig_limits());
	assert_non_null(policies[index]);
	fill_ports(bank);
	fill_ways(bank);
	fill_routes(bank);
	fill_vteps(bank);
	fill_chains(bank);
	fill_answers(bank);
}

void rig_use_feature(const struct bank *bank, uint16_t vrf, uint8_t feature)
{
	uint32_t slots = bank_rows(rig_limits(), DP_TABLE_ports);

	bank->vrfs[vrf].features |= feature;
	for (uint32_t i = 0; i < slots; i++)
		if (bank->ports[i].ifindex && bank->ports[i].vrf == vrf && !bank->ports[i].from_stage)
			bank->ports[i].features |= feature;
}

struct policy *rig_policy(unsigned int index)
{
	return policies[index];
}

void rig_forget(void)
{
	fib_free(fibs[0]);
	fib_free(fibs[1]);
	fibs[0] = fibs[1] = NULL;
	policy_free(policies[0]);
	policy_free(policies[1]);
	policies[0] = policies[1] = NULL;
}
