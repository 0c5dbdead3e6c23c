/* SPDX-License-Identifier: Apache-2.0 */
/* Counts by key, in an open hash table. */
#ifndef SLUICE_DATAPLANE_POLICY_PAIRS_H
#define SLUICE_DATAPLANE_POLICY_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

struct pairs {
	struct pair {
		uint32_t key; /* not 0 */
		uint32_t count;
	} * slot;
	uint32_t slots, used;
};

void pairs_free(struct pairs *pairs);
/* Room for so many keys altogether. 0 or -ENOMEM. */
int pairs_reserve(struct pairs *pairs, uint32_t keys);
/* One more; the key's count now, or -ENOMEM. With enough room reserved it does not fail. */
int64_t pairs_add(struct pairs *pairs, uint32_t key);
/* One fewer of a key that is there; the key's count now. */
uint32_t pairs_take(struct pairs *pairs, uint32_t key);

#endif
