/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the policy engine: a VRF's fields, values and tuples. Only this folder includes it. */
#ifndef SLUICE_DATAPLANE_POLICY_ENGINE_H
#define SLUICE_DATAPLANE_POLICY_ENGINE_H

#include "vnf/dataplane/fib/fib.h"
#include "vnf/dataplane/fib/pool.h"
#include "vnf/dataplane/policy/pairs.h"
#include "vnf/dataplane/policy/policy.h"
#include "vnf/dataplane/policy/trie.h"

#define CLASS_WORDS  (sizeof(struct dp_policy_class) / 8)
#define BUCKET_WORDS (sizeof(struct dp_policy_bucket) / 8)
#define TUPLE_WORDS  (sizeof(struct dp_policy_tuple) / 8)
#define BITMAP_WORDS (DP_POLICY_TUPLES / 64)

enum { SOURCE, DESTINATION, SOURCE_PORT, DESTINATION_PORT, FIELDS, PROTOCOL = FIELDS };

struct policy_set {
	uint32_t number;
	uint32_t count, room;
	struct ip_prefix *member; /* in order */
	uint16_t value[2];	  /* that it is as SOURCE, as DESTINATION; 0: no rule names it there */
};

/* What a rule asks of one field: a set, or a range of ports, or a prefix. */
struct policy_ask {
	struct policy_set *set;
	policy_bits bits;
	uint8_t family, length;
	uint16_t first, last;
};

struct policy_value {
	struct policy_ask ask;
	uint64_t tuples[BITMAP_WORDS]; /* that have a rule with it */
	uint32_t rules;
	uint16_t id, layer;
	uint16_t next; /* of the same hash */
};

struct policy_field {
	struct trie_node *root[2]; /* IPv4 and ports, IPv6 */
	struct trie_node **node;   /* all with a class */
	uint32_t nodes, node_room;
	struct policy_value **value; /* by id; 0: any */
	uint32_t values, value_room; /* the highest id and one more */
	uint16_t *unused;	     /* ids below `values` without a value: there is room for all */
	uint32_t unused_count, count;
	uint16_t *hash; /* ids by hash_mask */
	uint32_t hash_mask;
	uint64_t any[BITMAP_WORDS]; /* tuples that do not ask for the field */
};

struct policy_vrf {
	struct policy_field field[FIELDS];
	struct policy_set **set; /* in order */
	struct pairs pairs;	 /* rules by value, or protocol, and tuple */
	uint32_t sets, set_room;
	uint32_t first_rule, rules;
	uint32_t categories[DP_POLICY_CATEGORIES], features[8]; /* rules of each; by bit of dp_policy.flags */
	uint32_t tuple_rules[DP_POLICY_TUPLES];
	uint32_t tuples, tuple_room;  /* the highest in use and one more; that the block has room for */
	uint32_t keys;		      /* in the buckets */
	uint32_t protocol_rules[256]; /* by number */
	uint32_t protocol_room;	      /* numbers that the block has room for, 0 included */
	uint64_t words;		      /* of the pool */
	struct policy_cost cost;
	uint32_t worst_tuples;
	uint64_t worst[BITMAP_WORDS]; /* tuples that a packet of that cost looks into */
	bool measured;		      /* cost and worst are those of before the following: */
	uint32_t added, removed;      /* rules by which tuples have been found in more classes, or in fewer */
	uint16_t id;
};

/* A rule's place. */
struct policy_place {
	uint32_t next, previous; /* rules of the VRF */
	uint32_t below;		 /* the next of the same key, by order */
	uint16_t vrf;		 /* 0: there is no such rule */
	uint16_t value[FIELDS];
	uint8_t tuple, flags; /* as in struct dp_policy_tuple */
	uint8_t protocol;     /* 0 without DP_TUPLE_PROTOCOL */
	uint8_t number;	      /* of the protocol */
	uint8_t features;     /* DP_POLICY_HAS_* */
};

struct policy {
	const struct bank *bank;
	struct dp_limits limits;
	struct fib_pool *pool;
	struct fib *fib; /* in the same pool: field f's classes of VRF v at 2v + f */
	struct policy_vrf **vrf;
	struct policy_place *place; /* by rule id */
};

static inline struct dp_policy *policy_vrf_row(const struct policy *policy, const struct policy_vrf *vrf)
{
	return &policy->bank->policies[vrf->id];
}

static inline void *policy_at(const struct policy *policy, uint32_t word)
{
	return &policy->bank->policy_words[word];
}

static inline struct dp_policy_class *policy_class(const struct policy *policy, uint32_t word)
{
	return policy_at(policy, word);
}

/* Of packets that no prefix of the field contains. */
static inline uint32_t policy_default_class(const struct policy *policy, const struct policy_vrf *vrf, int field)
{
	return policy_vrf_row(policy, vrf)->classes + (uint32_t)(field * CLASS_WORDS);
}

static inline struct dp_policy_tuple *policy_tuple(const struct policy *policy, const struct policy_vrf *vrf,
						   uint32_t tuple)
{
	return (struct dp_policy_tuple *)policy_at(policy, policy_vrf_row(policy, vrf)->tuples) + tuple;
}

static inline uint64_t policy_key(const uint16_t value[FIELDS])
{
	return value[0] | (uint64_t)value[1] << 16 | (uint64_t)value[2] << 32 | (uint64_t)value[3] << 48;
}

static inline uint32_t policy_flags_protocol(const struct policy_place *place)
{
	return (uint32_t)place->flags << 8 | place->protocol;
}

static inline uint32_t policy_pair(int field, uint32_t id, uint8_t tuple)
{
	return (uint32_t)field << 24 | id << 8 | tuple;
}

/* blocks.c: zeroed words of the pool; 0: it is full. */
uint32_t policy_words_alloc(struct policy *policy, uint32_t words);

/* sets.c. The set, made if it is not there; NULL: out of memory. */
struct policy_set *policy_set_get(struct policy_vrf *vrf, uint32_t number);
struct policy_set *policy_set_find(const struct policy_vrf *vrf, uint32_t number);
/* Frees it if it has no members and no rule names it. */
void policy_set_tidy(struct policy_vrf *vrf, struct policy_set *set);
int policy_set_insert(struct policy_set *set, const struct ip_prefix *prefix);
bool policy_set_remove(struct policy_set *set, const struct ip_prefix *prefix);

/* nodes.c: the prefixes of which a value consists. *at begins as 0; false: there are no more. */
struct policy_extent {
	policy_bits bits;
	uint8_t family, length;
};
struct policy_extent policy_extent_of(const struct ip_prefix *prefix);
bool policy_value_extent(const struct policy_value *value, uint32_t *at, struct policy_extent *extent);
struct trie_node *policy_node_find(const struct policy_field *field, const struct policy_extent *extent);
/* One more, one fewer user of the prefix's node, which comes and goes with the first and last. 0, -ENOSPC, -ENOMEM. */
int policy_node_use(struct policy *policy, struct policy_vrf *vrf, int field, const struct policy_extent *extent);
void policy_node_leave(struct policy *policy, struct policy_vrf *vrf, int field, const struct policy_extent *extent);

/* ports.c: gives all ports of the node's range that have class `from` the class `to`; 0: the field's default. */
int policy_ports_enter(struct policy *policy, struct policy_vrf *vrf, int field, const struct trie_node *node,
		       uint32_t from, uint32_t to);
void policy_ports_leave(struct policy *policy, struct policy_vrf *vrf, int field, const struct trie_node *node,
			uint32_t from, uint32_t to);

/* values.c: a rule more, or fewer, with this value. *id: 0 for any. 0, -E2BIG, -ENOSPC, -ENOMEM. */
int policy_value_use(struct policy *policy, struct policy_vrf *vrf, int field, const struct policy_ask *ask,
		     uint16_t *id);
void policy_value_leave(struct policy *policy, struct policy_vrf *vrf, int field, uint16_t id);
void policy_field_free(struct policy_field *field);
/* A member of the set that the value is comes or goes; it is in the set's list meanwhile. */
int policy_value_extend(struct policy *policy, struct policy_vrf *vrf, int field, struct policy_value *value,
			const struct policy_extent *extent);
void policy_value_shrink(struct policy *policy, struct policy_vrf *vrf, int field, struct policy_value *value,
			 const struct policy_extent *extent);

/* tuples.c: the place's tuple by its values' layers and flags, and one rule more in it; or one fewer. */
int policy_tuple_use(struct policy *policy, struct policy_vrf *vrf, struct policy_place *place, uint64_t order);
void policy_tuple_leave(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place);
struct dp_policy_tuple policy_tuple_for(const struct policy_vrf *vrf, const struct policy_place *place);
bool policy_tuple_equal(const struct dp_policy_tuple *a, const struct dp_policy_tuple *b);

/* protocols.c: a rule more, or fewer, that asks for it, and tuples that have one, or have none. */
int policy_protocol_use(struct policy *policy, struct policy_vrf *vrf, uint8_t protocol, uint8_t *number);
void policy_protocol_leave(struct policy *policy, struct policy_vrf *vrf, uint8_t protocol, uint8_t number);
void policy_protocol_tuple(struct policy *policy, struct policy_vrf *vrf, uint8_t number, uint8_t tuple, uint8_t flags,
			   bool set);
void policy_protocols_clear(struct policy *policy, struct policy_vrf *vrf);

/* buckets.c. Reserve: the key can be put, now or once others are gone. */
int policy_key_reserve(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place);
uint32_t policy_key_find(const struct policy *policy, const struct policy_vrf *vrf, const struct policy_place *place);
/* The row of its first rule; 0 takes it out. */
void policy_key_put(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place, uint32_t row);

/* layout.c: layers anew for the values of the fields, bit per field, and all tuples. 0, or nothing has changed. */
int policy_relayout(struct policy *policy, struct policy_vrf *vrf, unsigned int fields);

#endif
