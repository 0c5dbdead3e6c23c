/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One node. To change it, its slots are spread out, one word each, changed, and gathered again into
 * runs of equal neighbours. Prefixes that no slot shows any longer, or does again, go to or come from the end of the
 * block.
 */
#include <assert.h>
#include <errno.h>

#include "vnf/dataplane/fib/tree.h"

#define SLOTS	    (1U << DP_FIB_NODE_BITS)
#define COVERED_MAX (2 * SLOTS) /* prefixes of all lengths of a node, and two more */

struct slots {
	__u64 slot[SLOTS];
	__u64 covered[COVERED_MAX];
	uint32_t covered_count;
	uint32_t count; /* of slots */
};

/* Slots that the prefix spans. */
struct span {
	uint32_t first, end;
};

static struct span span_of(uint32_t code, unsigned int bits)
{
	unsigned int rest = bits - (31 - __builtin_clz(code));
	uint32_t first = (code << rest) - (1U << bits);

	return (struct span){first, first + (1U << rest)};
}

static bool is_jump(__u64 result)
{
	return result & DP_FIB_JUMP;
}

/* One prefix's code is that of the other or of one around it. 0 is around all. */
static bool is_around(uint32_t outer, uint32_t code)
{
	while (code > outer)
		code /= 2;
	return code == outer;
}

/* It is around `code`, too, and closer than `outer`. */
static bool is_nearer(uint32_t inner, uint32_t outer, uint32_t code)
{
	return inner < code && inner > outer && is_around(inner, code);
}

static void spread(const struct fib *fib, const struct fib_level *level, struct slots *slots)
{
	struct fib_results results = fib_level_results(fib, level);
	const __u64 *changes = level->block ? fib_level_changes(fib, level) : NULL;
	__u64 result = results.count ? fib_results_get(fib, &results, 0) : 0;
	uint32_t slot = 0, i = 1;

	slots->count = 1U << fib_level_bits(level);
	slots->covered_count = 0;
	for (uint32_t part = 0; changes && part < slots->count / 64; part++) {
		for (__u64 left = changes[part]; left; left &= left - 1) {
			for (uint32_t end = part * 64 + __builtin_ctzll(left); slot < end; slot++)
				slots->slot[slot] = result;
			result = fib_results_get(fib, &results, i++);
		}
	}
	for (; slot < slots->count; slot++)
		slots->slot[slot] = result;
	for (; i < results.room && (result = fib_results_get(fib, &results, i)); i++)
		slots->covered[slots->covered_count++] = result;
}

/* Leaves in `covered` only what no slot shows, and that once. */
static void cover(struct slots *slots, unsigned int bits)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < slots->covered_count; i++) {
		__u64 word = slots->covered[i];
		struct span span = span_of(fib_code(word), bits);

		while (span.first < span.end && slots->slot[span.first] != word)
			span.first++;
		if (span.first == span.end)
			slots->covered[kept++] = word;
	}
	slots->covered_count = kept;
}

/* What is in a block besides its results. */
struct header {
	__u64 key, leaf; /* a table has no key */
};

static void put_table(struct fib *fib, const struct fib_level *level, const struct header *header, __u64 changes)
{
	*level->entry = level->block | DP_FIB_TABLE;
	fib->words[level->block] = changes;
	fib_put_at(fib, fib_entry_leaf(*level->entry), header->leaf);
}

static void put_node(struct fib *fib, const struct fib_level *level, const struct header *header,
		     const __u64 changes[FIB_NODE_PARTS])
{
	struct dp_fib_node node = {.key = header->key};
	__u64 rank = 0;

	for (uint32_t part = 0; part < FIB_NODE_PARTS; part++) {
		node.changes[part] = changes[part];
		if (part)
			node.leaf |= rank << (DP_FIB_RESULT_BITS + (part - 1) * 8);
		rank += __builtin_popcountll(changes[part]);
	}
	*fib_node(fib, level->block) = node;
	fib_leaf_put(fib, level->block, header->leaf);
	if (level->link)
		fib_put_at(fib, level->link, fib_jump(level->block, level->offset));
}

/* Writes the slots back, to another block where the size asks for it. false: the pool is full, nothing has changed. */
static bool gather(struct fib *fib, struct fib_level *level, struct slots *slots, const struct header *header)
{
	__u64 changes[FIB_NODE_PARTS] = {0};
	struct fib_level before = *level;
	uint32_t count = 1, i = 0, block;
	struct fib_results to;

	cover(slots, fib_level_bits(level));
	for (uint32_t slot = 1; slot < slots->count; slot++) {
		__u64 differs = slots->slot[slot] != slots->slot[slot - 1];

		changes[slot / 64] |= differs << slot % 64;
		count += differs;
	}
	block = fib_level_place(fib, level, count + slots->covered_count);
	if (!block)
		return false;
	level->block = block;
	if (level->entry)
		put_table(fib, level, header, changes[0]);
	else
		put_node(fib, level, header, changes);
	to = fib_level_results(fib, level);
	fib_results_put(fib, &to, i++, slots->slot[0]);
	for (uint32_t part = 0; part < slots->count / 64; part++) {
		for (__u64 left = changes[part]; left; left &= left - 1)
			fib_results_put(fib, &to, i++, slots->slot[part * 64 + __builtin_ctzll(left)]);
	}
	for (uint32_t n = 0; n < slots->covered_count; n++)
		fib_results_put(fib, &to, i++, slots->covered[n]);
	while (i < to.room)
		fib_results_put(fib, &to, i++, 0);
	if (before.block != block)
		fib_level_release(fib, &before);
	return true;
}

/* The same for a level that was spread. */
static bool gather_again(struct fib *fib, struct fib_level *level, struct slots *slots)
{
	struct header header = {0};

	if (!level->entry) {
		header.key = fib_node(fib, level->block)->key;
		header.leaf = fib_leaf_get(fib, level->block);
	} else {
		header.leaf = fib_get_at(fib, fib_entry_leaf(*level->entry));
	}
	return gather(fib, level, slots, &header);
}

__u64 fib_level_get(const struct fib *fib, const struct fib_level *level, uint32_t code)
{
	struct span span = span_of(code, fib_level_bits(level));
	struct fib_results results = fib_level_results(fib, level);

	if (!results.count)
		return 0;
	for (uint32_t i = fib_level_rank(fib, level, span.first), last = fib_level_rank(fib, level, span.end - 1);
	     i <= last; i++) {
		__u64 result = fib_results_get(fib, &results, i);

		if (fib_code(result) == code)
			return result;
	}
	for (uint32_t i = results.count; i < results.room; i++) {
		__u64 result = fib_results_get(fib, &results, i);

		if (!result || fib_code(result) == code)
			return result;
	}
	return 0;
}

/* In the nodes below the span: what is around the prefix's code, or is it, becomes `to`. */
static void push_to_nodes(struct fib *fib, const struct slots *slots, struct span span, uint32_t code, __u64 to)
{
	for (uint32_t i = span.first; i < span.end; i++) {
		uint32_t node = fib_jump_node(slots->slot[i]);

		if (is_jump(slots->slot[i]) && is_around(fib_code(fib_leaf_get(fib, node)), code))
			fib_leaf_put(fib, node, to);
	}
}

int fib_level_set(struct fib *fib, struct fib_level *level, uint32_t code, struct dp_fib_leaf leaf)
{
	struct span span = span_of(code, fib_level_bits(level));
	__u64 word = fib_pack(leaf, code), around = 0;
	struct slots slots;
	bool found = false;

	spread(fib, level, &slots);
	for (uint32_t i = span.first; i < span.end; i++) {
		if (is_jump(slots.slot[i]) || !is_around(fib_code(slots.slot[i]), code))
			continue;
		around = slots.slot[i];
		found |= fib_code(around) == code;
		slots.slot[i] = word;
	}
	for (uint32_t i = 0; i < slots.covered_count; i++) {
		if (fib_code(slots.covered[i]) != code)
			continue;
		found = true;
		slots.covered[i] = word;
	}
	if (!found) {
		if (around)
			slots.covered[slots.covered_count++] = around;
		slots.covered[slots.covered_count++] = word;
	}
	if (!gather_again(fib, level, &slots))
		return -ENOSPC;
	push_to_nodes(fib, &slots, span, code, word);
	return !found;
}

bool fib_level_unset(struct fib *fib, struct fib_level *level, uint32_t code)
{
	struct span span = span_of(code, fib_level_bits(level));
	bool found = false, done;
	struct slots slots;
	__u64 around = 0;
	uint32_t kept = 0;

	spread(fib, level, &slots);
	for (uint32_t i = 0; i < slots.covered_count; i++) {
		__u64 word = slots.covered[i];

		found |= fib_code(word) == code;
		if (fib_code(word) != code)
			slots.covered[kept++] = word;
		if (is_nearer(fib_code(word), fib_code(around), code))
			around = word;
	}
	slots.covered_count = kept;
	for (uint32_t i = 0; i < slots.count; i++) {
		__u64 word = slots.slot[i];

		if (is_jump(word))
			continue;
		found |= fib_code(word) == code;
		if (is_nearer(fib_code(word), fib_code(around), code))
			around = word;
	}
	if (!found)
		return false;
	for (uint32_t i = span.first; i < span.end; i++) {
		uint32_t node = fib_jump_node(slots.slot[i]);

		if (!is_jump(slots.slot[i])) {
			if (fib_code(slots.slot[i]) == code)
				slots.slot[i] = around;
		} else if (fib_code(fib_leaf_get(fib, node)) == code) {
			fib_leaf_put(fib, node, around);
		}
	}
	done = gather_again(fib, level, &slots);
	assert(done); /* it has become no larger */
	(void)done;
	return true;
}

bool fib_level_link(struct fib *fib, struct fib_level *level, uint32_t slot, uint32_t node, uint32_t offset)
{
	struct slots slots;
	__u64 leaf;

	spread(fib, level, &slots);
	leaf = slots.slot[slot];
	if (leaf)
		slots.covered[slots.covered_count++] = leaf;
	slots.slot[slot] = fib_jump(node, offset);
	if (!gather_again(fib, level, &slots))
		return false;
	fib_leaf_put(fib, node, leaf);
	return true;
}

void fib_level_unlink(struct fib *fib, struct fib_level *level, uint32_t slot)
{
	struct slots slots;
	bool done;

	spread(fib, level, &slots);
	slots.slot[slot] = fib_leaf_get(fib, fib_jump_node(slots.slot[slot]));
	done = gather_again(fib, level, &slots);
	assert(done);
	(void)done;
}

/* The half's bits before the node: all 64 of the upper half for the one at bit 64. */
static struct header header_for(fib_key key, unsigned int offset)
{
	unsigned int bits = offset > 64 ? offset - 64 : offset;
	__u64 half = offset > 64 ? (__u64)key : (__u64)(key >> 64);

	return (struct header){.key = half >> (64 - bits) << (64 - bits)};
}

uint32_t fib_node_with_prefix(struct fib *fib, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	struct fib_level level = {.offset = (length - 1) / DP_FIB_NODE_BITS * DP_FIB_NODE_BITS};
	struct header header = header_for(key, level.offset);
	struct slots slots = {.count = SLOTS};
	uint32_t code = fib_level_code(&level, key, length);
	struct span span = span_of(code, DP_FIB_NODE_BITS);

	while (span.first < span.end)
		slots.slot[span.first++] = fib_pack(leaf, code);
	return gather(fib, &level, &slots, &header) ? level.block : 0;
}

uint32_t fib_node_with_node(struct fib *fib, fib_key key, unsigned int offset, uint32_t node, unsigned int below)
{
	struct header header = header_for(key, offset);
	struct fib_level level = {.offset = offset};
	struct slots slots = {.count = SLOTS};

	slots.slot[fib_level_slot(&level, key)] = fib_jump(node, below);
	return gather(fib, &level, &slots, &header) ? level.block : 0;
}
