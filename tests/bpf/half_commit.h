/* SPDX-License-Identifier: Apache-2.0 */
/* Between half_commit.c and half_commit.bpf.c. */
#ifndef SLUICE_TESTS_BPF_HALF_COMMIT_H
#define SLUICE_TESTS_BPF_HALF_COMMIT_H

#include <linux/types.h>

#define FRAME_BYTES 64
/* UDP; one packet of four is to each. */
#define PORT_WEB     80		/* what the classifier of the chain matches */
#define PORT_VIP     81		/* to a load balancer's VIP */
#define VIP	     "10.8.0.2" /* has the same sum as 10.9.0.1, where the others go */
#define PORT_STEERED 82		/* what a rule of the policy routes */
#define PORT_GATED   83		/* what another one lets through in odd revisions only */

/* A CPU's; each in cache lines of its own. */
struct tally {
	__u64 tunnelled, steered; /* packets that left so */
	__u64 halves;		  /* of them, those whose parts are of different revisions */
	__u8 half[8];		  /* the last one's: next hop, inner MAC, VNI, group, port */
	__u64 pad[4];
};

#define TALLIES 64

#endif
