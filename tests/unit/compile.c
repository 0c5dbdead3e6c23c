/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that vnf/features make of resources and the kernel's facts. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/neighbor/neighbor.h"

static int run(void)
{
	return fake_run(fake, &snapshot);
}

static void run_well(void)
{
	if (run())
		fail_msg("%s", fake->error.fault[0].message);
}

static void vrfs_have_a_router_mac(void **state)
{
	const struct dp_vrf *vrf;
	struct dp_fib_tree tree = {.root = 77, .width = 13};

	(void)state;
	fake_put(&snapshot, fake_vrf("blue", "02:00:00:00:be:ef"));
	fake_put(&snapshot, fake_vrf("red", NULL));
	vrf = &fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")];
	fake->bank->trees[fake_id(RESOURCE_VRF, "red")].ipv4 = tree;
	run_well();
	assert_memory_equal(vrf->router_mac, "\x02\x53\x4c\0\0\x01", 6);
	assert_memory_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "blue")].router_mac, "\x02\0\0\0\xbe\xef", 6);
	fake_remove(&snapshot, RESOURCE_VRF, "red");
	run_well();
	assert_memory_equal(vrf->router_mac, "\0\0\0\0\0\0", 6);
	assert_memory_equal(&fake->bank->trees[fake_id(RESOURCE_VRF, "red")].ipv4, &tree,
			    sizeof(tree)); /* the FIB engine's */
}

static const struct dp_next_hop *hop(const char *name)
{
	return &fake->bank->next_hops[fake_id(RESOURCE_NEXT_HOP, name)];
}

static void next_hops_follow_links_and_neighbours(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_interface("tagged", "eth0", "red", 9));
	fake_put(&snapshot, fake_gateway("resolved", "a", "192.0.2.1", NULL));
	fake_put(&snapshot, fake_gateway("static", "tagged", "192.0.2.1", "02:00:00:00:00:aa"));
	fake_put(&snapshot, fake_gateway("vlan", "tagged", "192.0.2.1", NULL));
	fake_put(&snapshot, fake_discard("drop"));
	for (int reason = DISCARD_BLACKHOLE; reason <= DISCARD_PROHIBIT; reason++) {
		static const char *const names[] = {"blackhole", "unreachable", "prohibit"};
		struct next_hop *discard = (struct next_hop *)fake_discard(names[reason]);

		discard->discard = (enum discard_reason)reason;
		fake_put(&snapshot, &discard->resource);
	}
	run_well();
	assert_int_equal(hop("resolved")->kind, DP_NEXT_HOP_UNRESOLVED);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "resolved"), PENDING_INTERFACE);
	assert_int_equal(hop("drop")->kind, DP_NEXT_HOP_DISCARD);
	assert_int_equal(hop("blackhole")->kind, DP_NEXT_HOP_DISCARD);
	assert_int_equal(hop("unreachable")->kind, DP_NEXT_HOP_UNREACHABLE);
	assert_int_equal(hop("prohibit")->kind, DP_NEXT_HOP_PROHIBIT);
	assert_false(fake_is_wanted(3, "192.0.2.1"));

	fake_link(3, "eth0", true);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "resolved"), PENDING_NEIGHBOUR);
	assert_true(fake_is_wanted(3, "192.0.2.1"));
	fake_neighbour_refused(3, "192.0.2.1", true);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "resolved"), PENDING_NO_ROOM);
	fake_neighbour_refused(3, "192.0.2.1", false);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "resolved"), PENDING_NEIGHBOUR);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "static"), PENDING_NONE);
	assert_int_equal(hop("static")->kind, DP_NEXT_HOP_GATEWAY);
	assert_int_equal(hop("static")->egress.ifindex, 3);
	assert_int_equal(hop("static")->egress.vlan_id, 9);
	assert_int_equal(hop("static")->egress.mtu, 1500);
	assert_int_equal(hop("static")->egress.interface, fake_id(RESOURCE_INTERFACE, "tagged"));
	assert_memory_equal(hop("static")->egress.dst_mac, "\x02\0\0\0\0\xaa", 6);
	assert_memory_equal(hop("static")->egress.src_mac, "\x02\0\0\0\0\x03", 6);

	/* The neighbour on the untagged link is not the one in the VLAN. */
	fake_neighbour(3, "192.0.2.1", "02:00:00:00:00:bb");
	run_well();
	assert_memory_equal(hop("resolved")->egress.dst_mac, "\x02\0\0\0\0\xbb", 6);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "resolved"), PENDING_NONE);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "vlan"), PENDING_NEIGHBOUR);
	fake_vlan(8, "eth0.9", 3, 9);
	fake_neighbour(8, "192.0.2.1", "02:00:00:00:00:cc");
	run_well();
	assert_memory_equal(hop("vlan")->egress.dst_mac, "\x02\0\0\0\0\xcc", 6);
	assert_int_equal(hop("vlan")->egress.ifindex, 3);

	fake_link(3, "eth0", false);
	run_well();
	assert_int_equal(hop("static")->kind, DP_NEXT_HOP_UNRESOLVED);
	assert_false(fake_is_wanted(3, "192.0.2.1"));
}

static void gateways_take_static_neighbours(void **state)
{
	struct neighbor neighbor = {.resource = {.kind = RESOURCE_NEIGHBOR, .id = 1, .revision = 1},
				    .key.vrf = fake_name(RESOURCE_VRF, "red"),
				    .key.prefix.length = 32,
				    .has_mac = true,
				    .mac = {2, 0, 0, 0, 0, 0xdd},
				    .proxy = SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_OFF};
	struct neighbor moved;

	(void)state;
	ip_address_parse("192.0.2.1", &neighbor.key.prefix.address);
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("blue", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_interface("b", "eth1", "blue", 0));
	fake_put(&snapshot, fake_gateway("red", "a", "192.0.2.1", NULL));
	fake_put(&snapshot, fake_gateway("other", "a", "192.0.2.2", NULL));
	fake_put(&snapshot, fake_gateway("own", "a", "192.0.2.1", "02:00:00:00:00:aa"));
	fake_put(&snapshot, fake_gateway("blue", "b", "192.0.2.1", NULL));
	fake_link(3, "eth0", true);
	fake_link(4, "eth1", true);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "red"), PENDING_NEIGHBOUR);
	assert_true(fake_is_wanted(3, "192.0.2.1"));

	fake_put(&snapshot, &neighbor.resource);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "red"), PENDING_NONE);
	assert_memory_equal(hop("red")->egress.dst_mac, "\x02\0\0\0\0\xdd", 6);
	assert_false(fake_is_wanted(3, "192.0.2.1")); /* the kernel is not asked */
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "other"), PENDING_NEIGHBOUR);
	assert_memory_equal(hop("own")->egress.dst_mac, "\x02\0\0\0\0\xaa", 6);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "blue"), PENDING_NEIGHBOUR); /* another VRF's */

	moved = neighbor;
	moved.mac[5] = 0xee;
	fake_put(&snapshot, &moved.resource);
	run_well();
	assert_memory_equal(hop("red")->egress.dst_mac, "\x02\0\0\0\0\xee", 6);

	snapshot.count[RESOURCE_NEIGHBOR] = 0;
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "red"), PENDING_NEIGHBOUR);
	assert_int_equal(hop("red")->kind, DP_NEXT_HOP_UNRESOLVED);
	assert_true(fake_is_wanted(3, "192.0.2.1"));
}

static const struct dp_vni *vni(uint32_t number, const char *remote)
{
	struct dp_address mapped = {0};
	struct ip_address address;

	if (remote) {
		ip_address_parse(remote, &address);
		ip_address_map(&address, mapped.byte);
	}
	for (size_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_vnis); i++)
		if (fake->bank->vnis[i].vtep && fake->bank->vnis[i].vni == number &&
		    memcmp(&fake->bank->vnis[i].remote, &mapped, sizeof(mapped)) == 0)
			return &fake->bank->vnis[i];
	return NULL;
}

static void tunnels_share_a_vtep(void **state)
{
	const struct dp_vtep *vtep = NULL;
	const struct dp_tunnel *tunnel;
	size_t vteps = 0, vnis = 0;

	(void)state;
	fake_put(&snapshot, fake_vrf("under", NULL));
	fake_put(&snapshot, fake_vrf("red", "02:00:00:00:be:ef"));
	fake_put(&snapshot, fake_tunnel("t1", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.0.2", 4789, "under", 100, "red"));
	fake_put(&snapshot, fake_tunnel("t2", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.0.3", 4789, "under", 100, "red"));
	fake_put(&snapshot, fake_tunnel_hop("far", "t2", 100, "02:00:00:00:00:dd"));
	run_well();
	for (size_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_vteps); i++) {
		if (fake->bank->vteps[i].id) {
			vtep = &fake->bank->vteps[i];
			vteps++;
		}
	}
	for (size_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_vnis); i++)
		vnis += fake->bank->vnis[i].vtep != 0;
	assert_int_equal(vteps, 1);
	assert_int_equal(vnis, 5); /* two remotes, "is bound", and whose the remotes are */
	assert_int_equal(vtep->kind, DP_TUNNEL_VXLAN);
	assert_int_equal(vtep->udp_port, htons(4789));
	assert_int_equal(vtep->underlay_vrf, fake_id(RESOURCE_VRF, "under"));
	assert_memory_equal(vtep->local.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01", 16);
	assert_int_equal(vni(100, NULL)->vtep, vtep->id);
	assert_int_equal(vni(100, NULL)->tunnel, 0);
	assert_int_equal(vni(100, NULL)->vrf, fake_id(RESOURCE_VRF, "red"));
	assert_int_equal(vni(100, "10.0.0.3")->tunnel, fake_id(RESOURCE_TUNNEL_ENDPOINT, "t2"));
	assert_int_equal(vni(100, "10.0.0.3")->vtep, vtep->id);
	assert_int_equal(vni(DP_VNI_ANY, "10.0.0.3")->tunnel, fake_id(RESOURCE_TUNNEL_ENDPOINT, "t2"));
	assert_true(fake->bank->tunnel_ports[4789 / 64] >> (4789 % 64) & 1);
	tunnel = &fake->bank->tunnels[fake_id(RESOURCE_TUNNEL_ENDPOINT, "t2")];
	assert_memory_equal(tunnel->remote.byte + 12, "\x0a\0\0\x03", 4);
	assert_int_equal(tunnel->ipv6, 0);
	assert_int_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "under")].features, DP_FEATURE_DECAP);
	assert_int_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")].features, 0);

	assert_int_equal(hop("far")->kind, DP_NEXT_HOP_TUNNEL);
	assert_int_equal(hop("far")->tunnel, fake_id(RESOURCE_TUNNEL_ENDPOINT, "t2"));
	assert_int_equal(hop("far")->vni, 100);
	assert_memory_equal(hop("far")->egress.dst_mac, "\x02\0\0\0\0\xdd", 6);
	assert_memory_equal(hop("far")->egress.src_mac, "\x02\0\0\0\xbe\xef", 6); /* the VRF's router MAC */

	fake_remove(&snapshot, RESOURCE_NEXT_HOP, "far");
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "t1");
	run_well();
	assert_null(vni(100, "10.0.0.2"));
	assert_null(vni(DP_VNI_ANY, "10.0.0.2"));
	assert_non_null(vni(100, NULL));
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "t2");
	run_well();
	assert_null(vni(100, NULL));
	assert_int_equal(fake->bank->tunnel_ports[4789 / 64], 0);
	assert_int_equal(tunnel->kind, 0);
}

static void one_port_is_one_kind_of_tunnel(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_tunnel("t1", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.0.2", 4789, "red", 100, "red"));
	fake_put(&snapshot, fake_tunnel("t2", DP_TUNNEL_GENEVE, "10.0.0.1", "10.0.0.3", 4789, "red", 200, "red"));
	assert_int_not_equal(run(), 0);
	assert_int_equal(fake->error.code, ERROR_INVALID_ARGUMENT);
}

/* What is written once is not written again. */
static void compiling_again_changes_nothing(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_gateway("g", "a", "192.0.2.1", "02:00:00:00:00:aa"));
	fake_put(&snapshot, fake_group("group", "g", NULL));
	fake_put(&snapshot, fake_tunnel("t1", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.0.2", 4789, "red", 100, "red"));
	fake_link(3, "eth0", true);
	run_well();
	assert_true(bank_writer_has_written(&fake->tables->writer));
	bank_writer_forget(&fake->tables->writer);
	run_well();
	assert_false(bank_writer_has_written(&fake->tables->writer));
	/* Nor by tables that remember nothing. */
	fake_run_forget(fake);
	run_well();
	assert_false(bank_writer_has_written(&fake->tables->writer));
}

/* Where no memory was left to note what changed, all tables are copied, and none of the FIB's. */
static void what_was_not_noted_is_copied_whole(void **state)
{
	const struct dp_limits *limits = &fake_limits;
	const struct bank_writer writer = {.limits = limits, .whole = true};
	struct bank *from = bank_new(limits), *to = bank_new(limits);

	(void)state;
	assert_true(from && to);
	for (int table = 0; table < DP_TABLE_COUNT; table++) {
		size_t size = bank_rows(limits, table) * bank_row_size(table);
		char *first = bank_table(from, table);

		first[0] = first[size - 1] = (char)(table + 1);
	}
	bank_writer_copy(&writer, to, from);
	for (int table = 0; table < DP_TABLE_COUNT; table++) {
		size_t size = bank_rows(limits, table) * bank_row_size(table);
		const char *first = bank_table(to, table);
		bool copied = !bank_table_is_engines((enum dp_table)table);

		assert_int_equal(first[0], copied ? table + 1 : 0);
		assert_int_equal(first[size - 1], copied ? table + 1 : 0);
	}
	bank_free(from);
	bank_free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vrfs_have_a_router_mac, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(next_hops_follow_links_and_neighbours, fake_run_setup,
						fake_run_teardown),
		cmocka_unit_test_setup_teardown(gateways_take_static_neighbours, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(tunnels_share_a_vtep, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(one_port_is_one_kind_of_tunnel, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(compiling_again_changes_nothing, fake_run_setup, fake_run_teardown),
		cmocka_unit_test(what_was_not_noted_is_copied_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
