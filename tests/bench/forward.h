/* SPDX-License-Identifier: Apache-2.0 */
/* Between forward.c and its BPF half. */
#ifndef SLUICE_TESTS_BENCH_FORWARD_H
#define SLUICE_TESTS_BENCH_FORWARD_H

#include <linux/types.h>

#define TRAFFIC_ADDRESSES (1U << 17)
#define TRAFFIC_SIZES	  12   /* frames of these lengths follow each other */
#define TRAFFIC_FRAMES	  16   /* a power of two */
#define TRAFFIC_TIMED	  4096 /* the clock is read once for so many frames */
#define TRAFFIC_HEADERS	  128  /* bytes that are written into each frame */

/* A frame's first bytes, all but the destination, which is put in and into the checksum when it is sent. */
struct traffic_frame {
	__u32 length;
	__u32 sum; /* of the inner IPv4 header's words, destination left out */
	__u64 word[TRAFFIC_HEADERS / 8];
};

/* How many frames had arrived when. */
struct traffic_time {
	__u64 ns;
	__u64 received;
};

#endif
