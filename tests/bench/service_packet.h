/* SPDX-License-Identifier: Apache-2.0 */
/* Between service_packet.c and its BPF half. */
#ifndef SLUICE_TESTS_BENCH_SERVICE_PACKET_H
#define SLUICE_TESTS_BENCH_SERVICE_PACKET_H

#include <linux/types.h>

#define SERVICE_WORDS  16 /* of 8 bytes: the frame */
#define SERVICE_GROWTH 20

struct service_frame {
	__u64 word[SERVICE_WORDS];
	__u32 flow;	  /* of the next packet; its low bits are those of the source port */
	__u16 flow_mask;  /* 0: one flow */
	__u16 first_port; /* host order */
};

#endif
