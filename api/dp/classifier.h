/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flow classifiers: which packets a chain takes. */
#ifndef SLUICE_DP_CLASSIFIER_H
#define SLUICE_DP_CLASSIFIER_H

#include <linux/types.h>

#include "api/dp/address.h"

/* Matches when (packet ^ value) & mask is zero for both addresses and the rest agrees. */
struct dp_classifier {
	struct dp_address src, src_mask;
	struct dp_address dst, dst_mask;
	__u16 src_port_first, src_port_last; /* host order; 0..65535: any */
	__u16 dst_port_first, dst_port_last;
	__u8 family;	  /* 4, 6, or 0: both */
	__u8 protocol;	  /* 0: any */
	__u16 stage;	  /* first stage; 0: on by the FIB */
	__u16 id;	  /* counter */
	__u8 fail_closed; /* 1: its chain has a stage that fails closed: no packet that it may mean gets past it */
	__u8 pad;
};

_Static_assert(sizeof(struct dp_classifier) == 80, "dp_classifier");

#endif
