/* SPDX-License-Identifier: Apache-2.0 */
/* A FIB in memory of the test's own, and its comparison with the oracle. */
#ifndef SLUICE_TESTS_FIB_BENCH_H
#define SLUICE_TESTS_FIB_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fib_naive.h"
#include "tests/unit/internet.h"
#include "vnf/dataplane/fib/fib.h"

struct bench {
	__u64 *words;
	struct dp_fib_trees *trees;
	struct fib *fib;
	uint64_t random;
};

/* Ten times as much with --long or SLUICE_LONG=1; other random numbers with SLUICE_SEED=n. */
extern uint32_t bench_scale;
extern uint64_t bench_seed;
void bench_arguments(int argc, char **argv);

void bench_start(struct bench *bench, uint32_t words);
void bench_stop(struct bench *bench);
struct fib_usage usage_of(const struct bench *bench);
double seconds(void);

struct dp_fib_leaf some_leaf(uint64_t *random);
struct ip_prefix parse(const char *text);

/* Dense around a few places, so that prefixes nest, share nodes and meet the same slots; every length occurs. */
struct ip_prefix near_prefix(uint64_t *random, uint32_t places);

void compare_lookup(const struct bench *bench, const struct naive *naive, uint16_t vrf,
		    const struct ip_address *address);

/* The prefix's first and last address and the one just outside. */
void compare_edges(const struct bench *bench, const struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix);

/* Sets or unsets the prefix in both, after both have said the same of it. */
void update(struct bench *bench, struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, bool set);

#endif
