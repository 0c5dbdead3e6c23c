/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The most tuples that any packet may have to look into: over all that its five fields may say, the number of bits that
 * the bitmaps have in common. What can no longer exceed the most so far is not followed.
 */
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define PARTS (FIELDS + 1)
#define STEPS 4000000 /* after so many the bound is no longer exact, but still one */

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
	uint32_t steps;
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

/* Those that are there to the front, in order. */
static void compact(struct part *part, uint32_t slots)
{
	for (uint32_t i = 0; i < slots; i++)
		if (part->bitmap[i].bits)
			part->bitmap[part->count++] = part->bitmap[i];
	qsort(part->bitmap, part->count, sizeof(*part->bitmap), more_bits_first);
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

/* Parts from `at` on, of which those before have `common`. */
static void descend(struct search *search, unsigned int at, const struct bitmap *common)
{
	if (common->bits <= search->worst.bits)
		return;
	if (at == PARTS || search->steps >= STEPS) {
		search->worst = *common;
		return;
	}
	for (uint32_t i = 0; i < search->part[at].count; i++) {
		const struct bitmap *here = &search->part[at].bitmap[i];
		struct bitmap next;

		if (here->bits <= search->worst.bits)
			return;
		for (unsigned int w = 0; w < BITMAP_WORDS; w++)
			next.word[w] = common->word[w] & here->word[w];
		next.bits = bits_in(next.word);
		search->steps++;
		descend(search, at + 1, &next);
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
	struct search search = {.steps = 0};
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
		descend(&search, 0, &all);
	}
	*worst = done ? search.worst : all;
	for (unsigned int i = 0; i < PARTS; i++)
		free(search.part[i].bitmap);
}

static void refresh(struct policy *policy, struct policy_vrf *vrf)
{
	struct bitmap worst;

	if (!vrf->cost_known && vrf->rules) {
		measure(policy, vrf, &worst);
		memcpy(vrf->worst, worst.word, sizeof(vrf->worst));
		vrf->cost.probes = worst.bits;
	}
	vrf->cost_known = true;
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
