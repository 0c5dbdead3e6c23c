/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What health probes have found out, and what is to be probed: a provider of facts. Tables say what the targets are;
 * whoever probes them (sluice-health, by way of control) reports by a target's id. What was reported last counts until
 * something else is, also while nobody probes, and over a restart of the daemon.
 *
 * A target is known by its group (a pool, a next-hop group, a port pair group) and its name. One that nothing was
 * reported of is up. Control thread, but for health_facts.
 */
#ifndef SLUICE_RECONCILE_HEALTH_H
#define SLUICE_RECONCILE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/facts.h"

#define HEALTH_FACTOR_ALL 1000 /* a weight factor in 1/1000: the whole weight */

struct health_targets;

struct health_key {
	enum resource_kind kind; /* of the target: RESOURCE_MEMBER, RESOURCE_NEXT_HOP or RESOURCE_PORT_PAIR */
	const char *group, *name;
};

/* What is to be probed. Names are borrowed until the function returns. */
struct health_target {
	struct health_key key;
	/* The resource whose tables read the verdict: the member, the port pair, or the next hop's group. */
	enum resource_kind row_kind;
	uint32_t row;
	const char *monitor; /* the health monitor's name */
	const char *vrf;     /* "": none */
	struct ip_address address;
	uint16_t port;
	char device[16], egress_device[16];
	bool no_new_flows;	/* a member that takes none by configuration */
	uint16_t weight_factor; /* as health_take gives it: as of the last report */
};

struct health_verdict {
	bool up;
	bool panic;		/* so many fail at once that it was kept as it was */
	uint16_t weight_factor; /* 0 to HEALTH_FACTOR_ALL */
	uint32_t latency;	/* microseconds; 0: not measured */
	char detail[120];	/* why it is not up, for people */
};

struct health_report {
	uint64_t id;
	struct health_verdict verdict;
};

struct health_targets *health_targets_new(void);	 /* NULL: out of memory */
void health_targets_free(struct health_targets *health); /* NULL is fine */

/* --- for tables --- */

/* Both count when the run is over, unless it is undone. 0, or -ENOMEM: the run is to fail. */
int health_set_target(struct health_targets *health, const struct health_target *target);
int health_unset_target(struct health_targets *health, const struct health_key *key);
/* To be called by every table that sets targets. What is no target any more is forgotten. */
void health_finish(struct health_targets *health, bool undone);

/* The verdict of one that has a monitor. */
bool health_is_up(const struct health_targets *health, const struct health_key *key);
uint16_t health_weight_factor(const struct health_targets *health, const struct health_key *key);

/* --- for who probes --- */

/* Calls `changed` whenever there is something to be taken; all targets are to be taken first. NULL: nobody listens. 0
 * or -ENOMEM: nobody listens then. */
int health_listen(struct health_targets *health, void (*changed)(void *context), void *context);
/* Takes the next target that has changed since it was taken last: true, with its id, and the target, whose names live
 * until the next call of any function here; of one that is gone target->monitor is NULL. False: there is none. */
bool health_take(struct health_targets *health, uint64_t *id, struct health_target *target);
/* Was the id ever given? */
bool health_knows(const struct health_targets *health, uint64_t id);
/* Pushes a fact if tables read something new of it. Of a target that is gone nothing happens. True: what is to be kept
 * over a restart is different now. */
bool health_report(struct health_targets *health, uint64_t id, const struct health_verdict *verdict,
		   struct facts *facts);

/* --- for readers --- */

bool health_is_listened_to(struct health_targets *health); /* any thread */
/* False: nothing was reported of it. Any thread. */
bool health_facts(struct health_targets *health, const struct health_key *key, struct health_verdict *verdict);

/* --- over a restart (health_file.c) --- */

/* Verdicts other than up with the whole weight, as lines of text; NULL: out of memory. The caller frees it. */
char *health_write_text(const struct health_targets *health, size_t *size);
/* Takes up what was written; before the first run. Whatever it isn't the target of after that run is forgotten. 0,
 * -EINVAL: it is not such a text, and nothing was taken up, or -ENOMEM. */
int health_read_text(struct health_targets *health, const char *text, size_t size);

#endif
