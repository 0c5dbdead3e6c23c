/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes for tables of the daemon's own. None withstands who chooses the keys. */
#ifndef SLUICE_CORE_HASH_H
#define SLUICE_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_SEED  0xcbf29ce484222325ULL /* of FNV-1a; ^ a number: of one space of keys among several */
#define HASH_PRIME 0x100000001b3ULL

/* FNV-1a of `size` bytes, on from `hash`: HASH_SEED at first. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	while (size-- > 0)
		hash = (hash ^ *byte++) * HASH_PRIME;
	return hash;
}

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text));
}

/* Takes in a word; the low bits depend on all of it. */
static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
	return hash ^ hash >> 32;
}

#endif
