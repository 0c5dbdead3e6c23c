/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first pass finds candidates by counters that all go down by one when there is none for another source (Misra and
 * Gries, 1982), the second one counts theirs.
 */
#include "vnf/dataplane/connections/heaviest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLOTS (2 * HEAVIEST_SOURCES) /* a power of two */

struct counters {
	struct connection_source *slot, *spare; /* of SLOTS; entries 0: free */
	uint32_t used;
	__u64 secret[2]; /* so that nobody chooses sources that meet in one slot */
};

static struct connection_source source_of(const struct connection *connection)
{
	return (struct connection_source){
		.source = ip_prefix_of(&connection->source, connection->family == 4 ? 32 : 64),
		.vrf = connection->vrf,
		.embryonic = dp_connection_embryonic(connection->state),
	};
}

static uint32_t slot_of(const struct counters *counters, const struct connection_source *source)
{
	struct dp_siphash hash = dp_siphash_begin(counters->secret);
	__u64 words[2];

	memcpy(words, source->source.address.byte, sizeof(words));
	dp_siphash_word(&hash, words[0]);
	dp_siphash_word(&hash, words[1]);
	dp_siphash_word(&hash, source->vrf);
	return dp_siphash_end(&hash) & (SLOTS - 1);
}

static bool same(const struct connection_source *a, const struct connection_source *b)
{
	return a->vrf == b->vrf && a->source.length == b->source.length &&
	       memcmp(a->source.address.byte, b->source.address.byte, sizeof(a->source.address.byte)) == 0;
}

/* The source's slot, or a free one for it. */
static struct connection_source *find(const struct counters *counters, const struct connection_source *source)
{
	uint32_t i = slot_of(counters, source);

	while (counters->slot[i].source.length && !same(&counters->slot[i], source))
		i = (i + 1) & (SLOTS - 1);
	return &counters->slot[i];
}

/* Each goes down by one, and those at 0 go. */
static void go_down(struct counters *counters)
{
	struct connection_source *before = counters->slot;

	counters->slot = counters->spare;
	counters->spare = before;
	memset(counters->slot, 0, SLOTS * sizeof(*counters->slot));
	counters->used = 0;
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (!before[i].source.length || before[i].entries == 1)
			continue;
		before[i].entries--;
		*find(counters, &before[i]) = before[i];
		counters->used++;
	}
}

static void add_candidate(struct counters *counters, const struct connection *connection)
{
	struct connection_source source = source_of(connection), *slot = find(counters, &source);

	if (slot->source.length) {
		slot->entries++;
	} else if (counters->used < HEAVIEST_SOURCES) {
		*slot = source;
		slot->entries = 1;
		counters->used++;
	} else {
		go_down(counters);
	}
}

static void count(struct counters *counters, const struct connection *connection)
{
	struct connection_source source = source_of(connection), *slot = find(counters, &source);

	if (!slot->source.length)
		return;
	slot->entries++;
	slot->embryonic += source.embryonic;
}

static int by_weight(const void *a, const void *b)
{
	const struct connection_source *x = a, *y = b;

	if (x->entries != y->entries)
		return x->entries < y->entries ? 1 : -1;
	if (x->vrf != y->vrf)
		return x->vrf < y->vrf ? -1 : 1;
	return ip_prefix_compare(&x->source, &y->source);
}

static int heaviest(struct counters *counters, struct connection_source *source, uint32_t most)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < SLOTS; i++)
		if (counters->slot[i].entries)
			counters->slot[found++] = counters->slot[i];
	qsort(counters->slot, found, sizeof(*counters->slot), by_weight);
	found = found < most ? found : most;
	memcpy(source, counters->slot, found * sizeof(*source));
	return (int)found;
}

int conntrack_heaviest(const struct connection_tables *tables, const struct conntracks *how,
		       const struct connection_filter *filter, struct connection_source *source, uint32_t most)
{
	struct counters counters = {.slot = calloc(SLOTS, sizeof(*counters.slot)),
				    .spare = calloc(SLOTS, sizeof(*counters.spare))};
	struct connection connection;
	int result = -ENOMEM;
	uint64_t place = 0;

	if (!counters.slot || !counters.spare)
		goto out;
	(void)!getrandom(counters.secret, sizeof(counters.secret), 0);
	while (conntrack_next(tables, how, filter, &place, &connection))
		add_candidate(&counters, &connection);
	for (uint32_t i = 0; i < SLOTS; i++)
		counters.slot[i].entries = counters.slot[i].embryonic = 0;
	place = 0;
	while (conntrack_next(tables, how, filter, &place, &connection))
		count(&counters, &connection);
	result = heaviest(&counters, source, most);
out:
	free(counters.slot);
	free(counters.spare);
	return result;
}
