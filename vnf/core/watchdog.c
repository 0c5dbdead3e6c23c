/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/watchdog.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "vnf/core/instance.h"
#include "vnf/core/loop.h"

struct watchdog {
	struct event *timer;
	bool (*well)(void *context);
	void *context;
};

static void tell(evutil_socket_t fd, short events, void *context)
{
	const struct watchdog *watchdog = context;

	(void)fd;
	(void)events;
	if (watchdog->well(watchdog->context))
		instance_notify("WATCHDOG=1");
}

/* Microseconds; 0: not for this process. */
static unsigned long long wanted(void)
{
	const char *period = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");

	if (!period || (process && strtoll(process, NULL, 10) != getpid()))
		return 0;
	return strtoull(period, NULL, 10);
}

struct watchdog *watchdog_new(struct loop *loop, bool (*well)(void *context), void *context, int *error)
{
	unsigned long long period = wanted() / 2; /* as its manual recommends */
	struct timeval interval = {.tv_sec = (time_t)(period / 1000000), .tv_usec = (suseconds_t)(period % 1000000)};
	struct watchdog *watchdog;

	*error = 0;
	if (!period)
		return NULL;
	*error = -ENOMEM;
	watchdog = calloc(1, sizeof(*watchdog));
	if (!watchdog)
		return NULL;
	watchdog->well = well;
	watchdog->context = context;
	watchdog->timer = event_new(loop_base(loop), -1, EV_PERSIST, tell, watchdog);
	if (!watchdog->timer || event_add(watchdog->timer, &interval)) {
		watchdog_free(watchdog);
		return NULL;
	}
	*error = 0;
	return watchdog;
}

void watchdog_free(struct watchdog *watchdog)
{
	if (!watchdog)
		return;
	if (watchdog->timer)
		event_free(watchdog->timer);
	free(watchdog);
}
