/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elections among the redundant controllers of an owner. Each write may carry an election id, which whoever elects them
 * raises with each new leader. The highest that an owner's commits have had is kept, in the journal too: a commit with
 * a lower one, or with none, comes from a controller that is the leader no more, and is refused. Control thread only.
 */
#ifndef SLUICE_CONTROL_ELECTIONS_H
#define SLUICE_CONTROL_ELECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/control/kinds/decode.h"
#include "vnf/control/store/record.h"
#include "vnf/core/error.h"

#define ELECTIONS_MAX 4096 /* owners that have one */
#define ELECTION_KIND 255  /* of its entries in the journal: no resource's */

struct election {
	char owner[NAME_BYTES + 1];
	uint64_t id;   /* packets have met a commit of it; 0: none */
	uint64_t next; /* with the commits that wait; else the same */
};

/* Empty when zeroed. */
struct elections {
	struct election *election;
	size_t count, room;
	bool rises; /* one has a `next` of its own */
};

void elections_clear(struct elections *elections);

/* May a commit of the owner have this election id (0: none)? `exempt`: one of the router's own may be without. 0, with
 * room for elections_enter; or -1 and FAILED_PRECONDITION with the current one at options.election_id, or
 * RESOURCE_EXHAUSTED. */
int elections_check(struct elections *elections, const char *owner, uint64_t id, bool exempt, struct error *error);
/* After the check: a commit with it waits. True: it raises the owner's. */
bool elections_enter(struct elections *elections, const char *owner, uint64_t id);
/* Packets meet the commits that waited; or those were given up. */
void elections_publish(struct elections *elections);
void elections_abandon(struct elections *elections);

/* Entries of the journal: those of commits that wait; all as packets met them. */
void elections_put_raised(const struct elections *elections, void (*put)(void *to, const struct entry *entry),
			  void *to);
void elections_put_all(const struct elections *elections, void (*put)(void *to, const struct entry *entry), void *to);
/* Takes one up. 0, or -1 and a fault. */
int elections_restore(struct elections *elections, const struct entry *entry, struct error *error);

/* For another thread. 0 or -ENOMEM. */
int elections_copy(const struct elections *elections, struct elections *copy);

#endif
