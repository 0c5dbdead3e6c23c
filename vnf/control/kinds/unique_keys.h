/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may belong to one holder only: a device with its VLANs to one interface, an interface to one port pair, a VNI of
 * a VTEP to one VRF, and so on. The table is of the newest state and follows it while that is being built. Control
 * thread.
 *
 * Removing and adding never fail while the key is kept, so a commit that fails can be taken back.
 */
#ifndef SLUICE_CONTROL_UNIQUE_KEYS_H
#define SLUICE_CONTROL_UNIQUE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handle;

enum unique_rule {
	UNIQUE_DEVICE = 1, /* device and VLANs: one interface */
	UNIQUE_USE,	   /* a name whose resource only one other may use */
	UNIQUE_TUNNEL,	   /* underlay VRF, local, remote, kind, UDP port: one tunnel endpoint */
	UNIQUE_BINDING,	   /* a tunnel endpoint's VNI: one binding */
	UNIQUE_PORT,	   /* underlay VRF, local, UDP port: one kind of tunnel, though many endpoints */
	UNIQUE_VNI,	   /* underlay VRF, local, kind, UDP port, VNI: one VRF, though many endpoints */
};

struct unique_key {
	uint32_t rule; /* enum unique_rule */
	uint32_t number;
	const struct handle *handle;
	uint8_t byte[48]; /* zero beyond what the rule uses */
};

struct holding {
	struct unique_key key;
	const struct handle *holder; /* outlives the holding */
	bool shared;		     /* others may holding it for the same holder */
	/* The field to blame, as in struct reference. */
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

#endif
