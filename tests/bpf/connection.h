/* SPDX-License-Identifier: Apache-2.0 */
/* What connection.c and its program tell each other, in the program's variable `trial`. */
#ifndef SLUICE_TESTS_BPF_CONNECTION_H
#define SLUICE_TESTS_BPF_CONNECTION_H

#include <linux/types.h>

enum { ACT_TRACK, ACT_OPEN, ACT_RELABEL, ACT_END };

struct trial {
	__u32 act; /* in */
	__u32 rule, epoch, pinned;
	__u32 vrf;
	__u32 flows;	  /* of connection_many: begin with this one */
	__u32 count, way; /* how many, and whether answers come, too */
	__u32 opened, refused;
	__s32 reason; /* out; -1: NEXT */
	__u32 found, state, reply, was_pinned, was_epoch, was_rule, begins;
};

/* The flow number of connection_many. */
#define MANY_NET 0x0a000000U

#endif
