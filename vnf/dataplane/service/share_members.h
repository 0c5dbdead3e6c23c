/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members that share the rows of a pool's table (api/dp/service.h). Names and weights alone decide who has which row,
 * so that all routers with the same pool have the same table: whoever fills one sorts the members first.
 */
#ifndef SLUICE_DATAPLANE_SHARE_MEMBERS_H
#define SLUICE_DATAPLANE_SHARE_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#define SHARE_ROWS_MOST	  65521 /* of a table: row numbers have 16 bits */
#define SHARE_WEIGHT_MOST 256000

struct share_member {
	const char *name; /* borrowed; no two are equal */
	uint64_t hash;	  /* share_name_hash() of it */
	uint32_t id;
	uint32_t weight; /* 1 to SHARE_WEIGHT_MOST; all times the same makes no difference but for rounding */
};

uint64_t share_name_hash(const char *name);

/* By hash, and by name where that is equal: the order in which rows number them. */
void share_members_sort(struct share_member *member, size_t count);

/* Rows of the table of a pool with so many members, those that take no flows included: a prime number, at least 200 for
 * each while there are fewer than 328, at most SHARE_ROWS_MOST. */
uint32_t share_rows(size_t members);

/* 64-bit words that so many rows take. */
static inline uint32_t share_words(uint32_t rows)
{
	return (rows + 3) / 4;
}

static inline void share_put(uint64_t *word, uint32_t row, uint32_t member)
{
	word[row / 4] |= (uint64_t)member << row % 4 * 16;
}

static inline uint32_t share_get(const uint64_t *word, uint32_t row)
{
	return (uint16_t)(word[row / 4] >> row % 4 * 16);
}

/* A finaliser with full avalanche (David Stafford's mix 13). */
static inline uint64_t share_mix(uint64_t hash)
{
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebULL;
	return hash ^ hash >> 31;
}

#endif
