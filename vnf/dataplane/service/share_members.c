/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/service/share_members.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/core/hash.h"

#define ROWS_A_MEMBER 200 /* at least: so shares are within half a percent of what weights say */

uint64_t share_name_hash(const char *name)
{
	return share_mix(hash_text(HASH_SEED, name));
}

static int compare(const void *left, const void *right)
{
	const struct share_member *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return strcmp(a->name, b->name);
}

void share_members_sort(struct share_member *member, size_t count)
{
	if (count)
		qsort(member, count, sizeof(*member), compare);
}

uint32_t share_rows(size_t members)
{
	/* The largest primes below powers of two, which take as many words as those; but for the one behind 16381,
	 * which would move more than a percent of the rows when one of a hundred members leaves. */
	static const uint32_t sizes[] = {251, 509, 1021, 2039, 4093, 8191, 16381, SHARE_ROWS_MOST};
	size_t i = 0;

	while (i + 1 < sizeof(sizes) / sizeof(*sizes) && sizes[i] / ROWS_A_MEMBER < members)
		i++;
	return sizes[i];
}
