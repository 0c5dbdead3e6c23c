/* SPDX-License-Identifier: Apache-2.0 */
/* Between policy_lookup.c and its BPF half. */
#ifndef SLUICE_TESTS_BENCH_POLICY_LOOKUP_H
#define SLUICE_TESTS_BENCH_POLICY_LOOKUP_H

#include "api/dp/bank.h"

#define BENCH_RULES 16384
#define BENCH_WORDS (1U << 20) /* of the pool, as a router with so many rules has */
#define BENCH_KEYS  32768
#define BENCH_VRF   1

struct bench_key {
	__u32 address[2]; /* host order, as the ports */
	__u16 port[2];
	__u8 protocol;
	__u8 pad[3];
};

#endif
