/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the LPM_TRIE maps and how many addresses one run looks up. */
#ifndef SLUICE_TESTS_BPF_FIB_ORACLE_H
#define SLUICE_TESTS_BPF_FIB_ORACLE_H

#include "api/dp/bank.h"

#define ORACLE_ADDRESSES (1U << 15)

struct oracle_key4 {
	__u32 length;
	__u32 address; /* network order */
};

struct oracle_key6 {
	__u32 length;
	struct dp_address address;
} __attribute__((packed, aligned(4)));

_Static_assert(sizeof(struct oracle_key6) == 20, "oracle_key6");

#endif
