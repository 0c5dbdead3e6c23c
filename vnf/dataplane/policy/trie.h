/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prefixes that values of a field consist of, each a node under the longest one around it. What lies beneath a
 * prefix is so reached without a search. In the daemon's own memory; packets find the same prefixes' classes in the
 * pool.
 */
#ifndef SLUICE_DATAPLANE_POLICY_TRIE_H
#define SLUICE_DATAPLANE_POLICY_TRIE_H

#include <stdint.h>

#include "api/dp/policy.h"

/* From the first bit on: IPv4 addresses have the upper 32 bits, ports the upper 16. */
typedef unsigned __int128 policy_bits;

struct trie_node {
	policy_bits bits;
	struct trie_node *above, *below[2];
	uint32_t class;			/* word of its record; 0: it only joins those below */
	uint32_t users;			/* values that have this prefix */
	uint32_t position;		/* among all nodes of the field that have a class */
	uint16_t own[DP_POLICY_LAYERS]; /* ids of the values that have this very prefix, by layer */
	uint16_t taken;			/* bit per layer in which a value, own or from above, is */
	uint8_t length;
	uint8_t family; /* 4 or 6, of a port 0 */
};

/* Exactly this prefix, with a class; NULL: it is not there. */
struct trie_node *trie_find(struct trie_node *root, policy_bits bits, uint8_t length);
/* It, or a new one without a class. NULL: out of memory. */
struct trie_node *trie_add(struct trie_node **root, policy_bits bits, uint8_t length);
/* Takes out a node that has no class any more. */
void trie_remove(struct trie_node **root, struct trie_node *node);

/* The next one around it that has a class; NULL: none. */
struct trie_node *trie_around(const struct trie_node *node);
/* Through all nodes with a class at and beneath `top`, each behind those around it: the first, the one behind `node`,
 * and the one behind all that is beneath `node`. NULL: there are no more. */
struct trie_node *trie_first(struct trie_node *top);
struct trie_node *trie_next(const struct trie_node *node, const struct trie_node *top);
struct trie_node *trie_skip(const struct trie_node *node, const struct trie_node *top);

#endif
