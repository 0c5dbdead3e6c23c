/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Below a root. A change touches the node that holds the prefix and, where a branch appears or vanishes, the one
 * above it. Whatever the order of the changes, the same prefixes make the same nodes.
 */
#include <errno.h>

#include "vnf/dataplane/fib/tree.h"

#define DEPTH 16 /* the one under the root and those at 8, 16, ... 120 */

/* From the root down: each level but the last leads to the next one. */
struct path {
	struct fib_place at;
	unsigned int count;
	struct fib_level level[DEPTH];
};

static struct fib_level *last_of(struct path *path)
{
	return &path->level[path->count - 1];
}

static void path_start(const struct fib *fib, struct fib_place at, fib_key key, struct path *path)
{
	path->at = at;
	path->count = 1;
	path->level[0] = fib_root_holder(fib, at, fib_bits(key, 0, at.shared->width));
}

static unsigned int end_of(const struct fib_level *level)
{
	return level->offset + fib_level_bits(level);
}

/* Where the node begins that holds a prefix of this length. */
static unsigned int offset_for(unsigned int length)
{
	return (length - 1) / DP_FIB_NODE_BITS * DP_FIB_NODE_BITS;
}

/* How many bits before the node, 0 to its offset, are the key's. */
static unsigned int common_bits(const struct fib *fib, __u64 jump, fib_key key)
{
	fib_key differing = key ^ fib_jump_key(fib, jump, key);
	unsigned int offset = fib_jump_offset(jump);

	differing = differing >> (128 - offset) << (128 - offset);
	if (!differing)
		return offset;
	if (!(differing >> 64))
		return 64 + __builtin_clzll((__u64)differing);
	return __builtin_clzll((__u64)(differing >> 64));
}

/* Follows the path to the level of prefixes of this length, or as far as nodes lead towards it. */
static void path_follow(const struct fib *fib, struct path *path, fib_key key, unsigned int length)
{
	for (;;) {
		struct fib_level *level = last_of(path);
		uint32_t link = fib_level_at(fib, level, fib_level_slot(level, key));
		__u64 jump = link ? fib_get_at(fib, link) : 0;

		if (length <= end_of(level) || !(jump & DP_FIB_JUMP) || fib_jump_offset(jump) > offset_for(length) ||
		    common_bits(fib, jump, key) < fib_jump_offset(jump))
			return;
		path->level[path->count++] =
			(struct fib_level){.block = fib_jump_node(jump), .offset = fib_jump_offset(jump), .link = link};
	}
}

/* A level stays while it has prefixes, or leads to at least two nodes, or begins at bit 64. */
static bool is_needed(const struct fib *fib, const struct fib_level *level, __u64 *only)
{
	struct fib_results results = fib_level_results(fib, level);
	uint32_t jumps = 0;

	*only = 0;
	for (uint32_t i = 0; i < results.room; i++) {
		__u64 result = fib_results_get(fib, &results, i);

		if (!result && i >= results.count)
			break;
		if (result && (!(result & DP_FIB_JUMP) || jumps++))
			return true;
		if (result)
			*only = result;
	}
	return jumps && level->offset == 64;
}

/* Takes out the nodes at the path's end that are not needed. */
static void path_prune(struct fib *fib, struct path *path, fib_key key)
{
	__u64 only;

	while (path->count > 1 && !is_needed(fib, last_of(path), &only)) {
		struct fib_level *level = last_of(path), *parent = level - 1;

		if (only) {
			fib_leaf_put(fib, fib_jump_node(only), fib_leaf_get(fib, level->block));
			fib_put_at(fib, level->link, only);
		} else {
			fib_level_unlink(fib, parent, fib_level_slot(parent, key));
		}
		fib_level_release(fib, level);
		path->count--;
	}
	if (path->count == 1 && path->level[0].block && !is_needed(fib, path->level, &only) && !only) {
		fib_root_restore(fib, path->at, path->level[0].entry);
		fib_level_release(fib, path->level);
	}
}

/* Puts a node between the jump at this byte and where it leads, at the byte where the prefix parts from that. */
static bool split(struct fib *fib, uint32_t link, fib_key key, unsigned int length)
{
	__u64 jump = fib_get_at(fib, link);
	unsigned int parting = common_bits(fib, jump, key) / DP_FIB_NODE_BITS * DP_FIB_NODE_BITS;
	unsigned int offset = offset_for(length) < parting ? offset_for(length) : parting;
	uint32_t below = fib_jump_node(jump);
	fib_key path_key = fib_jump_key(fib, jump, key);
	uint32_t node = fib_node_with_node(fib, path_key, offset, below, fib_jump_offset(jump));

	if (!node)
		return false;
	fib_leaf_put(fib, node, fib_leaf_get(fib, below));
	fib_leaf_put(fib, below, 0);
	fib_put_at(fib, link, fib_jump(node, offset));
	return true;
}

/* Hangs a node for the prefix under the path's last level, with the one at bit 64 between if the path crosses it. */
static bool path_extend(struct fib *fib, struct path *path, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	struct fib_level *level = last_of(path);
	uint32_t node = fib_node_with_prefix(fib, key, length, leaf), top = node;
	unsigned int offset = offset_for(length);

	if (node && level->offset < 64 && offset > 64) {
		top = fib_node_with_node(fib, key, 64, node, offset);
		offset = 64;
	}
	if (top && fib_level_link(fib, level, fib_level_slot(level, key), top, offset))
		return true;
	if (top != node)
		fib_level_release(fib, &(struct fib_level){.block = top});
	fib_level_release(fib, &(struct fib_level){.block = node});
	return false;
}

__u64 fib_node_get(const struct fib *fib, struct fib_place at, fib_key key, unsigned int length)
{
	struct path path;

	path_start(fib, at, key, &path);
	path_follow(fib, &path, key, length);
	if (length > end_of(last_of(&path)))
		return 0;
	return fib_level_get(fib, last_of(&path), fib_level_code(last_of(&path), key, length));
}

int fib_node_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	struct fib_level *level;
	struct path path;
	int status = 1;
	uint32_t link;

	path_start(fib, at, key, &path);
	path_follow(fib, &path, key, length);
	level = last_of(&path);
	if (length > end_of(level)) {
		link = fib_level_at(fib, level, fib_level_slot(level, key));
		if (link && (fib_get_at(fib, link) & DP_FIB_JUMP)) {
			if (!split(fib, link, key, length))
				return -ENOSPC;
			path_follow(fib, &path, key, length);
			level = last_of(&path);
		}
	}
	if (length <= end_of(level))
		status = fib_level_set(fib, level, fib_level_code(level, key, length), leaf);
	else if (!path_extend(fib, &path, key, length, leaf))
		status = -ENOSPC;
	if (status < 0)
		path_prune(fib, &path, key);
	return status;
}

bool fib_node_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length)
{
	struct fib_level *level;
	struct path path;

	path_start(fib, at, key, &path);
	path_follow(fib, &path, key, length);
	level = last_of(&path);
	if (length > end_of(level) || !fib_level_unset(fib, level, fib_level_code(level, key, length)))
		return false;
	path_prune(fib, &path, key);
	return true;
}
