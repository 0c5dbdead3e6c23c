/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/fib_peer.h"

#include <time.h>

#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_log.h>

#define ROUTES 1100000

static struct rte_fib *fib4;
static struct rte_fib6 *fib6;

const char *peer_open(void)
{
	char *arguments[] = {"fib", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "1536",
			     "-l",  "0",	 "--log-level", "4"};
	struct rte_fib_conf conf4 = {.type = RTE_FIB_DIR24_8, .max_routes = ROUTES};
	struct rte_fib6_conf conf6 = {.type = RTE_FIB6_TRIE, .max_routes = ROUTES};

	if (rte_eal_init(sizeof(arguments) / sizeof(*arguments), arguments) < 0)
		return "DPDK's environment does not start";
	conf4.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
	conf4.dir24_8.num_tbl8 = 1 << 15;
	fib4 = rte_fib_create("bench4", -1, &conf4);
	conf6.trie.nh_sz = RTE_FIB6_TRIE_4B;
	conf6.trie.num_tbl8 = 1 << 18;
	fib6 = rte_fib6_create("bench6", -1, &conf6);
	return fib4 && fib6 ? NULL : "rte_fib cannot be created";
}

bool peer_set(const struct ip_prefix *prefix, uint32_t group)
{
	const uint8_t *byte = prefix->address.byte;
	uint32_t address;

	if (prefix->address.family == 6)
		return !rte_fib6_add(fib6, byte, prefix->length, group);
	address = (uint32_t)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
	return !rte_fib_add(fib4, address, prefix->length, group);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

double peer_run4(uint32_t *address, size_t count, uint64_t *sum)
{
	double start = now();
	uint64_t found;

	for (size_t i = 0; i < count; i++) {
		rte_fib_lookup_bulk(fib4, &address[i], &found, 1);
		*sum += found;
	}
	return now() - start;
}

double peer_run6(struct dp_address *address, size_t count, uint64_t *sum)
{
	double start = now();
	uint64_t found;

	for (size_t i = 0; i < count; i++) {
		rte_fib6_lookup_bulk(fib6, &address[i].byte, &found, 1);
		*sum += found;
	}
	return now() - start;
}
