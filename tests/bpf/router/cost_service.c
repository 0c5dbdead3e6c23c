/* SPDX-License-Identifier: Apache-2.0 */
/* What services cost a packet, whose flow is known or not. */
#include <stdio.h>
#include <string.h>

#include "tests/bpf/router/cost.h"
#include "tests/bpf/router/rig.h"

#define VIP	"10.250.0.1"
#define CLIENT	"172.16.0.1"
#define MEMBER	"10.1.0.10"
#define PLAIN	.dst = MAC_ROUTER, .src = MAC_HOST
#define TO(at)	.src = CLIENT, .dst = VIP, .src_port = 5555, .dst_port = at, .payload = 150
#define ROWS	16
#define SERVICE 5 /* of the first member's service_words */

enum { BALANCER = 1, TCP = 6, UDP = 17 };

static const struct {
	uint16_t port;
	uint8_t flags;
	uint32_t group;
} pools[] = {
	{80, DP_POOL_DIRECT, WAY_PLAIN},
	{81, DP_POOL_DIRECT, WAY_VXLAN4},
	{82, 0, 0},
	{83, DP_POOL_DIRECT | DP_POOL_STATELESS, WAY_PLAIN},
};
#define POOLS (sizeof(pools) / sizeof(*pools))

/* A pool with a member, which all rows of its table are. */
static void add(uint32_t id, uint8_t flags, uint32_t group)
{
	const struct bank *bank = rig_bank(0);
	uint32_t words = SERVICE * id;

	bank->service_words[words + ROWS / 4] = id;
	bank->pools[id] = (struct dp_pool){
		.table = words, .rows = ROWS, .list = words + ROWS / 4, .members = 1, .flags = flags, .prefix4 = 32};
	bank->members[id] = (struct dp_member){.address = rig_address(MEMBER),
					       .incarnation = id,
					       .pool = id,
					       .group = group,
					       .port = flags & DP_POOL_DIRECT ? 0 : 8080,
					       .state = DP_MEMBER_ACTIVE};
	bank->listeners[id] = (struct dp_listener){
		.load_balancer = BALANCER, .incarnation = id, .pool = {id}, .until = {DP_SHARE_ALL}, .pools = 1};
}

static void fill(void)
{
	const struct bank *bank = rig_bank(0);
	struct dp_load_balancer *balancer = &bank->load_balancers[BALANCER];
	struct dp_answerer answerer = {.address = rig_address(MEMBER), .vrf = VRF_TENANT, .members = 1};

	rig_fill(bank);
	*balancer = (struct dp_load_balancer){.vip = rig_address(VIP), .seed = 7, .vrf = VRF_TENANT, .ranges = 1};
	balancer->range[0] = (struct dp_listener_range){.listener = 1, .last = 65535, .protocol = UDP};
	rig_add_route(bank, VRF_TENANT, VIP "/32", (struct dp_fib_leaf){DP_GROUP_VIP, BALANCER});
	for (uint32_t i = 0; i < POOLS; i++) {
		struct dp_listener_port port = {
			.load_balancer = BALANCER, .port = pools[i].port, .protocol = TCP, .listener = i + 1};

		add(i + 1, pools[i].flags, pools[i].group);
		rig_put(bank, DP_TABLE_listener_ports, &port, 1);
	}
	rig_put(bank, DP_TABLE_answerers, &answerer, 3);
}

/* The last comes with the feature, which is what answers are looked for by. */
void cost_services(double (*measure)(const struct frame *frame, __u32 vary, double *bare))
{
	static const struct {
		const char *name;
		struct frame_spec spec;
		uint32_t vary;
	} packets[] = {
		{"TCP, known flow to a direct member", {PLAIN, .ip = {TO(80), .protocol = TCP}}},
		{"TCP, the same in VXLAN", {PLAIN, .ip = {TO(81), .protocol = TCP}}},
		{"TCP, known flow, translated", {PLAIN, .ip = {TO(82), .protocol = TCP}}},
		{"TCP, by its row alone", {PLAIN, .ip = {TO(83), .protocol = TCP}}},
		{"UDP, new flows to a direct member", {PLAIN, .ip = {TO(1)}}, 1},
		{"TCP, answer of a translated flow",
		 {PLAIN, .ip = {.src = MEMBER,
				.dst = CLIENT,
				.src_port = 8080,
				.dst_port = 5555,
				.protocol = TCP,
				.payload = 150}}},
	};
	size_t count = sizeof(packets) / sizeof(*packets);

	fill();
	for (size_t i = 0; i < count; i++) {
		struct frame frame = frame_build(&packets[i].spec);
		double bare, ns;

		if (i == count - 1)
			rig_use_feature(rig_bank(0), VRF_TENANT, DP_FEATURE_SERVICE);
		ns = measure(&frame, packets[i].vary, &bare);
		printf("%-36s %8.0f %8.1f\n", packets[i].name, ns, ns / bare);
	}
}
