/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hash of the open-addressed tables in a bank: key words in, slot out, then linear probing over at most
 * DP_HASH_PROBES slots. Both sides must agree bit for bit. Not for flows: an attacker may choose those.
 */
#ifndef SLUICE_DP_HASH_H
#define SLUICE_DP_HASH_H

#include <linux/types.h>

static inline __u32 dp_hash(const __u64 *key, unsigned int words)
{
	__u64 h = 0x9e3779b97f4a7c15ULL;

	if (words == 1) /* a port: every packet waits for this */
		return (__u32)key[0] + (__u32)(key[0] >> 32) * 0x9e3779b1U;
	for (unsigned int i = 0; i < words; i++) {
		h ^= key[i];
		h *= 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	return (__u32)(h ^ (h >> 15));
}

#endif
