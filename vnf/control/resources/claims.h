/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may belong to one holder only: a device with its VLANs to one interface, an interface to one port pair, a VNI of
 * a VTEP to one VRF, and so on. The table is of the newest state and follows it while that is being built. Control
 * thread.
 *
 * Removing and adding never fail while the key is kept, so a commit that fails can be taken back.
 */
#ifndef SLUICE_CONTROL_CLAIMS_H
#define SLUICE_CONTROL_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name;

enum claim_rule {
	CLAIM_DEVICE = 1, /* device and VLANs: one interface */
	CLAIM_USE,	  /* a name whose resource only one other may use */
	CLAIM_TUNNEL,	  /* underlay VRF, local, remote, kind, UDP port: one tunnel endpoint */
	CLAIM_BINDING,	  /* a tunnel endpoint's VNI: one binding */
	CLAIM_PORT,	  /* underlay VRF, local, UDP port: one kind of tunnel, though many endpoints */
	CLAIM_VNI,	  /* underlay VRF, local, kind, UDP port, VNI: one VRF, though many endpoints */
};

struct claim_key {
	uint32_t rule; /* enum claim_rule */
	uint32_t number;
	const struct name *name;
	uint8_t byte[48]; /* zero beyond what the rule uses */
};

struct claim {
	struct claim_key key;
	const struct name *holder; /* outlives the claim */
	bool shared;		   /* others may claim it for the same holder */
	/* The field to blame, as in struct reference. */
	const char *field;
	long index;
	const char *member;
};

struct claims;

struct claims *claims_new(void);	 /* NULL: out of memory */
void claims_free(struct claims *claims); /* NULL is fine */

/* An entry for the key until claims_release has been called as often. 0, or -ENOMEM if it has none yet. */
int claims_keep(struct claims *claims, const struct claim_key *key);
void claims_release(struct claims *claims, const struct claim_key *key);
/* NULL, or the holder that stands in the way: the claim is added all the same. */
const struct name *claims_add(struct claims *claims, const struct claim *claim);
void claims_remove(struct claims *claims, const struct claim_key *key);

/* NULL: nobody's. */
const struct name *claims_holder(const struct claims *claims, const struct claim_key *key);

#endif
