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

/* Connections of a VRF that one rule had let in, or that a member of a pool has. */
struct blast {
	uint16_t vrf;
	uint32_t rule;					/* id (policy_ids()); 0: a member's */
	uint32_t member;				/* 0: a rule's */
	const char *vrf_name, *rule_name, *member_name; /* borrowed until the run is over; "": the other one's */
	uint64_t denied;   /* no rule allows them any more; nobody listens, or takes them */
	uint64_t reset;	   /* a rule with RESET allows them, which is another one; on_member_down */
	uint64_t moved;	   /* go on by another rule, or member */
	uint64_t released; /* pass, but are followed no more */
	uint64_t kept;	   /* go on by the same rule, or are pinned (KEEP); stay with the member */
};

struct blast_radius {
	struct blast *row; /* those with the most that end first */
	size_t count, room;
};

void blast_radius_free(struct blast_radius *radius); /* an empty one is fine */

/* Of the VRFs whose policy the run changes, and of services if it changes any, whose tables are in the idle bank. 0 or
 * -ENOMEM. It takes a look-up a connection. */
int blast_radius_measure(struct blast_radius *radius, const struct tables *tables, const struct dataplane *dataplane);

/* For its parts. A row behind the others; NULL: out of memory. */
struct blast *blast_radius_add(struct blast_radius *radius);
/* Adds the members of which flows do not stay. 0 or -ENOMEM. */
int service_blast_measure(struct blast_radius *radius, const struct tables *tables, const struct dataplane *dataplane);

#endif
