/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits. Both banks are equal but for what `pending` tells; a commit first makes that good, then changes the idle
 * bank and notes where, flips, and leaves the same changes pending for the other. A failure undoes them in the idle
 * bank.
 */
#include "vnf/control/program/program.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/control/program/compile.h"
#include "vnf/control/program/program_counters.h"
#include "vnf/control/program/program_devices.h"
#include "vnf/control/program/program_routes.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/fib.h"
#include "vnf/dataplane/netlink.h"

#define EVENT_PAUSE_MS 10   /* between commits that only links, addresses or neighbours caused */
#define EVENT_RETRY_MS 1000 /* after one that failed */

#define FORSAKEN_SWEEPS 2 /* netlink_want */

struct program {
	struct dataplane *dataplane;
	struct dp_bank *bank[2];
	struct fib *fib[2];
	struct netlink *netlink;
	struct devices *devices;
	struct compile *compile;	 /* its `changes` are the pending ones */
	const struct snapshot *snapshot; /* what packets meet; NULL before the first commit */
	struct locals locals;		 /* in the FIB */

	bool pending; /* the idle bank is behind by compile->changes and routes */
	struct route_changes routes;
	uint32_t *counted; /* bit per route id that has had a counter */

	bool dirty;	       /* the kernel's facts are not those that were compiled */
	unsigned int forsaken; /* sweeps until gateways that are not needed any more are not kept resolved either */
	struct event *refresh;
	uint64_t refreshed_ms; /* monotonic */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void refresh_in(struct program *program, uint64_t ms)
{
	const struct timeval pause = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	if (!event_pending(program->refresh, EV_TIMEOUT, NULL))
		event_add(program->refresh, &pause);
}

/* At once after a quiet time, else together with what else comes within the pause. */
static void on_netlink(void *context, enum netlink_kind kind, uint32_t ifindex)
{
	struct program *program = context;
	uint64_t since = now_ms() - program->refreshed_ms;

	if (kind == NETLINK_LINK_CHANGED)
		devices_link_changed(program->devices, ifindex);
	program->dirty = true;
	if (program->snapshot)
		refresh_in(program, since < EVENT_PAUSE_MS ? EVENT_PAUSE_MS - since : 0);
}

/* What of the tables but the FIB has to be compiled for the delta. */
struct scope {
	unsigned int tables; /* COMPILE_* */
	bool rows;	     /* of next hops or groups */
	bool forsaken;	     /* a gateway that was to be resolved may not have to be any more */
};

static struct scope scope_of(const struct delta *delta)
{
	struct scope scope = {0};

	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *before = delta->entry[i].before;

		switch ((delta->entry[i].after ? delta->entry[i].after : before)->kind) {
		case RESOURCE_ROUTE:
			break;
		case RESOURCE_NEXT_HOP:
			scope.forsaken |= before && ((const struct next_hop *)before)->target == NEXT_HOP_GATEWAY &&
					  !((const struct next_hop *)before)->has_mac;
			scope.rows = true;
			break;
		case RESOURCE_NEXT_HOP_GROUP:
			scope.rows = true;
			break;
		case RESOURCE_VRF:
			scope.tables |= COMPILE_VRFS | COMPILE_TUNNELS;
			break;
		case RESOURCE_TUNNEL_ENDPOINT:
			scope.tables |= COMPILE_TUNNELS;
			break;
		default:
			scope.tables |= COMPILE_PORTS;
		}
	}
	return scope;
}

static int fail_routes(struct program *program, unsigned int idle, int cause, struct error *error)
{
	struct fib_usage usage;

	fib_usage(program->fib[idle], &usage);
	if (cause == -ENOSPC)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "the forwarding table is full: %llu prefixes take %llu of %llu words",
			  (unsigned long long)usage.prefixes, (unsigned long long)usage.words_used,
			  (unsigned long long)(usage.words_used + usage.words_free));
	else
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory for routes");
	return cause;
}

/* Brings the idle bank up to date. 0 or -errno. */
static int settle(struct program *program)
{
	unsigned int idle = dataplane_idle_index(program->dataplane);
	int error;

	if (!program->pending)
		return 0;
	dataplane_wait_readers(program->dataplane);
	bank_changes_copy(&program->compile->changes, program->bank[idle], program->bank[!idle]);
	bank_changes_clear(&program->compile->changes);
	error = route_changes_apply(&program->routes, program->fib[idle]);
	if (error) {
		log_error("the second bank cannot take the routes of the first; no commit until it can: %s",
			  strerror(-error));
		return error;
	}
	route_changes_free(&program->routes);
	program->pending = false;
	devices_sweep(program->devices);
	return 0;
}

/* Nothing may be pending. `always`: also a commit that changes no table gets a generation of its own. */
static int commit(struct program *program, const struct snapshot *next, const struct delta *delta, bool always,
		  struct error *error)
{
	unsigned int idle = dataplane_idle_index(program->dataplane);
	struct compile *compile = program->compile;
	struct scope scope = scope_of(delta);
	struct locals locals = program->locals;
	bool tables, facts;
	int result = 0;

	if (!program->snapshot)
		scope.tables = COMPILE_ALL;
	else if (program->dirty)
		scope.tables |= COMPILE_PORTS;
	facts = scope.tables & COMPILE_PORTS;
	tables = scope.tables || scope.rows;
	program->dirty = false;
	compile->snapshot = next;
	compile->bank = program->bank[idle];
	compile->error = error;
	if (scope.tables)
		result = compile_run(compile, scope.tables);
	else if (scope.rows)
		result = compile_rows(compile, delta);
	if (result)
		goto err_tables;
	if (facts)
		result = compile_locals(compile, &locals);
	if (result)
		goto err_locals;
	result = route_changes_make(&program->routes, next, delta, &program->locals, &locals);
	if (result)
		goto err_locals;
	program_counters_reset(program->dataplane, program->counted, delta);
	result = route_changes_apply(&program->routes, program->fib[idle]);
	if (result)
		goto err_routes;

	if (always || program->routes.any || compile->changes.count || compile->changes.whole) {
		dataplane_flip(program->dataplane);
		program->pending = true;
		program->routes.done = 0; /* none of them in the other bank */
		program->routes.before = (struct locals){0};
	} else {
		route_changes_free(&program->routes);
	}
	compile_set_waits(compile);
	compile_done(compile, false);
	if (facts) {
		free(program->locals.local);
		program->locals = locals;
	}
	program->snapshot = next;
	if (scope.forsaken && !scope.tables) {
		program->forsaken = FORSAKEN_SWEEPS;
		refresh_in(program, EVENT_RETRY_MS);
	}
	return 0;

err_routes:
	fail_routes(program, idle, result, error);
	route_changes_undo(&program->routes, program->fib[idle]);
	route_changes_free(&program->routes);
err_locals:
	if (result == -ENOMEM && !error->count)
		error_no_memory(error, NULL);
	if (facts && locals.local != program->locals.local)
		free(locals.local);
err_tables:
	bank_changes_copy(&compile->changes, program->bank[idle], program->bank[!idle]);
	bank_changes_clear(&compile->changes);
	compile_done(compile, tables);
	program->dirty |= tables; /* what was worked out is not what packets meet */
	if (program->dirty && program->snapshot)
		refresh_in(program, EVENT_RETRY_MS);
	return result;
}

int program_commit(struct program *program, const struct snapshot *next, const struct delta *delta, struct error *error)
{
	int result = settle(program);

	if (result) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "the last commit is not in both banks yet (%s): try again, or take routes out",
			  strerror(-result));
		return result;
	}
	netlink_poll(program->netlink);
	return commit(program, next, delta, true, error);
}

int program_settle(struct program *program)
{
	return settle(program);
}

/* Links, addresses or neighbours changed: the same revision, compiled from the new facts. */
static void on_refresh(evutil_socket_t fd, short what, void *context)
{
	static const struct delta none;
	struct program *program = context;
	struct error error = {0};

	(void)fd;
	(void)what;
	program->refreshed_ms = now_ms();
	if (program->forsaken) {
		program->dirty = true;
		if (--program->forsaken)
			refresh_in(program, EVENT_RETRY_MS);
	}
	if (!program->dirty || !program->snapshot)
		return;
	if (settle(program)) {
		refresh_in(program, EVENT_RETRY_MS);
		return;
	}
	if (commit(program, program->snapshot, &none, false, &error)) {
		log_error("links or neighbours changed and the tables cannot follow, trying again: %s",
			  error.fault[0].message);
		return;
	}
	settle(program);
	devices_sweep(program->devices);
}

struct program *program_new(struct loop *loop, struct dataplane *dataplane, struct error *error)
{
	unsigned int idle = dataplane_idle_index(dataplane);
	struct program *program = calloc(1, sizeof(*program));
	int result = -ENOMEM;

	if (!program)
		goto err;
	program->dataplane = dataplane;
	/* struct dp_state has the two next to each other. */
	program->bank[idle] = dataplane_idle_bank(dataplane);
	program->bank[!idle] = idle ? program->bank[idle] - 1 : program->bank[idle] + 1;
	for (int i = 0; i < 2; i++) {
		program->fib[i] = fib_new(program->bank[i]->fib, DP_FIB_WORDS, program->bank[i]->vrfs);
		if (!program->fib[i])
			goto err;
	}
	program->counted = calloc(dataplane_max_routes(dataplane) / 32 + 1, sizeof(*program->counted));
	program->devices = devices_new(dataplane);
	program->compile = compile_new();
	program->refresh = event_new(loop_base(loop), -1, 0, on_refresh, program);
	if (!program->counted || !program->devices || !program->compile || !program->refresh)
		goto err;
	program->netlink = netlink_new(loop, on_netlink, program, &result);
	if (!program->netlink)
		goto err;
	program->compile->netlink = program->netlink;
	program->compile->devices = program->devices;
	return program;
err:
	error_add(error, result == -ENOMEM ? ERROR_RESOURCE_EXHAUSTED : ERROR_INTERNAL, NULL,
		  "cannot watch the kernel's links and neighbours: %s", strerror(-result));
	program_free(program);
	return NULL;
}

void program_free(struct program *program)
{
	if (!program)
		return;
	netlink_free(program->netlink);
	if (program->refresh)
		event_free(program->refresh);
	route_changes_free(&program->routes);
	compile_free(program->compile);
	devices_free(program->devices);
	free(program->locals.local);
	free(program->counted);
	fib_free(program->fib[0]);
	fib_free(program->fib[1]);
	free(program);
}

uint64_t program_generation(const struct program *program)
{
	return dataplane_generation(program->dataplane);
}

/* From here on: any thread. */

static void fill_facts(const struct netlink_link *link, struct device_facts *facts)
{
	facts->ifindex = link->ifindex;
	facts->mtu = link->mtu;
	facts->up = link->up;
	memcpy(facts->mac, link->mac, sizeof(facts->mac));
	memcpy(facts->name, link->name, sizeof(facts->name));
}

void program_device(struct program *program, const char *device, struct device_facts *facts)
{
	struct netlink_link link;

	memset(facts, 0, sizeof(*facts));
	if (!netlink_read_link(program->netlink, device, &link))
		return;
	fill_facts(&link, facts);
	devices_find(program->devices, link.ifindex, &facts->xdp_mode, facts->reason, sizeof(facts->reason));
}

int program_port(struct program *program, size_t n, struct device_facts *facts)
{
	struct netlink_link link;
	uint32_t ifindex;
	int error;

	memset(facts, 0, sizeof(*facts));
	error = devices_nth(program->devices, n, &ifindex, &facts->xdp_mode, facts->reason, sizeof(facts->reason));
	if (error)
		return error;
	facts->ifindex = ifindex;
	if (netlink_read_link_index(program->netlink, ifindex, &link))
		fill_facts(&link, facts);
	return 0;
}

int program_neighbour(struct program *program, const char *device, const struct ip_address *address, uint8_t mac[6])
{
	struct netlink_link link;

	if (!netlink_read_link(program->netlink, device, &link) ||
	    !netlink_read_neighbour(program->netlink, link.ifindex, address, mac))
		return -ENOENT;
	return 0;
}
