/* SPDX-License-Identifier: Apache-2.0 */
/* What sluiced is told of targets, and when: what is new at once, latencies and weights every few seconds. */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/health/target.h"

#define TOGETHER  1000 /* reports in one message */
#define REFRESH_S 1    /* between looks at weights, */
#define DRIFT	  5    /* and so many of them between looks at latencies */
#define GATHER_US 2000 /* what many targets have to say goes in one message */

static void mark_dirty(struct target *target)
{
	const struct timeval pause = {.tv_usec = GATHER_US};
	struct targets *targets = target->all;

	if (target->dirty || target->stale || !target->verdict.known)
		return;
	target->dirty = true;
	target->next_dirty = targets->dirty;
	targets->dirty = target;
	if (!event_pending(targets->flush, EV_TIMEOUT, NULL))
		event_add(targets->flush, &pause);
}

static bool is_panicking(const struct target *target)
{
	return target->group->panic.on && verdict_fails(&target->verdict) && target_is_up(target);
}

static bool is_news(const struct target *target)
{
	return !target->told || target->told_up != target_is_up(target) || target->told_panic != is_panicking(target) ||
	       target->told_factor != target->factor;
}

static void look_at_all(struct monitor_group *group)
{
	for (struct target *each = group->first; each; each = each->next_in_group)
		if (is_news(each))
			mark_dirty(each);
}

void group_update_panic(struct monitor_group *group)
{
	if (!panic_update(&group->panic, group->count, group->failing, monotonic_ms()))
		return;
	if (group->panic.on)
		log_warning("monitor %s: %zu of %zu targets fail at once: all are kept as they were, the prober "
			    "itself is suspected",
			    group->name, group->failing, group->count);
	else
		log_info("monitor %s: %zu of %zu targets fail: panic is over", group->name, group->failing,
			 group->count);
	look_at_all(group);
}

void target_judged(struct target *target)
{
	bool fails = verdict_fails(&target->verdict);

	if (fails != target->counted) {
		target->counted = fails;
		target->group->failing += fails ? 1 : (size_t)-1;
		group_update_panic(target->group);
	}
	if (is_news(target))
		mark_dirty(target);
}

static void fill_report(struct target *target, Sluice__V1__HealthReport *report)
{
	const bool up = target_is_up(target);

	if (!target->logged || target->logged_up != up)
		log_info("%s: %s%s%s", target->key, up ? "up" : "down", *target->detail ? ": " : "", target->detail);
	target->logged = true;
	target->logged_up = up;
	sluice__v1__health_report__init(report);
	report->id = target->id;
	report->up = target->told_up = up;
	report->panic = target->told_panic = is_panicking(target);
	report->latency_microseconds = target->told_latency = target->verdict.latency;
	report->weight_factor_per_mille = target->told_factor = target->factor;
	report->detail = *target->detail ? target->detail : target->weight_detail;
	target->told = true;
}

/* Sends what is to be said; what can't be sent is said anew once there is a stream again. */
static void on_flush(evutil_socket_t fd, short what, void *context)
{
	struct targets *targets = context;
	static Sluice__V1__HealthReport report[TOGETHER];
	static Sluice__V1__HealthReport *list[TOGETHER];

	(void)fd;
	(void)what;
	while (targets->dirty) {
		Sluice__V1__HealthReports reports = SLUICE__V1__HEALTH_REPORTS__INIT;
		struct target *first = targets->dirty;

		reports.reports = list;
		while (targets->dirty && reports.n_reports < TOGETHER) {
			struct target *target = targets->dirty;

			targets->dirty = target->next_dirty;
			target->dirty = false;
			fill_report(target, &report[reports.n_reports]);
			list[reports.n_reports] = &report[reports.n_reports];
			reports.n_reports++;
		}
		if (targets->send(targets->context, &reports))
			continue;
		for (struct target *each = first; each && each != targets->dirty; each = each->next_dirty)
			each->told = false;
	}
}

/* Is the latency another one than was told, by more than a tenth? */
static bool has_drifted(const struct target *target)
{
	uint32_t latency = target->verdict.latency, told = target->told_latency;

	return (latency > told ? latency - told : told - latency) > told / 10;
}

static void on_refresh(evutil_socket_t fd, short what, void *context)
{
	struct targets *targets = context;
	const bool drift = ++targets->refreshes % DRIFT == 0;

	(void)fd;
	(void)what;
	for (struct monitor_group *group = targets->groups; group; group = group->next) {
		group_step_weights(group);
		for (struct target *each = group->first; each; each = each->next_in_group)
			if (is_news(each) || (drift && has_drifted(each)))
				mark_dirty(each);
	}
}

void target_report_forget(struct target *target)
{
	struct target **at = &target->all->dirty;

	while (target->dirty && *at != target)
		at = &(*at)->next_dirty;
	if (target->dirty)
		*at = target->next_dirty;
	target->dirty = false;
}

void reports_forget(struct targets *targets)
{
	for (; targets->dirty; targets->dirty = targets->dirty->next_dirty)
		targets->dirty->dirty = false;
}

int reports_open(struct targets *targets)
{
	const struct timeval period = {.tv_sec = REFRESH_S};

	targets->flush = evtimer_new(targets->prober->base, on_flush, targets);
	targets->refresh = event_new(targets->prober->base, -1, EV_PERSIST, on_refresh, targets);
	return targets->flush && targets->refresh && !event_add(targets->refresh, &period) ? 0 : -ENOMEM;
}

void reports_close(struct targets *targets)
{
	if (targets->flush)
		event_free(targets->flush);
	if (targets->refresh)
		event_free(targets->refresh);
}
