/* SPDX-License-Identifier: Apache-2.0 */
/* Between connection.c and its program, in the program's variable `order`. */
#ifndef SLUICE_TESTS_BENCH_CONNECTION_H
#define SLUICE_TESTS_BENCH_CONNECTION_H

#include <linux/types.h>

struct bench_order {
	__u32 first; /* flow, */
	__u32 count; /* how many packets, each of the next flow */
	__u32 mask;  /* flows begin again behind so many, scattered, */
	__u32 base;  /* from this number on */
	__u32 found; /* out: connections that were there, */
	__u32 made;  /* and that were not, but are now */
};

struct bench_key {
	__u32 low, high;
	__u16 low_port, high_port;
	__u16 vrf;
	__u8 protocol, pad;
};

struct bench_entry {
	__u64 life, note;
};

#endif
