/* SPDX-License-Identifier: Apache-2.0 */
/* What the state service shows of the members of pools: the control thread says it once packets meet it, any thread
 * reads it. */
#ifndef SLUICE_RECONCILE_SHOWN_MEMBERS_H
#define SLUICE_RECONCILE_SHOWN_MEMBERS_H

#include <stdint.h>

/* Without holes: compared as bytes. */
struct shown_member {
	uint16_t state; /* enum dp_member_state */
	uint16_t share; /* of new flows of its pool, in 1/1000 */
};

struct shown_members;

struct shown_members *shown_members_new(uint32_t members); /* ids up to `members`; NULL: out of memory */
void shown_members_free(struct shown_members *members);	   /* NULL is fine */

void shown_member_set(struct shown_members *members, uint32_t member, struct shown_member shown);
/* Any thread; zeros of an id beyond. */
struct shown_member shown_member_read(const struct shown_members *members, uint32_t member);

#endif
