/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that only one holder may have: a device with its VLANs belongs to one interface, an interface to one port pair,
 * a VNI of a VTEP to one VRF, and so on. The table shows the newest state and follows it while that is being built.
 * Control thread only.
 *
 * Removing and adding never fail while the key is kept, so a commit that fails can be taken back.
 */
#ifndef SLUICE_CONTROL_UNIQUE_KEYS_H
#define SLUICE_CONTROL_UNIQUE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handle;

struct holding;

/* One per rule: rules are told apart by their address. */
struct unique_rule {
	/* Words the fault where `holder` has what the holding wants. */
	void (*taken)(const struct holding *holding, const struct handle *holder, char *text, size_t size);
};

/* A resource that only one other may refer to; the key's handle is the resource's. */
extern const struct unique_rule unique_use_rule;

struct unique_key {
	const struct unique_rule *rule;
	const struct handle *handle;
	uint32_t number;
	uint8_t byte[44]; /* zero beyond what the rule uses */
};

struct holding {
	struct unique_key key;
	const struct handle *holder; /* outlives the holding */
	bool shared;		     /* others may hold it for the same holder */
	/* Where a fault is reported, as in struct reference. */
	const char *field;
	long index;
	const char *member;
};

struct unique_keys;

struct unique_keys *unique_keys_new(void);		/* NULL: out of memory */
void unique_keys_free(struct unique_keys *unique_keys); /* NULL is fine */

/* An entry for the key until unique_keys_release has been called as often. 0, or -ENOMEM if it has none yet. */
int unique_keys_keep(struct unique_keys *unique_keys, const struct unique_key *key);
void unique_keys_release(struct unique_keys *unique_keys, const struct unique_key *key);
/* NULL, or the holder that stands in the way: the holding is added all the same. */
const struct handle *unique_keys_add(struct unique_keys *unique_keys, const struct holding *holding);
void unique_keys_remove(struct unique_keys *unique_keys, const struct unique_key *key);

/* NULL: nobody's. */
const struct handle *unique_keys_holder(const struct unique_keys *unique_keys, const struct unique_key *key);
/* How many hold it: of a key that is shared. So a rule can be checked without a walk over all that it is about. */
size_t unique_keys_count(const struct unique_keys *unique_keys, const struct unique_key *key);

#endif
