/* SPDX-License-Identifier: Apache-2.0 */
/* What commits that share a flip write into the journal before packets meet them. Control thread only. */
#ifndef SLUICE_CONTROL_COMMIT_RECORD_H
#define SLUICE_CONTROL_COMMIT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/error.h"

struct commit;
struct committer;

/* The commits that wait in the committer, on their way to packets. */
struct flip_group {
	struct committer *committer;
	bool durable;	     /* one of them is to be */
	uint64_t revision;   /* that they lead to */
	uint64_t generation; /* that will show it */
};

/* Fills in what the answer says about where the commit stands. */
void commit_answer_numbers(struct commit *commit, uint64_t generation);

/* A reconciler_gate's function, whose context is the group: what each of them changes, what answers a retry, and the
 * elections that they raise. 0, or -1 with a fault and nothing of it in the journal. */
int commit_record(void *group, struct error *error);

/* The elections alone, where the commits change nothing. Likewise. */
int commit_record_elections(struct committer *committer, struct error *error);

#endif
