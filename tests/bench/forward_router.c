/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/forward_router.h"

#include <string.h>

#include <arpa/inet.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/fib/fib.h"
#include "vnf/dataplane/bank/limits.h"

static const struct dp_limits *limits;

static struct dp_address ipv4(const char *text)
{
	struct dp_address address = {};

	address.word[2] = htonl(0xffff);
	address.word[3] = inet_addr(text);
	return address;
}

static struct dp_egress egress_to(const struct device *from, const struct device *to, uint16_t id)
{
	struct dp_egress egress = {.ifindex = from->index, .mtu = 1600, .interface = id};

	memcpy(egress.dst_mac, to->mac, 6);
	memcpy(egress.src_mac, from->mac, 6);
	return egress;
}

/* Puts an entry into an open-addressed table. */
static void put(void *table, size_t slots, const void *entry, size_t size, unsigned int key_words)
{
	__u64 key[4];
	uint32_t slot;

	memcpy(key, entry, key_words * sizeof(*key));
	slot = dp_hash(key, key_words) & (slots - 1);
	while (*(uint32_t *)((char *)table + slot * size) && memcmp((char *)table + slot * size, key, key_words * 8))
		slot = (slot + 1) & (slots - 1);
	memcpy((char *)table + slot * size, entry, size);
}

static void port(const struct bank *bank, const struct device *device, uint16_t id, uint16_t vrf, uint16_t next_stage,
		 bool from_stage)
{
	struct dp_port port = {
		.ifindex = device->index, .vrf = vrf, .interface = id, .stage = next_stage, .from_stage = from_stage};

	port.features = bank->vrfs[vrf].features;
	memcpy(port.mac, device->mac, 6);
	put(bank->ports, bank_rows(limits, DP_TABLE_ports), &port, sizeof(port), 1);
}

static void fill_tables(const struct bank *bank, const struct lab *lab, const struct internet *internet)
{
	static const char *const ten[10] = {"0.0.0.0/1",    "128.0.0.0/1", "8.0.0.0/8",	  "24.0.0.0/16",
					    "64.0.0.0/12",  "96.0.0.0/24", "100.0.0.0/8", "160.0.0.0/9",
					    "192.0.0.0/20", "200.0.0.0/16"};
	struct fib *fib = fib_new(bank->fib, limits->fib_words, bank->trees, limits->vrfs);
	struct dp_vtep vtep = {.local = ipv4("172.16.0.1"),
			       .underlay_vrf = VRF_UNDERLAY,
			       .udp_port = htons(4789),
			       .id = 1,
			       .kind = DP_TUNNEL_VXLAN};
	struct dp_vni vni = {.remote = ipv4("172.16.0.2"), .vni = VNI, .vtep = 1, .vrf = VRF_FULL, .tunnel = 1};
	struct ip_prefix route;

	if (!fib)
		fail("memory");
	for (size_t i = 0; i < internet->ipv4; i++) {
		if (fib_set(fib, VRF_FULL, &internet->prefix[i], (struct dp_fib_leaf){1, i}))
			fail("the FIB is full");
	}
	for (unsigned int i = 0; i < 10; i++) {
		if (ip_prefix_parse(ten[i], &route) || fib_set(fib, VRF_TEN, &route, (struct dp_fib_leaf){1, i}))
			fail(ten[i]);
	}
	/* The trees stay as they are from here on, so one VRF can borrow another's. */
	bank->trees[VRF_CHAINED] = bank->trees[VRF_FULL];
	bank->vrfs[VRF_CHAINED].classifier_count = 1;
	bank->vrfs[VRF_CHAINED].features = DP_FEATURE_CLASSIFY;
	bank->vrfs[VRF_UNDERLAY].features = DP_FEATURE_DECAP;
	bank->classifiers[0] = (struct dp_classifier){
		.src_port_last = 65535, .dst_port_last = 65535, .family = 4, .stage = 1, .id = 1};
	for (uint16_t vrf = 1; vrf <= VRF_CHAINED; vrf++)
		memcpy(bank->vrfs[vrf].router_mac, lab->in.mac, 6);
	bank->next_hops[1] =
		(struct dp_next_hop){.kind = DP_NEXT_HOP_GATEWAY, .egress = egress_to(&lab->out, &lab->taker, 2)};
	bank->groups[1].member[0] = bank->groups[1].only = 1;
	for (uint16_t i = 0; i < 2; i++) {
		struct dp_stage *one = &bank->stages[1 + i];

		one->count = 1;
		one->port_pair_group = 1 + i;
		one->member[0] = egress_to(&lab->stage[2 * i], &lab->stage_peer[2 * i], 3 + 2 * i);
		port(bank, &lab->stage[2 * i + 1], 4 + 2 * i, VRF_CHAINED, i ? 0 : 2, true);
	}
	put(bank->vteps, bank_rows(limits, DP_TABLE_vteps), &vtep, sizeof(vtep), 3);
	put(bank->vnis, bank_rows(limits, DP_TABLE_vnis), &vni, sizeof(vni), 3);
	bank->tunnel_ports[4789 / 64] |= 1ULL << 4789 % 64;
	fib_free(fib);
}

void router_enter(struct dataplane *router, const struct lab *lab, uint16_t vrf)
{
	port(dataplane_bank(router, 0), &lab->in, 1, vrf, 0, false);
}

struct dataplane *router_open(const struct lab *lab, const struct internet *internet)
{
	struct dataplane_options options = {.xdp = XDP_ALWAYS};
	struct dataplane *router;
	int error;

	limits_profile("internet", &options.limits);
	router = dataplane_new(&options, &error);
	if (!router)
		fail("loading the router");
	limits = dataplane_limits(router);
	fill_tables(dataplane_bank(router, 0), lab, internet);
	return router;
}
