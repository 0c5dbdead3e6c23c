/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next revision while it is being built aside: a list of changes is applied to a snapshot, names, unique keys and
 * ids are brought to the result, and everything can be taken back without fail. A candidate may build on another: they
 * are then published in order, or aborted in reverse. Control thread only.
 */
#ifndef SLUICE_CONTROL_CANDIDATE_H
#define SLUICE_CONTROL_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/control/commit/changes.h"
#include "vnf/control/kinds/unique_keys.h"
#include "vnf/control/state/history.h"

/* What candidates start from. */
struct candidate_base {
	struct history *history;
	const struct snapshot *newest; /* published, or of the candidate before */
	struct handles *handles;
	struct unique_keys *unique_keys;
	uint64_t *stamp;	/* of the last edit */
	const char *management; /* the device that no interface may have; "": none */
	uint64_t revision;	/* that it leads to; 0: the next one */
};

/* Entry of the delta + 1 (0: empty) in a hash of keys. What is looked for rarely has another's tag, so a look-up seldom
 * touches resources that it does not want. */
struct candidate_slot {
	uint32_t entry;
	uint32_t tag; /* bits of the hash that do not choose the slot */
};

struct candidate {
	struct candidate_base base;
	struct changes *changes; /* borrowed; their outcomes are filled in */
	struct snapshot *next;	 /* NULL: the changes change nothing */
	struct pmap_edit edit;
	uint64_t stamp;		   /* of the edit */
	struct pmap_node *garbage; /* of the edit, finished */
	bool built;		   /* it is */
	struct delta delta;
	size_t own;		     /* entries that the changes decide; those behind were learned, and go with them */
	uint32_t *change_of;	     /* by entry of the delta: the change that decided it; NULL: that with its number */
	struct candidate_slot *slot; /* while the delta is collected */
	size_t mask;
	bool keeps;   /* unique_keys before and after have entries */
	bool entered; /* handles and unique keys are the result's */
	size_t ids;   /* entries whose ids were looked after */
};

/* 0 with the candidate checked, or -1 with the faults and nothing left to do. */
int candidate_begin(struct candidate *candidate, const struct candidate_base *base, struct changes *changes,
		    struct error *error);
/* Back to what it was based on. */
void candidate_abort(struct candidate *candidate);
/* Publishes it; its base is the newest snapshot. The changes' resources that are part of it are taken out of the list.
 */
void candidate_publish(struct candidate *candidate);

/* The differences that are part of the revision. */
static inline struct delta candidate_own(const struct candidate *candidate)
{
	return (struct delta){candidate->own, candidate->delta.entry};
}

/* Index of the change that decided an entry of the delta. */
static inline size_t candidate_change(const struct candidate *candidate, size_t entry)
{
	return candidate->change_of ? candidate->change_of[entry] : entry;
}

/* Index of the change that made this resource of the candidate, by a search; SIZE_MAX: none, it is older. */
size_t candidate_change_of(const struct candidate *candidate, const struct resource *resource);

#endif
