/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/fib/fib.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/fib.h"
#include "vnf/dataplane/fib/tree.h"

struct fib *fib_new(__u64 *words, uint32_t count, struct dp_fib_trees *trees, uint32_t vrfs)
{
	struct fib_pool *pool = fib_pool_new(count < DP_FIB_WORDS ? count : DP_FIB_WORDS);
	struct fib *fib = pool ? fib_new_in(pool, words, count, trees, vrfs) : NULL;

	if (fib)
		fib->own_pool = pool;
	else
		fib_pool_free(pool);
	return fib;
}

struct fib *fib_new_in(struct fib_pool *pool, __u64 *words, uint32_t count, struct dp_fib_trees *trees, uint32_t vrfs)
{
	struct fib *fib = calloc(1, sizeof(*fib));

	if (!fib)
		return NULL;
	count = count < DP_FIB_WORDS ? count : DP_FIB_WORDS;
	fib->pool = pool;
	/* Which touches no memory yet. */
	fib->codes = calloc((size_t)count * sizeof(*words) / DP_FIB_RESULT_BYTES + 1, sizeof(*fib->codes));
	fib->tree = calloc(vrfs + 1, sizeof(*fib->tree));
	fib->reserve = calloc(vrfs + 1, sizeof(*fib->reserve));
	fib->vrfs = vrfs;
	if (!fib->codes || !fib->tree || !fib->reserve) {
		fib_free(fib);
		return NULL;
	}
	fib->words = words;
	fib->trees = trees;
	return fib;
}

void fib_free(struct fib *fib)
{
	if (!fib)
		return;
	for (unsigned int vrf = 0; fib->tree && vrf <= fib->vrfs; vrf++) {
		free(fib->tree[vrf][0].short_prefixes);
		free(fib->tree[vrf][1].short_prefixes);
	}
	free(fib->tree);
	fib_pool_free(fib->own_pool);
	free(fib->codes);
	free(fib->reserve);
	free(fib);
}

static fib_key key_of(const struct ip_address *address)
{
	fib_key key = 0;

	for (unsigned int i = 0; i < 16; i++)
		key = key << 8 | address->byte[i];
	return key;
}

/* More would not fit into a result. */
static bool fits(struct dp_fib_leaf leaf)
{
	return leaf.group != DP_GROUP_NONE && leaf.group <= DP_GROUP_LOCAL && leaf.route <= DP_MAX_ROUTES;
}

static bool valid(const struct fib *fib, uint16_t vrf, uint8_t family)
{
	return vrf <= fib->vrfs && (family == 4 || family == 6);
}

static struct fib_place place_of(const struct fib *fib, uint16_t vrf, uint8_t family)
{
	struct fib_tree *tree = (struct fib_tree *)fib->tree[vrf];
	struct dp_fib_trees *shared = &fib->trees[vrf];

	return family == 6 ? (struct fib_place){&tree[1], &shared->ipv6.tree, &shared->ipv6.shortcuts}
			   : (struct fib_place){&tree[0], &shared->ipv4, NULL};
}

int fib_tree_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	int status = length <= at.shared->width ? fib_root_set(fib, at, key, length, leaf)
						: fib_node_set(fib, at, key, length, leaf);

	if (status >= 0 && length > DP_FIB_SHORTCUT_BITS)
		fib_shortcut_update(fib, at, key);
	return status;
}

static int set(struct fib *fib, struct fib_place at, const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	fib_key key = key_of(&prefix->address);
	int status;

	if (!at.shared->root) {
		status = fib_root_create(fib, at, FIB_WIDTH_LEAST);
		if (status)
			return status;
	}
	status = fib_tree_set(fib, at, key, prefix->length, leaf);
	if (status > 0) {
		at.tree->prefixes++;
		fib->prefixes++;
		fib_reserve_for_speed(fib);
		fib_root_resize(fib, at);
	} else if (!at.tree->prefixes) {
		fib_root_destroy(fib, at);
	}
	return status < 0 ? status : 0;
}

int fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	uint64_t before;
	int status;

	if (!valid(fib, vrf, prefix->address.family) || !fits(leaf))
		return -EINVAL;
	before = fib_reserve_begin(fib, vrf, true);
	status = set(fib, place_of(fib, vrf, prefix->address.family), prefix, leaf);
	fib_reserve_end(fib, vrf, before);
	return status;
}

static bool unset(struct fib *fib, struct fib_place at, const struct ip_prefix *prefix)
{
	fib_key key = key_of(&prefix->address);
	bool found;

	if (!at.shared->root)
		return false;
	if (prefix->length <= at.shared->width)
		found = fib_root_unset(fib, at, key, prefix->length);
	else
		found = fib_node_unset(fib, at, key, prefix->length);
	if (!found)
		return false;
	if (prefix->length > DP_FIB_SHORTCUT_BITS)
		fib_shortcut_update(fib, at, key);
	fib->prefixes--;
	if (--at.tree->prefixes)
		fib_root_resize(fib, at);
	else
		fib_root_destroy(fib, at);
	return true;
}

bool fib_unset(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix)
{
	uint64_t before;
	bool found;

	if (!valid(fib, vrf, prefix->address.family))
		return false;
	before = fib_reserve_begin(fib, vrf, false);
	found = unset(fib, place_of(fib, vrf, prefix->address.family), prefix);
	fib_reserve_end(fib, vrf, before);
	return found;
}

bool fib_get(const struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf *leaf)
{
	fib_key key = key_of(&prefix->address);
	struct fib_place at;
	uint32_t word;
	__u64 result;

	if (!valid(fib, vrf, prefix->address.family))
		return false;
	at = place_of(fib, vrf, prefix->address.family);
	if (!at.shared->root)
		return false;
	if (prefix->length <= at.shared->width) {
		word = at.tree->short_prefixes[1U << prefix->length | fib_bits(key, 0, prefix->length)];
		result = word ? fib_get_at(fib, word * 8) : 0;
	} else {
		result = fib_node_get(fib, at, key, prefix->length);
	}
	*leaf = fib_leaf_of(result);
	return result != 0;
}

struct dp_fib_leaf fib_lookup(const struct fib *fib, uint16_t vrf, const struct ip_address *address)
{
	struct dp_fib_leaf none = {DP_GROUP_NONE, 0};
	fib_key key = key_of(address);
	struct dp_address mapped;

	if (!valid(fib, vrf, address->family))
		return none;
	if (address->family == 4)
		return fib_walk4(fib->words, DP_FIB_WORDS - 1, &fib->trees[vrf].ipv4, (uint32_t)(key >> 96));
	memcpy(mapped.byte, address->byte, sizeof(mapped.byte));
	return fib_walk6(fib->words, DP_FIB_WORDS - 1, &fib->trees[vrf].ipv6, &mapped);
}

void fib_usage(const struct fib *fib, struct fib_usage *usage)
{
	struct fib_pool_usage pool;

	fib_pool_usage(fib->pool, &pool);
	usage->words_used = pool.live;
	usage->words_free = pool.words - pool.live;
	usage->words_held = pool.held;
	usage->prefixes = fib->prefixes;
}

uint64_t fib_words_held(const struct fib *fib)
{
	struct fib_usage usage;

	fib_usage(fib, &usage);
	return usage.words_held;
}
