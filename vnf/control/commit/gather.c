/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/gather.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vnf/core/loop.h"

int gather_init(struct gather *gather, struct loop *loop, event_callback_fn expired, void *context)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	*gather = (struct gather){.fd = fd};
	if (fd < 0)
		return -errno;
	gather->timer = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST, expired, context);
	if (gather->timer && !event_add(gather->timer, NULL))
		return 0;
	if (!gather->timer)
		close(fd);
	return -ENOMEM;
}

void gather_clear(struct gather *gather)
{
	if (gather->timer) {
		event_free(gather->timer);
		close(gather->fd);
	}
	*gather = (struct gather){0};
}

/* After so many microseconds, once; 0: never. Setting it disarms what was set before, and what has expired is not read
 * any more. */
static void set_timer(struct gather *gather, uint64_t micros)
{
	const struct itimerspec when = {.it_value = {.tv_nsec = (long)(micros * 1000)}};

	gather->waiting = !timerfd_settime(gather->fd, 0, &when, NULL) && micros > 0;
}

bool gather_wait(struct gather *gather, size_t count, uint64_t sync_us)
{
	if (!gather->timer || !count || count >= gather->want || !sync_us)
		return false;
	if (!gather->waiting)
		set_timer(gather, sync_us < GATHER_LONGEST ? sync_us : GATHER_LONGEST);
	return gather->waiting;
}

void gather_done(struct gather *gather, size_t count)
{
	if (gather->waiting)
		set_timer(gather, 0);
	if (count < gather->want) {
		gather->want = count;
		gather->pause = GATHER_PAUSE;
	} else if (count < 2) {
		gather->want = count;
	} else if (gather->pause > 0) {
		gather->want = count;
		gather->pause--;
	} else {
		gather->want = count + 1;
	}
}
