/* SPDX-License-Identifier: Apache-2.0 */
/* DPDK's rte_fib and rte_fib6, in user space. Built without libdpdk, none of it is there and peer_open() says so. */
#ifndef SLUICE_TESTS_BENCH_FIB_PEER_H
#define SLUICE_TESTS_BENCH_FIB_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"
#include "vnf/core/address.h"

/* NULL, or why it cannot take part. */
const char *peer_open(void);
bool peer_set(const struct ip_prefix *prefix, uint32_t group);
/* Nanoseconds that `count` lookups took, one at a time; *sum: of what was found. */
double peer_run4(uint32_t *address, size_t count, uint64_t *sum);
double peer_run6(struct dp_address *address, size_t count, uint64_t *sum);

#endif
