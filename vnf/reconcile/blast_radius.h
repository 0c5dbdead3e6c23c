/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a commit would do to the connections that are there: each is judged as its next packet will be, by the idle
 * bank, before packets meet that. Internal to vnf/reconcile but for its result.
 */
#ifndef SLUICE_RECONCILE_BLAST_RADIUS_H
#define SLUICE_RECONCILE_BLAST_RADIUS_H

#include <stddef.h>
#include <stdint.h>

struct dataplane;
struct tables;

/* Connections of a VRF that one rule had let in. */
struct blast {
	uint16_t vrf;
	uint32_t rule;			  /* id (policy_ids()) */
	const char *vrf_name, *rule_name; /* borrowed until the run is over */
	uint64_t denied;		  /* no rule allows them any more */
	uint64_t reset;			  /* a rule with RESET allows them, which is another one */
	uint64_t moved;			  /* go on by another rule */
	uint64_t released;		  /* pass, but are followed no more */
	uint64_t kept;			  /* go on by the same rule, or are pinned (KEEP) */
};

struct blast_radius {
	struct blast *row; /* those with the most that end first */
	size_t count, room;
};

void blast_radius_free(struct blast_radius *radius); /* an empty one is fine */

/* Of the VRFs whose policy the run changes, whose tables are in the idle bank. 0 or -ENOMEM. It takes a look-up a
 * connection. */
int blast_radius_measure(struct blast_radius *radius, const struct tables *tables, const struct dataplane *dataplane);

#endif
