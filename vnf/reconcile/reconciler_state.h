/* SPDX-License-Identifier: Apache-2.0 */
/* How the reconciler is put together; for the files beside this one. */
#ifndef SLUICE_RECONCILE_RECONCILER_STATE_H
#define SLUICE_RECONCILE_RECONCILER_STATE_H

#include "vnf/reconcile/policy_banks.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/reconcile/tables.h"

struct event;
struct new_counters;

struct reconciler {
	struct dataplane *dataplane;
	const struct bank *bank[2];
	struct fib *fib[2];
	struct policy_banks policies;
	struct netlink *netlink;
	struct devices *devices;
	struct paths *paths;
	struct health_targets *health;
	struct tables *tables;		 /* the rows that its writer has noted are the pending ones */
	const struct snapshot *snapshot; /* what packets meet; NULL before the first commit */
	const struct events *events;	 /* NULL: nobody listens */

	bool resuming; /* the next commit takes up what the daemon before had */
	bool pending;  /* the idle bank is behind by the tables' rows and routes */
	struct new_counters *counters;

	struct facts facts; /* which the tables do not show yet */
	struct event *refresh, *look;
	uint64_t refreshed_ms; /* monotonic */
};

/* Has the tables follow the facts, at once after a quiet time, else together with what else comes within the pause.
 * Before the first commit nothing happens: that one does it. */
void reconciler_refresh(struct reconciler *reconciler);

#endif
