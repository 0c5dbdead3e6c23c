/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits. Both banks are equal but for what `pending` tells; a commit first makes that good, then changes the idle
 * bank and notes where, flips, and leaves the same changes pending for the other. A failure undoes them in the idle
 * bank.
 */
#include "vnf/reconcile/reconciler_state.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/announcer.h"
#include "vnf/reconcile/blast_radius.h"
#include "vnf/reconcile/devices.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/new_counters.h"
#include "vnf/reconcile/paths.h"
#include "vnf/reconcile/policy_banks.h"
#include "vnf/reconcile/proof.h"
#include "vnf/reconcile/route_reserves.h"
#include "vnf/reconcile/tables.h"
#include "vnf/control/state/events.h"
#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/fib/fib.h"
#include "vnf/dataplane/kernel/netlink.h"

#define EVENT_PAUSE_MS 10   /* between commits that only links, addresses or neighbours caused */
#define EVENT_RETRY_MS 1000 /* after one that failed */
#define LOOK_MS	       20   /* between looks at what packets have found out about tunnels' paths, and at the clock */

static void refresh_in(struct reconciler *reconciler, uint64_t ms)
{
	const struct timeval pause = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	if (!event_pending(reconciler->refresh, EV_TIMEOUT, NULL))
		loop_start_timer(reconciler->refresh, &pause);
}

void reconciler_refresh(struct reconciler *reconciler)
{
	uint64_t since = monotonic_ms() - reconciler->refreshed_ms;

	if (reconciler->snapshot)
		refresh_in(reconciler, since < EVENT_PAUSE_MS ? EVENT_PAUSE_MS - since : 0);
}

static void on_netlink(void *context, enum netlink_kind kind, uint32_t ifindex, const struct ip_address *address)
{
	static const enum fact_kind facts[] = {
		[NETLINK_LINK_CHANGED] = FACT_LINK,
		[NETLINK_ADDRESS_CHANGED] = FACT_ADDRESS,
		[NETLINK_NEIGHBOUR_CHANGED] = FACT_NEIGHBOUR,
		[NETLINK_HEARD] = FACT_HEARD,
	};
	struct reconciler *reconciler = context;
	struct fact fact = {.kind = facts[kind], .ifindex = ifindex};

	if (address)
		fact.address = *address;
	if (kind == NETLINK_LINK_CHANGED)
		devices_link_changed(reconciler->devices, ifindex);
	facts_push(&reconciler->facts, &fact);
	reconciler_refresh(reconciler);
}

static void note_words(const struct reconciler *reconciler, const struct fib *fib)
{
	dataplane_note_fib_words(reconciler->dataplane, fib_words_held(fib), fib_words_kept(fib));
}

/* Brings the idle bank up to date. 0 or -errno. */
static int sync_banks(struct reconciler *reconciler)
{
	unsigned int idle = dataplane_idle_index(reconciler->dataplane);
	int error;

	if (!reconciler->pending)
		return policy_banks_sync(&reconciler->policies, reconciler->tables, idle);
	dataplane_wait_readers(reconciler->dataplane);
	bank_writer_copy(&reconciler->tables->writer, reconciler->bank[idle], reconciler->bank[!idle]);
	bank_writer_forget(&reconciler->tables->writer);
	error = route_changes_add(&reconciler->tables->routes, reconciler->fib[idle]);
	if (error) {
		log_error("the second bank cannot take the routes of the first; no commit until it can: %s",
			  strerror(-error));
		return error;
	}
	if ((error = policy_banks_sync(&reconciler->policies, reconciler->tables, idle)))
		return error;
	route_reserves_set(&reconciler->tables->routes, reconciler->fib[idle]);
	route_changes_remove(&reconciler->tables->routes, reconciler->fib[idle]);
	route_changes_free(&reconciler->tables->routes);
	reconciler->pending = false;
	tables_settle(reconciler->tables);
	note_words(reconciler, reconciler->fib[idle]);
	return 0;
}

/* The idle bank is what packets meet from here on. */
static void show(struct reconciler *reconciler)
{
	dataplane_flip(reconciler->dataplane);
	note_words(reconciler, reconciler->tables->fib);
	reconciler->pending = true;
	route_changes_rewind(&reconciler->tables->routes); /* none of them is in the other bank */
	policy_changes_rewind(&reconciler->tables->policies);
}

/* Takes back what was done to the idle bank and to the tables' state. */
static void undo(struct reconciler *reconciler)
{
	unsigned int idle = dataplane_idle_index(reconciler->dataplane);
	struct tables *tables = reconciler->tables;

	bank_writer_copy(&tables->writer, reconciler->bank[idle], reconciler->bank[!idle]);
	bank_writer_forget(&tables->writer);
	tables_finish(tables, true);
	reconciler->policies.lost[idle] |= tables->policy_lost;
	tables_settle(tables);
	if (facts_pending(&reconciler->facts) && reconciler->snapshot)
		refresh_in(reconciler, EVENT_RETRY_MS);
}

/* Readers see from now on why resources are not programmed, and subscribers hear of those where that has changed. */
static void publish_pending(const struct reconciler *reconciler)
{
	const struct pending_updates *updates = &reconciler->tables->pending;

	pending_updates_publish(updates);
	for (size_t i = 0; reconciler->events && i < updates->count; i++)
		events_programmed(reconciler->events, updates->update[i].handle, updates->update[i].reason);
}

/* Nothing may be pending. `always`: also a commit that changes no table gets a generation of its own. */
static int commit(struct reconciler *reconciler, const struct snapshot *next, const struct delta *delta, bool always,
		  const struct reconciler_gate *gate, struct error *error)
{
	unsigned int idle = dataplane_idle_index(reconciler->dataplane);
	struct tables *tables = reconciler->tables;
	int result;

	tables->writer.bank = reconciler->bank[idle];
	tables->fib = reconciler->fib[idle];
	tables->policy = reconciler->policies.policy[idle];
	tables->policy_lost = false;
	tables->guards_routes = !reconciler->resuming; /* what was acknowledged is taken up in any case */
	tables->generation = dataplane_generation(reconciler->dataplane) + 1;
	result = tables_update(tables, next, delta, &reconciler->facts, error);
	/* Before the gate, which makes the ids known to the next daemon: it goes on with their counters. */
	if (!result)
		new_counters_reset(reconciler->counters, delta);
	if (!result && gate)
		result = gate->pass(gate->context, error);
	if (result) {
		undo(reconciler);
		return result;
	}
	if (always || tables_have_changed(tables))
		show(reconciler);
	else
		route_changes_free(&tables->routes);
	publish_pending(reconciler);
	tables_finish(tables, false);
	facts_clear(&reconciler->facts);
	reconciler->snapshot = next;
	return 0;
}

static void on_attached(void *context, uint32_t ifindex)
{
	struct reconciler *reconciler = context;

	facts_push(&reconciler->facts, &(struct fact){.kind = FACT_LINK, .ifindex = ifindex});
}

/* Packets meet the tables: the programs go onto the ports that are new in them. Where the kernel had it another way
 * than the tables have it, they follow at once, or soon if they cannot. */
static void attach(struct reconciler *reconciler)
{
	static const struct delta none;
	struct error error = {0};

	devices_apply(reconciler->devices, on_attached, reconciler);
	if (!facts_pending(&reconciler->facts))
		return;
	if (sync_banks(reconciler) || commit(reconciler, reconciler->snapshot, &none, false, NULL, &error))
		refresh_in(reconciler, EVENT_RETRY_MS);
}

/* Packets meet what was taken up only if it proves. */
static int end_resuming(struct reconciler *reconciler, const struct delta *delta, struct error *error)
{
	reconciler->resuming = false;
	new_counters_resume(reconciler->counters, false);
	paths_resume(reconciler->paths, false);
	if (!sync_banks(reconciler)) /* else it is tried again, and commits wait for it */
		return proof_of_state(reconciler->dataplane, reconciler->fib, delta, error);
	return 0;
}

int reconciler_commit(struct reconciler *reconciler, const struct snapshot *next, const struct delta *delta,
		      const struct reconciler_gate *gate, struct error *error)
{
	int result = sync_banks(reconciler);

	if (result) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "the last commit is not in both banks yet (%s): try again, or take routes out",
			  strerror(-result));
		return result;
	}
	netlink_poll(reconciler->netlink);
	result = commit(reconciler, next, delta, true, gate, error);
	if (!result && reconciler->resuming)
		result = end_resuming(reconciler, delta, error);
	if (result)
		return result;
	attach(reconciler);
	return 0;
}

int reconciler_sync_banks(struct reconciler *reconciler)
{
	return sync_banks(reconciler);
}

/* Links, addresses or neighbours changed: the same revision, compiled from the new facts. */
static void on_refresh(evutil_socket_t fd, short what, void *context)
{
	static const struct delta none;
	struct reconciler *reconciler = context;
	struct error error = {0};

	(void)fd;
	(void)what;
	reconciler->refreshed_ms = monotonic_ms();
	if (!facts_pending(&reconciler->facts) || !reconciler->snapshot)
		return;
	if (sync_banks(reconciler)) {
		refresh_in(reconciler, EVENT_RETRY_MS);
		return;
	}
	if (commit(reconciler, reconciler->snapshot, &none, false, NULL, &error)) {
		log_error("links or neighbours changed and the tables cannot follow, trying again: %s",
			  error.fault[0].message);
		return;
	}
	attach(reconciler);
	sync_banks(reconciler);
	tables_settle(reconciler->tables);
}

/* Packets cannot wake anyone up; and some rows are to be looked at again in time. */
static void on_look(evutil_socket_t fd, short what, void *context)
{
	struct reconciler *reconciler = context;

	(void)fd;
	(void)what;
	if (tables_look(reconciler->tables, &reconciler->facts) && reconciler->snapshot)
		refresh_in(reconciler, 0);
}

/* NULL: out of memory. */
static struct event *start_looking(struct loop *loop, struct reconciler *reconciler)
{
	const struct timeval pause = {.tv_usec = LOOK_MS * 1000};
	struct event *look = event_new(loop_base(loop), -1, EV_PERSIST, on_look, reconciler);

	if (!look || !event_add(look, &pause))
		return look;
	event_free(look);
	return NULL;
}

struct reconciler *reconciler_new(struct loop *loop, struct dataplane *dataplane, struct error *error)
{
	const struct dp_limits *limits = dataplane_limits(dataplane);
	struct reconciler *reconciler = calloc(1, sizeof(*reconciler));
	int result = -ENOMEM;

	if (!reconciler)
		goto err;
	reconciler->dataplane = dataplane;
	for (unsigned int i = 0; i < 2; i++) {
		reconciler->bank[i] = dataplane_bank(dataplane, i);
		reconciler->fib[i] =
			fib_new(reconciler->bank[i]->fib, limits->fib_words, reconciler->bank[i]->trees, limits->vrfs);
		if (!reconciler->fib[i])
			goto err;
	}
	reconciler->counters = new_counters_new(dataplane);
	reconciler->devices = devices_new(dataplane);
	reconciler->paths = paths_new(dataplane);
	reconciler->health = health_targets_new();
	reconciler->tables = tables_new(limits);
	reconciler->refresh = event_new(loop_base(loop), -1, 0, on_refresh, reconciler);
	if (policy_banks_open(&reconciler->policies, dataplane) || !reconciler->counters || !reconciler->devices ||
	    !reconciler->paths || !reconciler->health || !reconciler->tables || !reconciler->refresh)
		goto err;
	reconciler->look = start_looking(loop, reconciler);
	reconciler->tables->announcer = announcer_new(loop);
	if (!reconciler->look || !reconciler->tables->announcer)
		goto err;
	reconciler->netlink = netlink_new(loop, on_netlink, reconciler, &result);
	if (!reconciler->netlink)
		goto err;
	reconciler->tables->netlink = reconciler->netlink;
	reconciler->tables->devices = reconciler->devices;
	reconciler->tables->paths = reconciler->paths;
	reconciler->tables->health = reconciler->health;
	return reconciler;
err:
	error_add(error, result == -ENOMEM ? ERROR_RESOURCE_EXHAUSTED : ERROR_INTERNAL, NULL,
		  "cannot watch the kernel's links and neighbours: %s", strerror(-result));
	reconciler_free(reconciler);
	return NULL;
}

void reconciler_free(struct reconciler *reconciler)
{
	if (!reconciler)
		return;
	netlink_free(reconciler->netlink);
	if (reconciler->refresh)
		event_free(reconciler->refresh);
	if (reconciler->look)
		event_free(reconciler->look);
	tables_free(reconciler->tables);
	devices_free(reconciler->devices);
	paths_free(reconciler->paths);
	health_targets_free(reconciler->health);
	facts_free(&reconciler->facts);
	new_counters_free(reconciler->counters);
	fib_free(reconciler->fib[0]);
	fib_free(reconciler->fib[1]);
	policy_banks_close(&reconciler->policies);
	free(reconciler);
}

void reconciler_report_to(struct reconciler *reconciler, const struct events *events)
{
	reconciler->events = events;
}

void reconciler_start_at(struct reconciler *reconciler, uint64_t generation)
{
	dataplane_start_at(reconciler->dataplane, generation);
	reconciler->resuming = true;
	new_counters_resume(reconciler->counters, true);
	paths_resume(reconciler->paths, true);
}

uint64_t reconciler_generation(const struct reconciler *reconciler)
{
	return dataplane_generation(reconciler->dataplane);
}

const struct policy_costs *reconciler_policy_costs(const struct reconciler *reconciler)
{
	return &reconciler->tables->costs;
}

int reconciler_blast_radius(struct reconciler *reconciler, struct blast_radius *radius)
{
	return blast_radius_measure(radius, reconciler->tables, reconciler->dataplane);
}
