/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/dp/hash.h"
#include "vnf/reconcile/compile.h"

_Static_assert(DP_VNI_SLOTS <= DP_PORT_SLOTS && DP_VTEP_SLOTS <= DP_PORT_SLOTS, "blocks of the largest table");
_Static_assert(DP_HASH_PROBES <= HASH_BLOCK, "an entry is in one of two blocks");

static void mark(struct hash_blocks *blocks, uint32_t slot)
{
	blocks->now[slot / HASH_BLOCK / 64] |= 1ULL << (slot / HASH_BLOCK % 64);
}

void compile_hash_use(struct hash_blocks *blocks, const void *key, unsigned int words, uint32_t slots)
{
	__u64 word[4];
	uint32_t hash;

	memcpy(word, key, words * sizeof(*word));
	hash = dp_hash(word, words);
	mark(blocks, hash % slots);
	mark(blocks, (hash + DP_HASH_PROBES - 1) % slots);
}

static void write_block(struct compile *compile, char *table, const char *scratch, size_t size)
{
	if (memcmp(table, scratch, HASH_BLOCK * size) == 0)
		return;
	for (size_t i = 0; i < HASH_BLOCK; i++)
		compile_write(compile, table + i * size, scratch + i * size, size);
}

void compile_hash_write(struct compile *compile, struct hash_blocks *blocks, void *table, void *scratch, size_t size,
			bool failed)
{
	for (size_t word = 0; word < sizeof(blocks->now) / sizeof(*blocks->now); word++) {
		uint64_t left = blocks->now[word] | blocks->held[word];

		for (; left; left &= left - 1) {
			unsigned int bit = (unsigned int)__builtin_ctzll(left);
			size_t offset = (word * 64 + bit) * HASH_BLOCK * size;

			if (!failed)
				write_block(compile, (char *)table + offset, (char *)scratch + offset, size);
			if (blocks->now[word] >> bit & 1)
				memset((char *)scratch + offset, 0, HASH_BLOCK * size);
		}
	}
	blocks->written = true;
}

void compile_hash_done(struct hash_blocks *blocks, bool undone)
{
	if (blocks->written && !undone)
		memcpy(blocks->held, blocks->now, sizeof(blocks->held));
	memset(blocks->now, 0, sizeof(blocks->now));
	blocks->written = false;
}
