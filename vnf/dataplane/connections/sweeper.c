/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/connections/sweeper.h"

#include <event2/event.h>
#include <stdlib.h>

#include "vnf/core/clock.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/connections/member_counts.h"
#include "vnf/dataplane/connections/vips.h"

#define PAUSE_MS     100
#define PASS_MS	     10000 /* in which all entries are looked at, unless that takes more than the next */
#define SLICE_US     1000  /* of each pause: callers wait no longer */
#define STEP_ENTRIES 1024  /* after which the clock is looked at */

/* A daemon that does not find its state hears of services from controllers: so long they are not missed. */
#define COMPLETE_MS 300000

struct sweeper {
	struct connection_tables tables;
	struct conntracks (*how)(void *context);
	void *context;
	uint64_t place;
	struct member_counts *counts;
	struct vips vips;
	uint64_t complete_ms; /* monotonic: from when on what is not there is gone */
	struct event *timer;
};

static void start(struct sweeper *sweeper)
{
	const struct timeval pause = {.tv_usec = PAUSE_MS * 1000};

	loop_start_timer(sweeper->timer, &pause);
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	struct sweeper *sweeper = context;
	uint64_t left = conntrack_places(&sweeper->tables) / (PASS_MS / PAUSE_MS) + 1;
	uint64_t until = monotonic_us() + SLICE_US;
	struct conntracks how = sweeper->how(sweeper->context);

	(void)fd, (void)events;
	how.incomplete = monotonic_ms() < sweeper->complete_ms;
	if (how.generation == sweeper->vips.generation || !vips_make(&sweeper->vips, &how))
		how.vips = &sweeper->vips;
	while (left > 0) {
		uint32_t step = left < STEP_ENTRIES ? (uint32_t)left : STEP_ENTRIES;

		conntrack_sweep(&sweeper->tables, &how, &sweeper->place, step, sweeper->counts);
		left -= step;
		if (monotonic_us() >= until)
			break;
	}
	start(sweeper);
}

struct sweeper *sweeper_new(struct loop *loop, const struct connection_tables *tables,
			    struct conntracks (*how)(void *context), void *context)
{
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));

	if (!sweeper)
		return NULL;
	*sweeper = (struct sweeper){
		.tables = *tables, .how = how, .context = context, .complete_ms = monotonic_ms() + COMPLETE_MS};
	sweeper->counts = member_counts_new(tables->loads);
	sweeper->timer = evtimer_new(loop_base(loop), on_timer, sweeper);
	if (!sweeper->counts || !sweeper->timer) {
		sweeper_free(sweeper);
		return NULL;
	}
	start(sweeper);
	return sweeper;
}

void sweeper_free(struct sweeper *sweeper)
{
	if (!sweeper)
		return;
	if (sweeper->timer)
		event_free(sweeper->timer);
	member_counts_free(sweeper->counts);
	vips_free(&sweeper->vips);
	free(sweeper);
}
