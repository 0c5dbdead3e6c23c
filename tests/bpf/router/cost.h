/* SPDX-License-Identifier: Apache-2.0 */
/* Between cost.c and cost.bpf.c. */
#ifndef SLUICE_TESTS_BPF_ROUTER_COST_H
#define SLUICE_TESTS_BPF_ROUTER_COST_H

#include <linux/types.h>

#define COST_WORDS 16 /* of 8 bytes: as much of the frame is put back */
#define COST_PORTS 34 /* where they are, of plain IPv4 */

struct cost_frame {
	__u64 length;
	__u32 vary;  /* 1: each run has other ports */
	__u32 count; /* of these runs */
	__u64 word[COST_WORDS];
};

/* Rows of services, with what measures a frame. */
struct frame;
void cost_services(double (*measure)(const struct frame *frame, __u32 vary, double *bare));
/* Of ways into a chain. */
void cost_steer(double (*measure)(const struct frame *frame, __u32 vary, double *bare));

#endif
