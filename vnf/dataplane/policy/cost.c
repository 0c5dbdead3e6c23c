/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The most tuples that any packet may have to look into: over all that its five fields may say, the number of bits that
 * the bitmaps have in common. Only bitmaps that no other one contains matter.
 */
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define PARTS	     (FIELDS + 1)
#define MANY_RULES   1000
#define MOST_ADDED   8
#define MOST_REMOVED 16	     /* of so many rules one */
#define MOST_PAIRS   1000000 /* with more the bound is no longer exact, but still one */

struct bitmap {
	uint64_t word[BITMAP_WORDS];
	unsigned int bits;
};

/* The different bitmaps of a field, or of the protocols, most bits first. */
struct part {
	struct bitmap *bitmap;
	uint32_t count;
};

struct search {
	struct part part[PARTS];
	struct bitmap worst;
};

static unsigned int bits_in(const uint64_t word[BITMAP_WORDS])
{
	unsigned int bits = 0;

	for (unsigned int i = 0; i < BITMAP_WORDS; i++)
		bits += (unsigned int)__builtin_popcountll(word[i]);
	return bits;
}

static int more_bits_first(const void *a, const void *b)
{
	const struct bitmap *x = a, *y = b;

	if (x->bits != y->bits)
		return (x->bits < y->bits) - (x->bits > y->bits);
	return memcmp(x->word, y->word, sizeof(x->word));
}

/* An open hash table of `slots` bitmaps, a power of two and enough. */
static void add(struct bitmap *table, uint32_t slots, const uint64_t *word)
{
	uint64_t hash = word[0] ^ word[1] * 3 ^ word[2] * 5 ^ word[3] * 7;
	uint32_t i = (uint32_t)((hash * 0x9e3779b97f4a7c15ULL) >> 32) & (slots - 1);
	unsigned int bits = bits_in(word);

	if (!bits)
		return;
	while (table[i].bits && memcmp(table[i].word, word, sizeof(table[i].word)) != 0)
		i = (i + 1) & (slots - 1);
	memcpy(table[i].word, word, sizeof(table[i].word));
	table[i].bits = bits;
}

static uint32_t slots_for(uint32_t count)
{
	uint32_t slots = 16;

	while (slots < count * 2)
		slots *= 2;
	return slots;
}

static bool contains(const struct bitmap *all, const struct bitmap *some)
{
	for (unsigned int i = 0; i < BITMAP_WORDS; i++)
		if (some->word[i] & ~all->word[i])
			return false;
	return true;
}

/* Those that are there to the front, in order, without those that another contains: they have no more in common with
 * anything. */
static void compact(struct part *part, uint32_t slots)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < slots; i++)
		if (part->bitmap[i].bits)
			part->bitmap[count++] = part->bitmap[i];
	qsort(part->bitmap, count, sizeof(*part->bitmap), more_bits_first);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t j = 0;

		while (j < part->count && !contains(&part->bitmap[j], &part->bitmap[i]))
			j++;
		if (j == part->count)
			part->bitmap[part->count++] = part->bitmap[i];
	}
}

static bool collect_field(const struct policy *policy, const struct policy_vrf *vrf, int f, struct part *part)
{
	uint32_t slots = slots_for(vrf->field[f].nodes + 1);

	part->bitmap = calloc(slots, sizeof(*part->bitmap));
	if (!part->bitmap)
		return false;
	add(part->bitmap, slots, (const uint64_t *)policy_class(policy, policy_default_class(policy, vrf, f))->tuples);
	for (uint32_t i = 0; i < vrf->field[f].nodes; i++)
		add(part->bitmap, slots, (const uint64_t *)policy_class(policy, vrf->field[f].node[i]->class)->tuples);
	compact(part, slots);
	return true;
}

static bool collect_protocols(const struct policy *policy, const struct policy_vrf *vrf, struct part *part)
{
	uint32_t slots = slots_for(vrf->protocol_room * 2), first;

	part->bitmap = calloc(slots, sizeof(*part->bitmap));
	if (!part->bitmap)
		return false;
	first = policy_vrf_row(policy, vrf)->protocols + DP_POLICY_PROTOCOL_WORDS;
	for (uint32_t i = 0; i < vrf->protocol_room; i++)
		for (uint32_t family = 0; family < 2 && (!i || vrf->protocol_rules[i]); family++)
			add(part->bitmap, slots, policy_at(policy, first + (i * 2 + family) * BITMAP_WORDS));
	compact(part, slots);
	return true;
}

static struct bitmap in_both(const struct bitmap *a, const struct bitmap *b)
{
	struct bitmap both;

	for (unsigned int i = 0; i < BITMAP_WORDS; i++)
		both.word[i] = a->word[i] & b->word[i];
	both.bits = bits_in(both.word);
	return both;
}

/* A bad one to begin with: of each part the one that leaves the most. */
static void guess(struct search *search, const struct bitmap *all)
{
	struct bitmap common = *all;

	for (unsigned int at = 0; at < PARTS; at++) {
		struct bitmap most = {.bits = 0};

		for (uint32_t i = 0; i < search->part[at].count; i++) {
			struct bitmap both = in_both(&common, &search->part[at].bitmap[i]);

			if (both.bits > most.bits)
				most = both;
		}
		common = most;
	}
	search->worst = common;
}

/* All that both parts have in common, but what has no more bits than the worst so far. false: there is no memory for
 * it, or it would be too much. */
static bool combine(const struct search *search, struct part *part, const struct part *with)
{
	uint64_t pairs = (uint64_t)part->count * with->count;
	uint32_t slots = slots_for(pairs < MOST_PAIRS ? (uint32_t)pairs : 0);
	struct part both = {.bitmap = pairs < MOST_PAIRS ? calloc(slots, sizeof(*both.bitmap)) : NULL};

	if (!both.bitmap)
		return false;
	for (uint32_t i = 0; i < part->count; i++) {
		for (uint32_t j = 0; j < with->count && with->bitmap[j].bits > search->worst.bits; j++) {
			struct bitmap common = in_both(&part->bitmap[i], &with->bitmap[j]);

			if (common.bits > search->worst.bits)
				add(both.bitmap, slots, common.word);
		}
	}
	compact(&both, slots);
	free(part->bitmap);
	*part = both;
	return true;
}

/* The worst of all: part after part. What can't be combined any more is taken for the worst as it is. */
static void find_worst(struct search *search)
{
	struct part *first = &search->part[0];
	const struct part *last = &search->part[PARTS - 1];
	bool done = true;

	for (unsigned int i = 1; i < PARTS - 1 && done; i++)
		done = combine(search, first, &search->part[i]);
	for (uint32_t i = 0; i < first->count && first->bitmap[i].bits > search->worst.bits; i++) {
		for (uint32_t j = 0; j < last->count && last->bitmap[j].bits > search->worst.bits; j++) {
			struct bitmap both = done ? in_both(&first->bitmap[i], &last->bitmap[j]) : first->bitmap[i];

			if (both.bits > search->worst.bits)
				search->worst = both;
		}
	}
}

/* Fewest first: what they leave is little. */
static int fewer_first(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->count > y->count) - (x->count < y->count);
}

/* Without memory for it the number of tuples is a bound, too. */
static void measure(const struct policy *policy, const struct policy_vrf *vrf, struct bitmap *worst)
{
	struct bitmap all = {.bits = 0};
	struct search search = {.worst = all};
	bool done = true;

	for (uint32_t i = 0; i < vrf->tuples; i++)
		if (vrf->tuple_rules[i])
			all.word[i / 64] |= 1ULL << i % 64;
	all.bits = bits_in(all.word);
	for (int f = 0; f < FIELDS; f++)
		done &= collect_field(policy, vrf, f, &search.part[f]);
	done &= collect_protocols(policy, vrf, &search.part[FIELDS]);
	if (done) {
		qsort(search.part, PARTS, sizeof(*search.part), fewer_first);
		guess(&search, &all);
		find_worst(&search);
	}
	*worst = done ? search.worst : all;
	for (unsigned int i = 0; i < PARTS; i++)
		free(search.part[i].bitmap);
}

/* To measure takes milliseconds with many rules. A rule more makes it one tuple more at most, and one fewer none, so
 * for some changes the bound is known without. */
static bool is_to_be_measured(const struct policy_vrf *vrf)
{
	if (!vrf->measured || vrf->rules <= MANY_RULES)
		return !vrf->measured || vrf->added || vrf->removed;
	return vrf->added > MOST_ADDED || vrf->worst_tuples + vrf->added > DP_POLICY_PROBES ||
	       vrf->removed > vrf->rules / MOST_REMOVED;
}

static void refresh(struct policy *policy, struct policy_vrf *vrf)
{
	struct bitmap worst;

	if (is_to_be_measured(vrf)) {
		measure(policy, vrf, &worst);
		memcpy(vrf->worst, worst.word, sizeof(vrf->worst));
		vrf->worst_tuples = worst.bits;
		vrf->measured = true;
		vrf->added = vrf->removed = 0;
	}
	vrf->cost.probes = vrf->worst_tuples + vrf->added;
	vrf->cost.rules = vrf->rules;
	vrf->cost.tuples = 0;
	for (uint32_t i = 0; i < vrf->tuples; i++)
		vrf->cost.tuples += vrf->tuple_rules[i] != 0;
	vrf->cost.values = 0;
	for (int f = 0; f < FIELDS; f++)
		vrf->cost.values += vrf->field[f].count;
	vrf->cost.bytes = vrf->words * sizeof(uint64_t) +
			  vrf->rules * (sizeof(struct dp_policy_rule) + sizeof(struct dp_policy_guard));
}

struct policy_cost policy_cost(struct policy *policy, uint16_t vrf)
{
	if (vrf > policy->limits.vrfs || !policy->vrf[vrf] || !policy->vrf[vrf]->rules)
		return (struct policy_cost){0};
	refresh(policy, policy->vrf[vrf]);
	return policy->vrf[vrf]->cost;
}

size_t policy_costly(struct policy *policy, uint16_t vrf, uint32_t *id, size_t most)
{
	size_t count = 0;

	if (!policy_cost(policy, vrf).rules)
		return 0;
	for (uint32_t i = policy->vrf[vrf]->first_rule; i && count < most; i = policy->place[i].next) {
		uint8_t tuple = policy->place[i].tuple;

		if (policy->vrf[vrf]->worst[tuple / 64] >> tuple % 64 & 1)
			id[count++] = i;
	}
	return count;
}
