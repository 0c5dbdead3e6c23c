/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits that are undone by themselves unless they are confirmed in time (compare RFC 6241, 8.4). An owner has one
 * confirmation at a time, which covers all that it commits until then; meanwhile it can only add to it, confirm it or
 * roll it back. Until when it waits is part of the commit's own group in the journal, so that a restart goes on
 * waiting, or undoes at once what has run out. Control thread only.
 */
#ifndef SLUICE_CONTROL_CONFIRM_H
#define SLUICE_CONTROL_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/control/commit/revision_note.h"
#include "vnf/core/error.h"

#define CONFIRM_SECONDS	  86400 /* at most */
#define CONFIRMATIONS_MAX 64	/* that wait at a time */

struct confirmations;
struct event;

struct confirmation {
	struct confirmations *all;
	char owner[NAME_BYTES + 1];
	uint64_t id; /* the first revision that waits */
	bool waits;  /* it has been started */
	bool late;   /* its time had run out when the daemon started */
	bool told;   /* that it cannot be undone now */
	struct event *timer;
};

struct confirmations *confirmations_new(struct committer *committer); /* NULL: out of memory */
void confirmations_free(struct confirmations *confirmations);	      /* NULL is fine */

/* Of the owner; NULL: none waits. */
struct confirmation *confirmation_find(const struct confirmations *confirmations, const char *owner);

/* May the owner write so? 0, or -1 and a fault. `rollback_to`: where a rollback leads, UINT64_MAX: it is none. */
int confirmation_allows(const struct confirmations *confirmations, const char *owner, uint32_t confirm_seconds,
			uint64_t rollback_to, struct error *error);

/* One that does not wait yet; NULL: out of memory. */
struct confirmation *confirmation_new(struct confirmations *confirmations, const char *owner, uint64_t id);
void confirmation_free(struct confirmation *confirmation); /* one that never waited; NULL is fine */
/* It waits from now on, so long. */
void confirmation_start(struct confirmation *confirmation, uint32_t seconds);
void confirmation_end(struct confirmation *confirmation); /* NULL is fine */
/* The revisions that wait, with another state. 0 or -ENOMEM. */
int confirmation_renewed(const struct confirmation *confirmation, int state, const struct commit *undone_by,
			 struct revision ***renewed, size_t *count);

/* What waits was undone by a commit that changes nothing any more. 0, or -1 and a fault. */
int confirmation_undone(struct confirmation *confirmation, const struct commit *undone_by, struct error *error);

/* What waits of the owner stays. `revision`: one of those that do, or 0. 0 with *id, or -1 and a fault. */
int commit_confirm(struct committer *committer, const char *owner, uint64_t revision, bool durable, uint64_t *id,
		   struct error *error);

/* Takes up what the revisions of a journal say. What has run out is undone at once, or, unless `now`, when the loop
 * runs. 0 or -ENOMEM. */
int confirmations_restore(struct confirmations *confirmations, bool now);

#endif
