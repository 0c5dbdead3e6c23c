/* SPDX-License-Identifier: Apache-2.0 */
/* The sources that hold most of the tables of connections, among many more than are followed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/dataplane/connections/heaviest.h"

#define SETS4 16384
#define SETS6 1024
#define HEAVY 30
#define VRFS  3

static struct dp_connection_set4 set4[SETS4];
static struct dp_connection_set6 set6[SETS6];
static struct dp_connection_head head;
static struct dp_conntrack rows[VRFS];
static const struct connection_tables tables = {set4, set6, SETS4, SETS6, &head};
static const struct conntracks how = {rows, VRFS};
static uint32_t used4, used6;

/* Where an entry is does not matter to who reads them all. */
static struct dp_connection connection(uint16_t vrf, bool answered)
{
	const uint32_t state = answered ? DP_CONNECTION_ESTABLISHED : DP_CONNECTION_SYN_SENT;

	return (struct dp_connection){
		.rest = (uint64_t)443 << 16 | 40000 | (uint64_t)vrf << 32 | (uint64_t)6 << 48,
		.life = dp_connection_life(conntrack_now() & DP_CONNECTION_TIME, state, 0, 1),
	};
}

/* From 10.0.0.0 + number to 203.0.113.1. */
static void put4(uint16_t vrf, uint32_t number, bool answered)
{
	const uint8_t high[4] = {203, 0, 113, 1};
	uint8_t low[4] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
	uint32_t lower, higher;
	struct dp_connection entry = connection(vrf, answered);

	memcpy(&lower, low, 4);
	memcpy(&higher, high, 4);
	assert_true(used4 < SETS4 * DP_CONNECTION_WAYS);
	if (lower > higher)
		entry.life |= (uint64_t)DP_CONNECTION_BY_HIGH << 32;
	set4[used4 / DP_CONNECTION_WAYS].way[used4 % DP_CONNECTION_WAYS] = (struct dp_connection4){
		lower < higher ? (uint64_t)lower << 32 | higher : (uint64_t)higher << 32 | lower, entry};
	used4++;
}

/* From 2001:db8::host to 2001:db8:1::. */
static void put6(uint16_t vrf, uint8_t host)
{
	const uint8_t to[16] = {0x20, 1, 0x0d, 0xb8, 0, 1};
	uint8_t from[16] = {0x20, 1, 0x0d, 0xb8, [15] = host};
	struct dp_connection6 *way = &set6[used6 / DP_CONNECTION_WAYS].way[used6 % DP_CONNECTION_WAYS];
	uint64_t x[2], y[2];
	bool high;

	memcpy(x, from, 16);
	memcpy(y, to, 16);
	high = x[0] > y[0];
	memcpy(way->low, high ? y : x, 16);
	memcpy(way->high, high ? x : y, 16);
	way->connection = connection(vrf, false);
	if (high)
		way->connection.life |= (uint64_t)DP_CONNECTION_BY_HIGH << 32;
	used6++;
}

static void expect(const struct connection_source *source, uint16_t vrf, const char *text, uint64_t entries,
		   uint64_t embryonic)
{
	char formatted[IP_PREFIX_TEXT];

	assert_string_equal(ip_prefix_format(&source->source, formatted), text);
	assert_int_equal(source->vrf, vrf);
	assert_int_equal(source->entries, entries);
	assert_int_equal(source->embryonic, embryonic);
}

static void heavy_ones_are_found_among_many(void **state)
{
	struct connection_filter filter = {0};
	struct connection_source source[HEAVY + 2];
	char text[IP_PREFIX_TEXT];

	(void)state;
	/* 60,000 sources of one each, and between them HEAVY with 100 and more */
	for (uint32_t i = 0; i < 60000; i++) {
		put4(1, 1 << 20 | i, true);
		if (i % 500 < 1)
			for (uint32_t heavy = 0; heavy < HEAVY; heavy++)
				if (i / 500 < 70 + heavy)
					put4(1, heavy, i / 500 % 10 != 0);
	}
	for (unsigned int host = 0; host < 256; host++)
		put6(2, (uint8_t)host);
	assert_int_equal(conntrack_heaviest(&tables, &how, &filter, source, HEAVY + 1), HEAVY + 1);
	expect(&source[0], 2, "2001:db8::/64", 256, 256);
	for (uint32_t i = 1; i <= HEAVY; i++) {
		const uint32_t heavy = HEAVY - i;

		snprintf(text, sizeof(text), "10.0.0.%u/32", heavy);
		expect(&source[i], 1, text, 70 + heavy, (70 + heavy + 9) / 10);
	}
	assert_int_equal(conntrack_count(&tables).ipv6, 256);
	assert_int_equal(conntrack_count(&tables).established + conntrack_count(&tables).embryonic, used4 + used6);
	filter.vrf = 2;
	assert_int_equal(conntrack_heaviest(&tables, &how, &filter, source, HEAVY), 1);
	put4(2, HEAVY - 1, false); /* in another VRF it is another source */
	assert_int_equal(conntrack_heaviest(&tables, &how, &filter, source, HEAVY), 2);
	expect(&source[1], 2, "10.0.0.29/32", 1, 1);
	filter.vrf = 0;
	filter.port = 80;
	assert_int_equal(conntrack_heaviest(&tables, &how, &filter, source, HEAVY), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heavy_ones_are_found_among_many),
	};

	head.secret[0] = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
