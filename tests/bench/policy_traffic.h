/* SPDX-License-Identifier: Apache-2.0 */
/* Between policy_traffic.c and its BPF half. */
#ifndef SLUICE_TESTS_BENCH_POLICY_TRAFFIC_H
#define SLUICE_TESTS_BENCH_POLICY_TRAFFIC_H

#include <linux/types.h>

#define TRAFFIC_FLOWS (1U << 18)
#define TRAFFIC_TIMED 256    /* the clock is read once for so many frames */
#define TRAFFIC_ID    0x5042 /* of all frames, in their IPv4 headers */
#define TRAFFIC_SIZE  60

/* As a client sends it. All in network order; `flags` are TCP's. */
struct traffic_flow {
	__u32 source, destination;
	__u16 source_port, destination_port;
	__u8 protocol, flags, pad[2];
};

/* How many frames had arrived when. */
struct traffic_time {
	__u64 ns;
	__u64 received;
};

#endif
