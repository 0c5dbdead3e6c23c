/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind control.h share. */
#ifndef SLUICE_CONTROL_CONTROL_STATE_H
#define SLUICE_CONTROL_CONTROL_STATE_H

#include <stdatomic.h>
#include <time.h>

#include "vnf/control/control.h"
#include "vnf/control/commit/commit.h"
#include "vnf/control/state/history.h"

struct event;
struct pages;
struct idempotency_cache;
struct transactions;

struct control {
	struct loop *loop;
	struct dataplane *dataplane;
	struct reconciler *reconciler;
	struct handles *handles;
	struct unique_keys *unique_keys;
	struct history history;
	uint64_t stamp;
	struct commits commits;	   /* that wait */
	struct event *flush;	   /* for them, soon */
	struct snapshot *unsynced; /* what one bank still shows; NULL: it is the newest in both */
	struct event *sync_banks;  /* soon after a commit */
	struct event *reclaim;	   /* while there are old snapshots */
	struct idempotency_cache *idempotency;
	struct transactions *transactions;
	struct pages *pages;
	atomic_uint open_transactions; /* for readers */
	struct timespec started;       /* CLOCK_MONOTONIC */
	char boot_id[37];
	char management[16]; /* device; "": none */
};

#endif
