/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory in which the answers' program cuts a datagram to pieces. Of one CPU; it lies outside the banks. */
#ifndef SLUICE_DP_DATAGRAM_H
#define SLUICE_DP_DATAGRAM_H

#include <linux/types.h>

#define DP_DATAGRAM (80 * 1024) /* bytes: the largest datagram, and what is behind it */

struct dp_datagram {
	__u64 memory[DP_DATAGRAM / 8]; /* struct datagram (bpf/answer_fragment.h), which only programs know */
};

#endif
