/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits of what route sources have learned: no client sent it, it changes no revision and is not in the journal, but
 * it is checked, programmed and published like any other commit, in an order with them. Control thread only.
 */
#ifndef SLUICE_CONTROL_LEARN_H
#define SLUICE_CONTROL_LEARN_H

#include "vnf/control/commit/candidate.h"

struct committer;

/* Who learns. */
struct learner {
	/* The router takes up its state, and `next`, which nobody sees yet, has route sources: adds all that these
	 * know. 0 or -1: it learns later. */
	int (*restore)(struct learner *learner, const struct snapshot *next, struct changes *changes);
	/* Packets meet it, or, not `taken`, it was refused for the first fault. */
	void (*restored)(struct learner *learner, bool taken, const struct error *error);
};

/* Appends a resource that its source owns to the changes, which take it over; `gone`: only its key counts, and it is
 * deleted. 0, or -ENOMEM, with the resource freed. NULL is no memory. */
int learn_add(struct changes *changes, struct handles *handles, struct resource *resource, bool gone);

/* Does what waits, then this. 0, or -1 with *error and nothing changed. Takes out of the changes what has become part
 * of the state. */
int learn_commit(struct committer *committer, struct changes *changes, struct error *error);

/* The same on top of a candidate that is not yet published, up to the candidate. */
int learn_candidate(struct committer *committer, const struct snapshot *base, struct changes *changes,
		    struct candidate *candidate, struct error *error);

#endif
