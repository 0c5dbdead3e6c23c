/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of the control plane: everything that commits work on. Control thread only. */
#ifndef SLUICE_CONTROL_COMMITTER_H
#define SLUICE_CONTROL_COMMITTER_H

#include "vnf/control/commit/commit.h"
#include "vnf/control/commit/commit_times.h"
#include "vnf/control/commit/gather.h"
#include "vnf/control/commit/recorder.h"
#include "vnf/control/state/events.h"
#include "vnf/control/state/history.h"

struct event;
struct idempotency_cache;
struct loop;
struct reconciler;
struct confirmations;
struct transactions;

struct committer {
	/* Borrowed. */
	struct loop *loop;
	struct reconciler *reconciler;
	struct handles *handles;
	struct history *history;
	struct events *events;
	const char *management; /* the device that no interface may have; "": none */

	struct unique_keys *unique_keys;
	uint64_t stamp;		   /* of the last edit of the state */
	struct commits commits;	   /* those that wait */
	struct event *flush;	   /* runs them soon */
	struct gather gather;	   /* durable ones, a little later */
	struct snapshot *unsynced; /* the one that one bank still shows; NULL: both show the newest */
	struct idempotency_cache *idempotency;
	struct transactions *transactions;
	struct revisions *revisions; /* the last ones */
	struct confirmations *confirmations;
	struct recorder recorder;
	struct commit_times times;
	struct learner *learner; /* borrowed; NULL: nobody learns */
};

/* With the borrowed members set and the others zero. 0 or -ENOMEM; committer_clear in both cases. */
int committer_init(struct committer *committer);
void committer_clear(struct committer *committer);

#endif
