/* SPDX-License-Identifier: Apache-2.0 */
/* A target's probes, one after the other: begun every delay, less up to a quarter of it, and over within the timeout.
 */
#include "vnf/health/target.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"

#define SPREAD_MS 1000 /* the first probes of many targets are not all sent at once */

static uint32_t below(uint32_t end)
{
	uint32_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = (uint32_t)random();
	return end ? number % end : 0;
}

static void start_timer(struct event *timer, uint32_t ms)
{
	const struct timeval pause = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	event_add(timer, &pause);
}

static bool is(const struct target *target, Sluice__V1__HealthMonitorType type)
{
	return target->message->monitor->type == type;
}

static uint32_t delay_of(const struct target *target)
{
	uint32_t delay = target->message->monitor->delay_milliseconds;

	if (delay)
		return delay;
	if (is(target, SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_STAGE))
		return 50;
	return is(target, SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_BFD) ? 100 : 5000;
}

static uint32_t timeout_of(const struct target *target)
{
	uint32_t timeout = target->message->monitor->timeout_milliseconds;

	return timeout ? timeout : delay_of(target);
}

/* Behind the timeout of the probe before, so that only one is under way. */
static void schedule(struct target *target)
{
	uint32_t delay = delay_of(target);

	start_timer(target->tick, delay - below(delay / 4 + 1));
}

static void judge(struct target *target, bool success, uint32_t latency, const char *detail)
{
	if (success)
		verdict_success(&target->verdict, latency, monotonic_ms());
	else
		verdict_failure(&target->verdict, monotonic_ms());
	snprintf(target->detail, sizeof(target->detail), "%s", success ? "" : detail);
	target_judged(target);
}

static void on_done(struct probe *probe, bool success, uint32_t latency, const char *detail)
{
	struct target *target = (struct target *)((char *)probe - offsetof(struct target, probe));

	target->under_way = false;
	event_del(target->deadline);
	judge(target, success, latency, detail);
}

static void on_state(struct probe *probe, bool up, const char *detail)
{
	struct target *target = (struct target *)((char *)probe - offsetof(struct target, probe));

	snprintf(target->detail, sizeof(target->detail), "%s", detail);
	verdict_set(&target->verdict, up, monotonic_ms());
	target_judged(target);
}

static void give_up(struct target *target)
{
	const struct probe_kind *kind = target->probe.kind;
	char detail[TARGET_DETAIL];
	const char *missing = kind->missing ? kind->missing(&target->probe) : NULL;

	if (missing)
		snprintf(detail, sizeof(detail), "%s within %u ms", missing, timeout_of(target));
	else
		snprintf(detail, sizeof(detail), "no answer within %u ms", timeout_of(target));
	kind->stop(&target->probe);
	target->under_way = false;
	judge(target, kind->silence_is_success, 0, detail);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	give_up(context);
}

/* Is it the way to the target that fails, and not what the prober itself needs? */
static bool is_verdict(int error)
{
	return error == -ECONNREFUSED || error == -ECONNRESET || error == -ENETUNREACH || error == -EHOSTUNREACH ||
	       error == -ENETDOWN || error == -EHOSTDOWN || error == -ETIMEDOUT;
}

static const char *hint(int error)
{
	return error == -EPERM || error == -EACCES ? ": STAGE takes CAP_NET_RAW, PING a group in "
						     "net.ipv4.ping_group_range"
	       : error == -ENODEV		   ? ": is the device there?"
	       : error == -EADDRNOTAVAIL	   ? ": is the source address on the device?"
	       : error == -EADDRINUSE		   ? ": another BFD daemon may have the port"
						   : "";
}

static void begin(struct target *target)
{
	int error;

	target->probe.started_us = monotonic_us();
	error = target->probe.kind->start(&target->probe);
	if (!error) {
		target->under_way = true;
		target->unable = false;
		if (!target->probe.kind->counts_itself)
			start_timer(target->deadline, timeout_of(target));
	} else if (is_verdict(error)) {
		judge(target, false, 0, strerror(-error));
	} else if (!target->unable) {
		target->unable = true;
		log_warning("%s: cannot be probed from %s: %s%s; it stays as it was", target->key,
			    *target->probe.device ? target->probe.device : "here", strerror(-error), hint(error));
	}
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct target *target = context;

	(void)fd;
	(void)what;
	if (target->probe.kind->counts_itself) {
		if (!target->under_way)
			begin(target);
		if (!target->under_way)
			start_timer(target->tick, SPREAD_MS);
		return;
	}
	if (target->under_way) /* jitter has brought the next one forward */
		give_up(target);
	schedule(target);
	begin(target);
}

int target_start(struct target *target)
{
	const Sluice__V1__HealthMonitor *monitor = target->message->monitor;

	target->probe.kind = probe_kind_of(monitor->type);
	target->probe.monitor = monitor;
	target->probe.done = on_done;
	target->probe.state = on_state;
	verdict_init(&target->verdict, monitor->max_retries, monitor->max_retries_down ? monitor->max_retries_down : 3);
	target->tick = evtimer_new(target->probe.prober->base, on_tick, target);
	target->deadline = evtimer_new(target->probe.prober->base, on_deadline, target);
	if (!target->tick || !target->deadline)
		return -ENOMEM;
	if (target->probe.kind)
		start_timer(target->tick, below(delay_of(target) < SPREAD_MS ? delay_of(target) : SPREAD_MS));
	return 0;
}

void target_stop(struct target *target)
{
	if (target->probe.kind) {
		if (target->under_way)
			target->probe.kind->stop(&target->probe);
		if (target->probe.kind->close)
			target->probe.kind->close(&target->probe);
	}
	target->under_way = false;
	if (target->tick)
		event_free(target->tick);
	if (target->deadline)
		event_free(target->deadline);
	target->tick = target->deadline = NULL;
}

bool target_is_up(const struct target *target)
{
	return target->verdict.up || panic_keeps(&target->group->panic, &target->verdict);
}
