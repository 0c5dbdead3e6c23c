/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tables of a bank: what is put is found, by the reader's rules, also at the most that the limits allow. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/reconcile/bank_writer.h"

static struct dp_limits limits;
static struct bank *bank;
static struct bank_writer writer;

/* As bpf/port.h and bpf/decap.h look: all probes, an empty slot ends nothing. */
static const void *find(const void *table, uint32_t slots, size_t size, const void *entry, unsigned int words)
{
	__u64 key[3];
	uint32_t hash;

	memcpy(key, entry, words * sizeof(*key));
	hash = dp_hash(key, words);
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		const char *slot = (const char *)table + ((hash + i) & (slots - 1)) * size;

		if (!memcmp(slot, key, words * sizeof(*key)))
			return slot;
	}
	return NULL;
}

static struct dp_port port(uint32_t i)
{
	/* As devices are numbered: in order, untagged and with VLANs in order. */
	return (struct dp_port){.ifindex = 2 + i / 4, .vlan_id = i % 4 * 100, .vrf = 1 + i % 7, .interface = i + 1};
}

static struct dp_vtep vtep(uint32_t i)
{
	struct dp_vtep vtep = {.underlay_vrf = 1 + i % 3, .udp_port = i % 2 ? 0xb512 : 0xc117, .id = i + 1, .kind = 1};

	if (i % 5) {
		memcpy(vtep.local.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0", 14);
	} else {
		memcpy(vtep.local.byte, "\x20\x01\x0d\xb8", 4);
		vtep.local.byte[4] = 1;
	}
	vtep.local.byte[14] = i >> 8;
	vtep.local.byte[15] = i;
	return vtep;
}

static struct dp_vni vni(uint32_t i)
{
	/* Few VTEPs and remotes, VNIs in order. */
	struct dp_vni vni = {.vni = 100 + i / 4, .vtep = 1 + i % 2, .vrf = 1 + i % 4096, .tunnel = i % 4096};

	if (i % 4) {
		memcpy(vni.remote.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0", 15);
		vni.remote.byte[15] = i % 4;
	}
	return vni;
}

static void test_ports(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < limits.interfaces; i++) {
		struct dp_port entry = port(i);

		assert_true(bank_hash_put(&writer, DP_TABLE_ports, &entry) >= 0);
	}
	for (uint32_t i = 0; i < limits.interfaces; i++) {
		struct dp_port entry = port(i);
		const struct dp_port *found =
			find(bank->ports, bank_rows(&limits, DP_TABLE_ports), sizeof(entry), &entry, 1);

		assert_non_null(found);
		assert_memory_equal(found, &entry, sizeof(entry));
	}
}

static void test_vteps(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < limits.tunnel_endpoints; i++) {
		struct dp_vtep entry = vtep(i);

		assert_true(bank_hash_put(&writer, DP_TABLE_vteps, &entry) >= 0);
	}
	for (uint32_t i = 0; i < limits.tunnel_endpoints; i++) {
		struct dp_vtep entry = vtep(i);
		const struct dp_vtep *found =
			find(bank->vteps, bank_rows(&limits, DP_TABLE_vteps), sizeof(entry), &entry, 3);

		assert_non_null(found);
		assert_memory_equal(found, &entry, sizeof(entry));
	}
}

/* A binding is up to two entries: that it is bound, and its remote. */
static void test_vnis(void **state)
{
	uint32_t count = 2 * limits.vni_bindings;

	(void)state;
	for (uint32_t i = 0; i < count; i++) {
		struct dp_vni entry = vni(i);

		assert_true(bank_hash_put(&writer, DP_TABLE_vnis, &entry) >= 0);
	}
	for (uint32_t i = 0; i < count; i++) {
		struct dp_vni entry = vni(i);
		const struct dp_vni *found =
			find(bank->vnis, bank_rows(&limits, DP_TABLE_vnis), sizeof(entry), &entry, 3);

		assert_non_null(found);
		assert_memory_equal(found, &entry, sizeof(entry));
	}
}

static void test_same_key_again(void **state)
{
	struct dp_port entry = port(17);
	uint32_t used = 0;

	(void)state;
	assert_true(bank_hash_put(&writer, DP_TABLE_ports, &entry) >= 0);
	entry.vrf = 99;
	assert_true(bank_hash_put(&writer, DP_TABLE_ports, &entry) >= 0);
	for (uint32_t i = 0; i < bank_rows(&limits, DP_TABLE_ports); i++)
		used += bank->ports[i].ifindex != 0;
	assert_int_equal(used, 1);
	assert_int_equal(((const struct dp_port *)find(bank->ports, bank_rows(&limits, DP_TABLE_ports), sizeof(entry),
						       &entry, 1))
				 ->vrf,
			 99);
}

static void test_full(void **state)
{
	struct dp_port entry = port(3);

	(void)state;
	for (uint32_t i = 0; i < bank_rows(&limits, DP_TABLE_ports); i++)
		bank->ports[i].ifindex = 1;
	assert_int_equal(bank_hash_put(&writer, DP_TABLE_ports, &entry), -ENOSPC);
}

static int setup(void **state)
{
	limits_profile(*state, &limits);
	limits_complete(&limits);
	bank = bank_new(&limits);
	writer = (struct bank_writer){.limits = &limits, .bank = bank};
	return bank ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	bank_writer_free(&writer);
	bank_free(bank);
	return 0;
}

#define WITH(profile, test) cmocka_unit_test_prestate_setup_teardown(test, setup, teardown, profile)
#define ALL(profile)                                                                                                   \
	WITH(profile, test_ports), WITH(profile, test_vteps), WITH(profile, test_vnis),                                \
		WITH(profile, test_same_key_again), WITH(profile, test_full)

int main(void)
{
	static char small[] = "small", internet[] = "internet", most[] = "most";
	const struct CMUnitTest tests[] = {ALL(small), ALL(internet), ALL(most)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
