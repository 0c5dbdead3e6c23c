/* SPDX-License-Identifier: Apache-2.0 */
/* neighbors[]: for which neighbours Sluice answers, and in which VRFs packets are looked at for it. */
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

#define OFF	 SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_OFF
#define SUPPRESS SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_SUPPRESS
#define ROUTER	 SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_ROUTER

static struct neighbor made[8];

static int setup(void **state)
{
	fake_run_setup(state);
	memset(made, 0, sizeof(made));
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("blue", NULL));
	return 0;
}

/* Number `id` has this address; `mac` is the last byte of its MAC, 0: it has none. `as` is where it is made. */
static void put(unsigned int as, uint32_t id, const char *vrf, const char *address, uint8_t mac, uint8_t proxy)
{
	struct neighbor *neighbor = &made[as];

	*neighbor = (struct neighbor){.resource = {.kind = RESOURCE_NEIGHBOR, .id = id, .revision = as + 1},
				      .key.vrf = fake_name(RESOURCE_VRF, vrf),
				      .has_mac = mac != 0,
				      .mac = {mac ? 2 : 0, 0, 0, 0, 0, mac},
				      .proxy = proxy};
	assert_int_equal(ip_address_parse(address, &neighbor->key.prefix.address), 0);
	neighbor->key.prefix.length = neighbor->key.prefix.address.family == 4 ? 32 : 128;
	fake_put(&snapshot, &neighbor->resource);
}

static void run_well(void)
{
	assert_int_equal(fake_run(fake, &snapshot), 0);
}

static size_t count(void)
{
	size_t count = 0;

	for (uint32_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_neighbors); i++)
		count += fake->bank->neighbors[i].vrf != 0;
	return count;
}

static const struct dp_neighbor *row(const char *vrf, const char *text)
{
	struct ip_address address;
	struct dp_address mapped;

	assert_int_equal(ip_address_parse(text, &address), 0);
	ip_address_map(&address, mapped.byte);
	for (uint32_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_neighbors); i++)
		if (fake->bank->neighbors[i].vrf == fake_id(RESOURCE_VRF, vrf) &&
		    memcmp(&fake->bank->neighbors[i].address, &mapped, sizeof(mapped)) == 0)
			return &fake->bank->neighbors[i];
	return NULL;
}

static uint8_t features(const char *vrf)
{
	return fake->bank->vrfs[fake_id(RESOURCE_VRF, vrf)].features;
}

static void who_is_answered_for(void **state)
{
	(void)state;
	put(0, 1, "red", "10.0.0.9", 9, OFF);
	put(1, 2, "red", "10.0.0.8", 8, SUPPRESS);
	put(2, 3, "blue", "2001:db8::8", 0, ROUTER);
	run_well();
	assert_int_equal(count(), 2);
	assert_memory_equal(row("red", "10.0.0.8")->mac, "\x02\0\0\0\0\x08", 6);
	assert_int_equal(row("red", "10.0.0.8")->router, 0);
	assert_memory_equal(row("blue", "2001:db8::8")->mac, "\0\0\0\0\0\0", 6);
	assert_int_equal(row("blue", "2001:db8::8")->router, 1);
	assert_int_equal(features("red"), 0);
	assert_int_equal(features("blue"), DP_FEATURE_PROXY);
}

static void changes(void **state)
{
	(void)state;
	put(0, 1, "red", "10.0.0.8", 8, SUPPRESS);
	put(1, 2, "red", "10.0.0.9", 9, ROUTER);
	run_well();
	assert_int_equal(features("red"), DP_FEATURE_PROXY);
	put(2, 1, "red", "10.0.0.8", 7, ROUTER);
	put(3, 2, "red", "10.0.0.9", 9, SUPPRESS);
	run_well();
	assert_int_equal(count(), 2);
	assert_int_equal(row("red", "10.0.0.8")->router, 1);
	assert_memory_equal(row("red", "10.0.0.8")->mac, "\x02\0\0\0\0\x07", 6);
	assert_int_equal(row("red", "10.0.0.9")->router, 0);
	assert_int_equal(features("red"), DP_FEATURE_PROXY);
	put(4, 1, "red", "10.0.0.8", 7, OFF);
	run_well();
	assert_int_equal(count(), 1);
	assert_null(row("red", "10.0.0.8"));
	assert_int_equal(features("red"), 0);
	snapshot.count[RESOURCE_NEIGHBOR] = 0;
	run_well();
	assert_int_equal(count(), 0);
}

/* One that has no MAC gives none to gateways. */
static void gateways(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_gateway("gateway", "a", "192.0.2.1", NULL));
	fake_link(3, "eth0", true);
	put(0, 1, "red", "192.0.2.1", 0, ROUTER);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "gateway"), PENDING_NEIGHBOUR);
	assert_true(fake_is_wanted(3, "192.0.2.1"));
	put(1, 1, "red", "192.0.2.1", 8, ROUTER);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_NEXT_HOP, "gateway"), PENDING_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_is_answered_for, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(changes, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(gateways, setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
