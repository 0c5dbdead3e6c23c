/* SPDX-License-Identifier: Apache-2.0 */
/* Between cost.c and cost.bpf.c. */
#ifndef SLUICE_TESTS_BPF_ROUTER_COST_H
#define SLUICE_TESTS_BPF_ROUTER_COST_H

#include <linux/types.h>

#define COST_WORDS 16 /* of 8 bytes: as much of the frame is put back */

struct cost_frame {
	__u64 length;
	__u64 word[COST_WORDS];
};

#endif
