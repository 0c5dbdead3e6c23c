/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From resources and the kernel's facts to the tables of a bank and its FIB. Rows are marked by what changed and
 * brought up to date in the order of the list of tables. Routes have no rows: the FIB follows once the router's own
 * addresses and the groups of gateways are known, so that tables behind them look up what packets will find, and again
 * at the end, for routes that depend on groups into tunnels. Internal to reconciler.c and its tests.
 */
#ifndef SLUICE_RECONCILE_TABLES_H
#define SLUICE_RECONCILE_TABLES_H

#include "vnf/control/state/delta.h"
#include "vnf/core/error.h"
#include "vnf/reconcile/deadlines.h"
#include "vnf/reconcile/marks.h"
#include "vnf/reconcile/pending_updates.h"
#include "vnf/reconcile/policy_changes.h"
#include "vnf/reconcile/policy_costs.h"
#include "vnf/reconcile/references.h"
#include "vnf/reconcile/route_changes.h"
#include "vnf/reconcile/table.h"

/* Given by who calls, but for the last ones. */
struct tables {
	struct netlink *netlink;
	struct devices *devices;
	struct paths *paths;
	struct health_targets *health;
	struct announcer *announcer; /* owned; NULL: nothing is announced */
	struct bank_writer writer;
	struct fib *fib;		/* the idle bank's */
	struct route_changes routes;	/* of the run; after it the caller's, until both banks have them */
	struct policy *policy;		/* the idle bank's */
	struct policy_changes policies; /* as routes */
	struct policy_costs costs;	/* of the VRFs that the run changed */
	bool guards_routes;		/* routes may not take what VRFs have reserved */
	bool policy_lost;		/* undoing failed: the idle bank's engine is out of step */
	struct pending_updates pending;
	struct deadlines deadlines; /* of rows */
	uint64_t rows;		    /* that were ever brought up to date */

	struct error *error; /* of the run */
	struct undo_log log;
	struct shown_links *shown_links;
	struct shown_members *shown_members;
	struct references references;
	struct group_routes group_routes;
	struct id_array resources[RESOURCE_KINDS]; /* struct known by id */
	uint32_t run;				   /* its number */
	uint64_t revision;
	uint64_t generation; /* that the run leads to; given by who calls */
	struct shown_drains *shown_drains;
	struct marks marks[TABLE_COUNT];
	void *state[TABLE_COUNT];
};

/* Everything in it is empty; NULL: out of memory. Borrows the limits. */
struct tables *tables_new(const struct dp_limits *limits);
void tables_free(struct tables *tables); /* NULL is fine */

/*
 * Brings the tables of writer.bank, and the FIB, up to the delta that leads to `next` and to the facts; with
 * facts->lost every row is looked at. 0, or -errno with *error filled: tables_finish must undo it then. The pending
 * reasons are noted, not yet published.
 */
int tables_update(struct tables *tables, const struct snapshot *next, const struct delta *delta,
		  const struct facts *facts, struct error *error);
/* Lists in `policies`, which is empty, all that the policy engine is to have. 0 or -ENOMEM. */
int tables_fill_policy(struct tables *tables);
/* Pushes facts about what nobody is woken for: tunnels' paths, and times that have come. Are there any? */
bool tables_look(struct tables *tables, struct facts *facts);
/* Ends a run: what it knows is kept, or with `undone` it and the FIB are what they were before. The bank's rows are the
 * caller's to undo. */
void tables_finish(struct tables *tables, bool undone);
/* Has the run changed what packets meet? */
bool tables_have_changed(const struct tables *tables);
/* Both banks are what the last run made, or as they were before it was undone: what only the older one needed can go.
 */
void tables_settle(struct tables *tables);

#endif
