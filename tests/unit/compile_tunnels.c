/* SPDX-License-Identifier: Apache-2.0 */
/* A tunnel, and each next hop into it, is programmed while the underlay's route to its remote has a live gateway. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "sluice/v1/tunnel.pb-c.h"
#include "vnf/features/base/base.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/paths.h"

/* Group `both` has tunnels to 10.0.1.1 and 10.0.2.1, each over a gateway of its own. */
static int setup(void **state)
{
	fake_run_setup(state);
	fake_put_underlay(&snapshot);
	for (int i = 1; i <= 2; i++) {
		bool first = i == 1;
		const char *gateway = first ? "g1" : "g2", *tunnel = first ? "t1" : "t2";

		fake_put(&snapshot, fake_gateway(gateway, "a", first ? "192.0.2.1" : "192.0.2.2", NULL));
		fake_put(&snapshot, fake_group(gateway, gateway, NULL));
		fake_put(&snapshot, fake_route("under", first ? "10.0.1.0/24" : "10.0.2.0/24", gateway, (uint32_t)i));
		fake_put(&snapshot, fake_tunnel(tunnel, DP_TUNNEL_VXLAN, "10.0.0.1", first ? "10.0.1.1" : "10.0.2.1",
						4789, "under", 100, "red"));
		fake_put(&snapshot, fake_tunnel_hop(first ? "h1" : "h2", tunnel, 100, "02:00:00:00:00:01"));
	}
	fake_put(&snapshot, fake_group("both", "h1", "h2", NULL));
	return 0;
}

/* Why the second tunnel is not programmed; with the first one alone in the group's buckets then, and only then. */
static uint32_t second_waits(void)
{
	const struct dp_group *both = &fake->bank->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "both")];
	uint32_t pending;

	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t1"), PENDING_NONE);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "h1"), PENDING_NONE);
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP_GROUP, "both"), PENDING_NONE);
	pending = fake_wait(RESOURCE_TUNNEL_ENDPOINT, "t2");
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "h2"), pending ? PENDING_TUNNEL : PENDING_NONE);
	assert_int_equal(both->only, pending ? fake_id(RESOURCE_NEXT_HOP, "h1") : 0);
	return pending;
}

static void without_a_route(void **state)
{
	(void)state;
	assert_int_equal(second_waits(), PENDING_NONE);
	fake_remove_route(&snapshot, "under", "10.0.2.0/24");
	assert_int_equal(second_waits(), PENDING_UNDERLAY_ROUTE);
	fake_put(&snapshot, fake_route("red", "10.0.2.1/32", "g2", 7)); /* in another VRF */
	fake_put(&snapshot, fake_route("under", "10.0.2.2/32", "g2", 8));
	assert_int_equal(second_waits(), PENDING_UNDERLAY_ROUTE);
	fake_put(&snapshot, fake_route("under", "0.0.0.0/0", "g1", 9));
	assert_int_equal(second_waits(), PENDING_NONE);
}

static void without_a_gateway(void **state)
{
	(void)state;
	fake_neighbour(3, "192.0.2.2", NULL);
	assert_int_equal(second_waits(), PENDING_UNDERLAY_MEMBERS);
	fake_put(&snapshot, fake_group("g2", "g2", "g1", NULL));
	assert_int_equal(second_waits(), PENDING_NONE);
	fake_put(&snapshot, fake_discard("nowhere"));
	fake_put(&snapshot, fake_group("g2", "nowhere", NULL));
	assert_int_equal(second_waits(), PENDING_UNDERLAY_MEMBERS);
}

/* The longest prefix decides, not any that would do. */
static void behind_another_tunnel(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("deep", NULL));
	fake_put(&snapshot, fake_tunnel("outer", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.1.9", 4789, "under", 200, "deep"));
	fake_put(&snapshot, fake_tunnel_hop("outer", "outer", 200, "02:00:00:00:00:01"));
	fake_put(&snapshot, fake_group("outer", "outer", NULL));
	assert_int_equal(second_waits(), PENDING_NONE);
	fake_put(&snapshot, fake_route("under", "10.0.2.1/32", "outer", 7));
	assert_int_equal(second_waits(), PENDING_UNDERLAY_TUNNEL);
	assert_int_equal(fake_wait(RESOURCE_TUNNEL_ENDPOINT, "outer"), PENDING_NONE);
	/* Some of the flows would be lost. */
	fake_put(&snapshot, fake_group("outer", "outer", "g2", NULL));
	assert_int_equal(second_waits(), PENDING_UNDERLAY_TUNNEL);
	fake_put(&snapshot, fake_gateway("outer", "a", "192.0.2.1", NULL));
	assert_int_equal(second_waits(), PENDING_NONE);
}

static void to_the_router_itself(void **state)
{
	(void)state;
	fake_address(3, "10.0.2.1");
	assert_int_equal(second_waits(), PENDING_UNDERLAY_LOCAL);
	fake_address_gone(3, "10.0.2.1");
	assert_int_equal(second_waits(), PENDING_NONE);
}

static uint16_t checksum(const char *local, const char *remote, Sluice__V1__UdpChecksum wanted)
{
	struct resource *endpoint = fake_tunnel("t3", DP_TUNNEL_VXLAN, local, remote, 4789, "under", 300, "red");
	const struct dp_tunnel *row;

	((struct tunnel_endpoint *)endpoint)->checksum = (uint8_t)wanted;
	fake_put(&snapshot, endpoint);
	assert_int_equal(fake_run(fake, &snapshot), 0);
	row = &fake->bank->tunnels[fake_id(RESOURCE_TUNNEL_ENDPOINT, "t3")];
	if (row->checksum)
		assert_int_equal(row->checksum, dp_tunnel_checksum(row));
	return ntohs(row->checksum);
}

/* By default computed over IPv6 alone; the row has the sum of both addresses, protocol and port. */
static void udp_checksum_by_family(void **state)
{
	(void)state;
	assert_int_equal(checksum("10.0.0.1", "10.0.0.9", SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_UNSPECIFIED), 0);
	assert_int_equal(checksum("10.0.0.1", "10.0.0.9", SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_ZERO), 0);
	assert_int_equal(checksum("10.0.0.1", "10.0.0.9", SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_COMPUTED),
			 0x0a00 + 1 + 0x0a00 + 9 + 17 + 4789);
	assert_int_equal(checksum("fd00::1", "fd00::9", SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_UNSPECIFIED),
			 0xfd00 + 1 + 0xfd00 + 9 + 17 + 4789 - 2 * 0xffff);
	assert_int_equal(checksum("fd00::1", "fd00::9", SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_COMPUTED),
			 0xfd00 + 1 + 0xfd00 + 9 + 17 + 4789 - 2 * 0xffff);
	assert_int_equal(checksum("fd00::1", "fd00::9", SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_ZERO), 0);
}

static uint16_t path_mtu(const char *tunnel)
{
	const struct dp_tunnel *row = &fake->bank->tunnels[fake_id(RESOURCE_TUNNEL_ENDPOINT, tunnel)];
	struct error error = {0};
	struct delta none = {0};
	struct facts facts = {0};

	if (paths_look(fake->tables->paths, &facts)) {
		assert_int_equal(tables_update(fake->tables, &fake->shown, &none, &facts, &error), 0);
		tables_finish(fake->tables, false);
	}
	facts_free(&facts);
	return row->mtu;
}

/* What packets have found out is in the tunnel's row for ten minutes, and not in that of another one. */
static void path_mtu_is_learnt(void **state)
{
	uint32_t t2;

	(void)state;
	assert_int_equal(second_waits(), PENDING_NONE);
	assert_int_equal(path_mtu("t2"), DP_PATH_MTU_NONE);
	t2 = fake_id(RESOURCE_TUNNEL_ENDPOINT, "t2");
	fake_path(t2, 1400, 0);
	assert_int_equal(path_mtu("t2"), 1400);
	assert_int_equal(path_mtu("t1"), DP_PATH_MTU_NONE);
	fake_path(t2, 1300, 590);
	assert_int_equal(path_mtu("t2"), 1300);
	fake_path(t2, 1300, 610);
	assert_int_equal(path_mtu("t2"), DP_PATH_MTU_NONE);
	fake_path(t2, 1400, 0);
	assert_int_equal(path_mtu("t2"), 1400);
	fake_put(&snapshot, fake_tunnel("t2", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.2.1", 4789, "under", 101, "red"));
	fake_put(&snapshot, fake_tunnel_hop("h2", "t2", 101, "02:00:00:00:00:01"));
	assert_int_equal(second_waits(), PENDING_NONE);
	assert_int_equal(path_mtu("t2"), 1400); /* the ends are the same */
	fake_put(&snapshot, fake_tunnel("t2", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.2.7", 4789, "under", 101, "red"));
	assert_int_equal(second_waits(), PENDING_NONE);
	assert_int_equal(path_mtu("t2"), DP_PATH_MTU_NONE);
	fake_path(t2, 1400, 0);
	assert_int_equal(path_mtu("t2"), 1400);
}

static uint16_t mss_clamp(const char *vrf)
{
	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
	return fake->bank->vrfs[fake_id(RESOURCE_VRF, vrf)].mss_clamp;
}

static struct vrf *put_vrf(const char *name)
{
	struct vrf *vrf = (struct vrf *)fake_vrf(name, NULL);

	fake_put(&snapshot, &vrf->resource);
	return vrf;
}

/* Where ways differ: tunnels, links of several MTUs; or a number is asked for. */
static void mss_is_clamped(void **state)
{
	(void)state;
	assert_int_equal(mss_clamp("red"), DP_MSS_MOST);
	assert_int_equal(mss_clamp("under"), 0);
	fake_link(4, "eth1", true);
	fake_put(&snapshot, fake_interface("b", "eth1", "under", 0));
	assert_int_equal(mss_clamp("under"), 0);
	fake_mtu(4, 1400);
	assert_int_equal(mss_clamp("under"), DP_MSS_MOST);
	fake_mtu(3, 1400);
	assert_int_equal(mss_clamp("under"), 0);
	fake_mtu(3, 1500);
	assert_int_equal(mss_clamp("under"), DP_MSS_MOST);
	fake_put(&snapshot, fake_interface("b", "eth1", "red", 0));
	assert_int_equal(mss_clamp("under"), 0);
	fake_put(&snapshot, fake_interface("b", "eth1", "under", 0));
	fake_link_gone(4);
	assert_int_equal(mss_clamp("under"), 0);
	put_vrf("under")->mss_clamp_most = 1000;
	assert_int_equal(mss_clamp("under"), 1000);
	put_vrf("red")->mss_clamp = false;
	assert_int_equal(mss_clamp("red"), 0);
	put_vrf("red");
	assert_int_equal(mss_clamp("red"), DP_MSS_MOST);
	for (int i = 1; i <= 2; i++) {
		fake_remove(&snapshot, RESOURCE_NEXT_HOP, i == 1 ? "h1" : "h2");
		assert_int_equal(mss_clamp("red"), DP_MSS_MOST);
		fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, i == 1 ? "t1" : "t2");
	}
	assert_int_equal(mss_clamp("red"), 0);
}

/* The entry of a remote and VNI; NULL: there is none. */
static const struct dp_vni *entry_of(const char *remote, uint32_t number)
{
	struct dp_address address = {0};

	if (remote) {
		address.byte[10] = address.byte[11] = 0xff;
		assert_int_equal(inet_pton(AF_INET, remote, address.byte + 12), 1);
	}
	for (size_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_vnis); i++) {
		const struct dp_vni *vni = &fake->bank->vnis[i];

		if (vni->vtep && vni->vni == number && !memcmp(&vni->remote, &address, sizeof(address)))
			return vni;
	}
	return NULL;
}

static const struct dp_vni *plain_vni(const char *remote)
{
	return entry_of(remote, 0);
}

static void leads_to(uint32_t vni, const char *endpoint)
{
	const struct dp_vni *entry = entry_of("10.0.1.1", vni);

	assert_int_equal(entry ? entry->tunnel : 0, endpoint ? fake_id(RESOURCE_TUNNEL_ENDPOINT, endpoint) : 0);
}

/* Of several endpoints between the same ends, each of another owner: what they share is always one's that is there. */
static void several_between_the_same_ends(void **state)
{
	struct resource *second;

	(void)state;
	put_vrf("green");
	assert_int_equal(second_waits(), PENDING_NONE);
	for (int round = 0; round < 2; round++) {
		second = fake_tunnel("s1", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.1.1", 4789, "under", 200, "green");
		if (round)
			fake_bind(second, 100, "red");
		fake_put(&snapshot, second);
		assert_int_equal(second_waits(), PENDING_NONE);
		leads_to(100, round ? "s1" : "t1");
		leads_to(200, "s1");
		leads_to(DP_VNI_ANY, "s1");
		fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "s1");
		assert_int_equal(second_waits(), PENDING_NONE);
		leads_to(100, "t1");
		leads_to(200, NULL);
		leads_to(DP_VNI_ANY, "t1");
	}
	fake_put(&snapshot, fake_tunnel("s1", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.1.1", 4789, "under", 200, "green"));
	fake_put(&snapshot, fake_tunnel("s2", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.1.1", 4789, "under", 200, "green"));
	assert_int_equal(second_waits(), PENDING_NONE);
	/* One becomes another's, one goes; one is left. */
	fake_put(&snapshot, fake_tunnel("s2", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.1.7", 4789, "under", 200, "green"));
	fake_remove(&snapshot, RESOURCE_NEXT_HOP, "h1");
	fake_put(&snapshot, fake_group("both", "h2", NULL));
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "t1");
	assert_int_equal(fake_run(fake, &snapshot), 0);
	leads_to(100, NULL);
	leads_to(200, "s1");
	leads_to(DP_VNI_ANY, "s1");
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "s1");
	assert_int_equal(fake_run(fake, &snapshot), 0);
	leads_to(200, NULL);
	leads_to(DP_VNI_ANY, NULL);
}

/* Packets note a path at one of them, and it counts for all. */
static void several_have_one_path(void **state)
{
	(void)state;
	put_vrf("green");
	fake_put(&snapshot, fake_tunnel("s1", DP_TUNNEL_VXLAN, "10.0.0.1", "10.0.1.1", 4789, "under", 200, "green"));
	assert_int_equal(second_waits(), PENDING_NONE);
	assert_int_equal(path_mtu("s1"), DP_PATH_MTU_NONE);
	fake_path(fake_id(RESOURCE_TUNNEL_ENDPOINT, "t1"), 1400, 0);
	assert_int_equal(path_mtu("t1"), 1400);
	assert_int_equal(path_mtu("s1"), 1400);
	assert_int_equal(path_mtu("t2"), DP_PATH_MTU_NONE);
	fake_path(fake_id(RESOURCE_TUNNEL_ENDPOINT, "s1"), 1300, 0);
	assert_int_equal(path_mtu("t1"), 1300);
}

/* Each remote of one address of ours has a VRF of its own, and they come and go one by one. */
static void remotes_without_vnis(void **state)
{
	(void)state;
	put_vrf("green");
	fake_put(&snapshot, fake_tunnel("p1", DP_TUNNEL_IPIP, "10.0.0.1", "10.0.3.1", 0, "under", 0, "red"));
	fake_put(&snapshot, fake_tunnel("p2", DP_TUNNEL_IPIP, "10.0.0.1", "10.0.3.2", 0, "under", 0, "green"));
	assert_int_equal(fake_run(fake, &snapshot), 0);
	assert_int_equal(plain_vni("10.0.3.1")->vrf, fake_id(RESOURCE_VRF, "red"));
	assert_int_equal(plain_vni("10.0.3.2")->vrf, fake_id(RESOURCE_VRF, "green"));
	assert_int_equal(plain_vni(NULL)->vrf, 0);
	assert_true(fake->bank->tunnel_ports[0] & 1);
	assert_int_equal(fake->bank->tunnels[fake_id(RESOURCE_TUNNEL_ENDPOINT, "p1")].checksum, 0);
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "p1");
	assert_int_equal(fake_run(fake, &snapshot), 0);
	assert_null(plain_vni("10.0.3.1"));
	assert_non_null(plain_vni(NULL));
	fake_remove(&snapshot, RESOURCE_TUNNEL_ENDPOINT, "p2");
	assert_int_equal(fake_run(fake, &snapshot), 0);
	assert_null(plain_vni(NULL));
	assert_int_equal(fake->bank->tunnel_ports[0] & 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_route, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(without_a_gateway, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(behind_another_tunnel, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(to_the_router_itself, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(mss_is_clamped, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(path_mtu_is_learnt, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(udp_checksum_by_family, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(several_between_the_same_ends, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(several_have_one_path, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(remotes_without_vnis, setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
