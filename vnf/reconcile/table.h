/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of the dataplane, or of facts that several tables read, as a feature describes it. A row stands for one
 * resource and is worked out anew when something that it reads has changed, and only then; so a commit costs what it
 * changes. What a table knows besides the bank is its state, which it writes through the undo log.
 */
#ifndef SLUICE_RECONCILE_TABLE_H
#define SLUICE_RECONCILE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/bank_writer.h"
#include "vnf/reconcile/facts.h"
#include "vnf/reconcile/group_routes.h"
#include "vnf/reconcile/id_array.h"
#include "vnf/reconcile/table_list.h"

struct announcer;
struct devices;
struct error;
struct health_targets;
struct netlink;
struct paths;
struct policy_changes;
struct shown_drains;
struct shown_links;
struct shown_members;
struct tables;

#define TABLE_READS 4

/* The row of the resource with this id. `before` is the resource as the row was made of it, NULL: it had none; `after`
 * is what it is now, NULL: it is gone. Both are the same where only what the row reads has changed. */
struct table_row {
	uint32_t id;
	const struct resource *before, *after;
	bool changed; /* to be set by `row`: what other tables read of this row is different now */
};

/* Marks the rows that depend on the resource. */
typedef void table_follow(struct tables *tables, const struct resource *before, const struct resource *after);

struct table {
	const char *name;
	enum resource_kind kind; /* of the resources that the rows stand for; a change of one marks its row */

	/* What else its rows read. Each list ends with one whose `follow` is NULL. */
	struct {
		enum resource_kind kind;
		table_follow *follow;
	} kinds[TABLE_READS];
	struct {
		enum table_id table; /* before this one in the list of tables */
		table_follow *follow;
	} tables[TABLE_READS];
	struct {
		enum fact_kind fact;
		void (*follow)(struct tables *tables, const struct fact *fact);
	} facts[TABLE_READS];

	/* The route of the prefix has changed. For tables that look routes up: they stand behind
	 * TABLE_LAST_BEFORE_ROUTES. */
	void (*follow_route)(struct tables *tables, const struct handle *vrf, const struct ip_prefix *prefix);

	size_t state_size;
	void (*open)(void *state);  /* the state is all zeros before; NULL: that is fine */
	void (*close)(void *state); /* frees what the state points to */

	/* Takes out of a hash table or of a shared space what the row no longer needs there; called for every marked
	 * row before `row` is called for one. NULL: nothing. */
	void (*clear)(struct tables *tables, const struct table_row *row);
	/* 0, or -errno with the error filled (but for -ENOMEM). */
	int (*row)(struct tables *tables, struct table_row *row);
	/* The run is over, packets meet what it made, or with `undone` the state is as it was before. NULL: nothing. */
	void (*finish)(struct tables *tables, bool undone);
	/* Lists in tables_policies() all that it has put into the policy engine, which is anew. 0 or -ENOMEM. NULL:
	 * nothing. */
	int (*fill_policy)(struct tables *tables);
	/* No packet meets what was before the last run any more. NULL: nothing. */
	void (*settle)(struct tables *tables);
};

/* For tables. */
void *tables_state(const struct tables *tables, enum table_id table);
struct netlink *tables_netlink(const struct tables *tables);
struct devices *tables_devices(const struct tables *tables);
struct paths *tables_paths(const struct tables *tables);
struct health_targets *tables_health(const struct tables *tables);
struct announcer *tables_announcer(const struct tables *tables); /* NULL: nothing is announced */
struct shown_drains *tables_shown_drains(const struct tables *tables);
struct shown_links *tables_shown_links(const struct tables *tables);
struct shown_members *tables_shown_members(const struct tables *tables);
struct undo_log *tables_log(struct tables *tables);
struct bank_writer *tables_writer(struct tables *tables);
struct error *tables_error(const struct tables *tables);
struct policy_changes *tables_policies(struct tables *tables); /* what the run changes in the policy engine */
uint64_t tables_revision(const struct tables *tables);	       /* that it leads to */
uint64_t tables_generation(const struct tables *tables);       /* likewise */

/* Marks a row of a table that stands behind the one at hand. */
void tables_mark(struct tables *tables, enum table_id table, uint32_t id);
/* Has the row marked in a run of its own, at this time of the monotonic clock or some ten milliseconds later. */
void tables_wake(struct tables *tables, enum table_id table, uint32_t id, uint64_t ms);
/* Marks the rows of the table that stand for the resources of kind `by` that refer to `used`; NULL is fine. */
void tables_mark_users(struct tables *tables, enum table_id table, const struct resource *used, enum resource_kind by);
/* Visits the resources of kind `by` that refer to it, in no order; one that refers to it twice is visited twice. */
void tables_each_user(const struct tables *tables, const struct resource *used, enum resource_kind by,
		      void (*visit)(const struct tables *tables, uint32_t user, void *context), void *context);
/* Calls `visit` for each resource of the kind that the resource refers to, in order; NULL is fine. */
void tables_each_used(struct tables *tables, const struct resource *user, enum resource_kind kind,
		      void (*visit)(struct tables *tables, const struct handle *used));
/* Notes why the resource is not programmed. */
void tables_set_pending(struct tables *tables, struct handle *handle, enum pending_reason reason);

/* The resource with the id; NULL: none. */
const struct resource *tables_resource(const struct tables *tables, enum resource_kind kind, uint32_t id);
/* As it was before the run. */
const struct resource *tables_resource_before(const struct tables *tables, enum resource_kind kind, uint32_t id);
uint32_t tables_end(const struct tables *tables, enum resource_kind kind); /* all ids are below */
/* What packets to the address meet: a group, or one of the DP_GROUP_*. A group into tunnels counts whether these
 * are programmed or not. For tables behind TABLE_LAST_BEFORE_ROUTES. */
struct dp_fib_leaf tables_route_to(const struct tables *tables, const struct handle *vrf,
				   const struct ip_address *address);
/* What routes that leave the FIB with their group read of a group. */
struct group_state tables_group_state(const struct tables *tables, uint32_t group);
void tables_set_group_state(struct tables *tables, uint32_t group, struct group_state state);
/* The resource of kind `by` that refers to it, where at most one may; NULL: none. */
const struct resource *tables_user(const struct tables *tables, enum resource_kind kind, uint32_t id,
				   enum resource_kind by);

#endif
