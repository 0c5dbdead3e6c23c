/* SPDX-License-Identifier: Apache-2.0 */
/* From a journal's entries, in order, to the state that they lead to and the revisions that led there. */
#ifndef SLUICE_STORE_REPLAY_H
#define SLUICE_STORE_REPLAY_H

#include "vnf/control/store/journal_index.h"
#include "vnf/control/store/revisions.h"

struct replay {
	struct journal_index *index; /* borrowed, as are the revisions */
	struct revisions *revisions;
	struct revision *current; /* whose changes are being read; NULL: none */
	uint64_t group;		  /* the revision that the group leads to */
	bool snapshot;		  /* the group is one */
	bool said;		  /* whose the group's changes are */
};

/* A group begins with this record. */
void replay_group(void *replay, const struct record_header *first);
/* 0 or -ENOMEM. */
int replay_entry(void *replay, const struct entry *entry);
/* After the last one, or an error. 0 or -ENOMEM. */
int replay_end(struct replay *replay);

#endif
