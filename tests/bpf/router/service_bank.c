/* SPDX-License-Identifier: Apache-2.0 */
/* Services and their tables: what counts in them, which bank a packet meets, and what nonsense does. */
#include "tests/bpf/router/service.h"

#include <string.h>

enum { SYN = 2, ACK = 16 };

static uint32_t add(uint8_t protocol, uint8_t flags)
{
	const struct service_spec spec = {BALANCER4, protocol, 80, .flags = flags,
					  .members = {{"10.1.0.10", 0, WAY_PLAIN}}};

	return service_add(&spec);
}

/* A packet counts for its listener, and for its member in place of a route. */
static void counters(void **state)
{
	uint32_t pool = add(UDP, DP_POOL_DIRECT), routes = rig_limits()->routes, members = rig_limits()->members;
	uint32_t member = dp_counter_members(routes) + service_member(pool, 0);
	uint32_t listener = dp_counter_listeners(routes, members) + pool;
	struct dp_counter before_member = rig_counter(member), before_listener = rig_counter(listener);
	struct frame in;

	(void)state;
	for (unsigned int i = 1; i <= 3 * DP_PENDING_RECORDS / 2; i++) {
		in = service_datagram("172.16.14.1", (uint16_t)(1000 + i % 3), 80);
		assert_int_equal(service_lands(&in), 0);
		assert_int_equal(rig_counter(member).packets - before_member.packets, i);
		assert_int_equal(rig_counter(member).bytes - before_member.bytes, i * in.length);
		assert_int_equal(rig_counter(listener).packets - before_listener.packets, i);
		assert_int_equal(rig_counter(listener).bytes - before_listener.bytes, i * in.length);
	}
}

/* Bank 1 has another member for the VIP, by another address and way: a packet meets all of it or nothing. */
static void a_packet_meets_one_bank(void **state)
{
	static const struct service_spec one = {BALANCER4, UDP, 80, .members = {{"10.1.0.10", 8080}}};
	const struct bank *other = rig_bank(1);
	uint32_t pool = service_add(&one), member = service_member(pool, 0);

	(void)state;
	rig_fill(other);
	for (enum dp_table table = DP_TABLE_load_balancers; table <= DP_TABLE_service_words; table++)
		memcpy(bank_table(other, table), bank_table(rig_bank(0), table),
		       bank_rows(rig_limits(), table) * bank_row_size(table));
	assert_int_equal(rig_add_route(other, VRF_TENANT, VIP4 "/32", (struct dp_fib_leaf){DP_GROUP_VIP, BALANCER4}),
			 0);
	other->members[member].address = rig_address("10.12.0.99");
	other->members[member].port = 9090;
	other->members[member].incarnation++;
	for (uint64_t generation = 0; generation < 6; generation++) {
		bool changed = generation & 1;
		struct frame in = service_datagram("172.16.15.1", 1000, 80);
		struct outcome outcome;

		rig_set_generation(generation);
		outcome = rig_run(&in);
		assert_int_equal(outcome.reason, DP_REASON_forwarded);
		assert_int_equal(outcome.frame.byte[5], WAY_MAC(changed ? WAY_NARROW : WAY_PLAIN));
		assert_memory_equal(outcome.frame.byte + ETHERNET + 16,
				    rig_address(changed ? "10.12.0.99" : "10.1.0.10").byte + 12, 4);
		assert_int_equal(frame_get16(&outcome.frame, ETHERNET + 22), changed ? 9090 : 8080);
	}
	rig_set_generation(0);
}

enum { NONSENSE = 1 << 20 }; /* bytes of it in a table */

/* Tables of nonsense may drop every packet, but each has its reason, and reads stay inside. */
static void nonsense(void **state)
{
	uint64_t random = 88172645463325252ULL;

	(void)state;
	for (int round = 0; round < 8; round++) {
		add(UDP, round & 1 ? DP_POOL_DIRECT : 0);
		add(TCP, round & 1 ? DP_POOL_SOURCE : DP_POOL_DIRECT);
		for (enum dp_table table = DP_TABLE_load_balancers + round % 5; table <= DP_TABLE_service_words;
		     table++) {
			uint8_t *start = bank_table(rig_bank(0), table);
			size_t size = bank_rows(rig_limits(), table) * bank_row_size(table);

			for (size_t at = 0; table != DP_TABLE_listener_ports && at + 8 <= size && at < NONSENSE;
			     at += 8) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				memcpy(start + at, &random, 8);
			}
		}
		for (int i = 0; i < 64; i++) {
			struct frame in =
				i & 1 ? service_datagram("172.16.16.1", (uint16_t)(1000 + i), 80)
				      : service_segment("172.16.16.1", (uint16_t)(1000 + i), 80, i & 2 ? SYN : ACK);

			rig_run_either(&in);
		}
		service_tear_down(NULL);
		service_set_up(NULL);
	}
}

int service_bank_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counters, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(a_packet_meets_one_bank, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(nonsense, service_set_up, service_tear_down),
	};

	return cmocka_run_group_tests_name("tables of services", tests, NULL, NULL);
}
