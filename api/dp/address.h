/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An IP address as the tables hold it. */
#ifndef SLUICE_DP_ADDRESS_H
#define SLUICE_DP_ADDRESS_H

#include <linux/types.h>

/* IPv4 as ::ffff:a.b.c.d */
struct dp_address {
	union {
		__u8 byte[16];
		__u32 word[4]; /* network order */
		__u64 half[2]; /* network order */
	};
};

_Static_assert(sizeof(struct dp_address) == 16, "dp_address");

#endif
