/* SPDX-License-Identifier: Apache-2.0 */
/* Between fib.c, its BPF half and the peer that runs in user space. */
#ifndef SLUICE_TESTS_BENCH_FIB_H
#define SLUICE_TESTS_BENCH_FIB_H

#include "api/dp/bank.h"

#define BENCH_ADDRESSES (1U << 19)

struct bench_key4 {
	__u32 length;
	__u32 address; /* network order */
};

struct bench_key6 {
	__u32 length;
	struct dp_address address;
} __attribute__((packed, aligned(4)));

#endif
