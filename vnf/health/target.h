/* SPDX-License-Identifier: Apache-2.0 */
/* One target; for targets.c and the files beside it. */
#ifndef SLUICE_HEALTH_TARGET_H
#define SLUICE_HEALTH_TARGET_H

#include "vnf/health/panic.h"
#include "vnf/health/probe.h"
#include "vnf/health/targets.h"
#include "vnf/health/verdict.h"

#define TARGET_DETAIL 120

#define TARGETS_BUCKETS 16384

struct event;

/* The targets of a monitor. */
struct monitor_group {
	struct monitor_group *next;
	char *name;
	struct target *first;
	size_t count, failing;
	struct panic panic;
	uint64_t stepped_ms; /* when weights were last changed */
	bool weights_wait;   /* for a member that is down, or of which no latency is known */
};

struct target {
	struct target *next_by_key, *next_by_id, *next_in_group, *next_dirty;
	struct targets *all;
	struct monitor_group *group;
	char *key; /* "monitor/name" */
	uint64_t id;
	bool stale; /* this stream has not named it yet */
	Sluice__V1__HealthTarget *message;
	uint8_t *packed; /* the message without its id: is another one different? */
	size_t packed_size;

	struct probe probe;
	struct event *tick, *deadline;
	bool under_way;
	bool unable; /* it can't be probed, which was logged */
	struct verdict verdict;
	bool counted; /* among the group's failing ones */
	uint16_t factor;
	char detail[TARGET_DETAIL];	   /* why it is down */
	char weight_detail[TARGET_DETAIL]; /* why the factor is what it is; "": it is the whole weight */

	/* What sluiced was told, in this stream. */
	bool told, told_up, told_panic;
	uint16_t told_factor;
	uint32_t told_latency;
	bool logged, logged_up;
	bool dirty; /* in the list of those to be reported */
};

struct targets {
	struct prober *prober;
	const struct config *config;
	bool (*send)(void *context, const Sluice__V1__HealthReports *reports);
	void *context;
	struct target *by_key[TARGETS_BUCKETS], *by_id[TARGETS_BUCKETS];
	struct monitor_group *groups;
	struct target *dirty;
	struct event *flush, *refresh;
	unsigned int refreshes;
	bool whole; /* the stream has told all targets there are */
};

/* --- target.c --- */

/* Sets the probe up and begins with it. 0 or -ENOMEM. */
int target_start(struct target *target);
void target_stop(struct target *target);
bool target_is_up(const struct target *target); /* as it is reported */

/* --- reports.c --- */

/* The target's verdict, or what else is reported, may be different now. */
void target_judged(struct target *target);
/* One step of the factors, where the pool has weights that follow latencies and the interval is over. */
void group_step_weights(struct monitor_group *group);
/* The group has more targets now, or fewer. */
void group_update_panic(struct monitor_group *group);
void reports_forget(struct targets *targets); /* what waits */
void target_report_forget(struct target *target);
/* The timers. 0 or -ENOMEM. */
int reports_open(struct targets *targets);
void reports_close(struct targets *targets);

#endif
