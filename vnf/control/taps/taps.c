/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/taps/taps.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/taps/taps_state.h"
#include "vnf/core/loop.h"

#define RETRY_S	   5
#define LOADING_MS 100 /* of what it takes to look at packets */

/* What has changed is told by closing all of it and opening what there is now: tap flows are few and change seldom. A
 * flow that stays misses the packets of that moment. */
static void on_update(evutil_socket_t fd, short events, void *context)
{
	const struct timeval pause = {.tv_sec = RETRY_S}, loading = {.tv_usec = LOADING_MS * 1000};
	struct taps *taps = context;

	(void)fd;
	(void)events;
	taps_close(taps);
	if (!taps_open(taps, history_newest(taps->committer->history)))
		return;
	loop_start_timer(taps->update, taps->loading ? &loading : &pause);
}

static void set_going(struct taps *taps)
{
	event_active(taps->update, EV_TIMEOUT, 0);
}

/* A new flow counts from zero, whoever had its id before. */
static void reset_counts(struct taps *taps, const struct resource *flow)
{
	const uint32_t id = resource_id(flow);
	struct copy_counts *counts = &taps->counts[id < taps->counted ? id : 0];

	atomic_store(&counts->packets, 0);
	atomic_store(&counts->bytes, 0);
	atomic_store(&counts->lost, 0);
	atomic_store(&counts->missed, 0);
}

static bool is_tap(const struct resource *resource)
{
	return resource->kind == RESOURCE_TAP_FLOW || resource->kind == RESOURCE_TAP_SERVICE;
}

/* Does a tap service use the interface? */
static bool is_destination(const struct snapshot *snapshot, const struct handle *interface)
{
	const struct resource *at = NULL;

	while ((at = snapshot_next(snapshot, RESOURCE_TAP_SERVICE, at)))
		if (((const struct tap_service *)at)->interface == interface)
			return true;
	return false;
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct taps *taps = (struct taps *)((char *)subscriber - offsetof(struct taps, subscriber));
	bool concerns = false;

	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];
		const struct resource *either = entry->after ? entry->after : entry->before;

		if (is_tap(either) && entry->after && !entry->before) {
			atomic_store(&either->self->pending, PENDING_TAP_STARTS);
			if (either->kind == RESOURCE_TAP_FLOW)
				reset_counts(taps, either);
		}
		concerns |= is_tap(either) ||
			    (either->kind == RESOURCE_INTERFACE && is_destination(snapshot, either->self));
	}
	if (concerns)
		set_going(taps);
}

/* Its device has come, or gone. */
static void on_programmed(struct subscriber *subscriber, const struct handle *handle, enum pending_reason reason)
{
	struct taps *taps = (struct taps *)((char *)subscriber - offsetof(struct taps, subscriber));

	(void)reason;
	if (handle->kind == RESOURCE_INTERFACE && is_destination(history_newest(taps->committer->history), handle))
		set_going(taps);
}

struct taps *taps_new(struct committer *committer)
{
	struct taps *taps = calloc(1, sizeof(*taps));

	if (!taps)
		return NULL;
	taps->committer = committer;
	taps->counted = handles_maximum(committer->handles, RESOURCE_TAP_FLOW) + 1;
	taps->counts = calloc(taps->counted, sizeof(*taps->counts));
	taps->update = event_new(loop_base(committer->loop), -1, 0, on_update, taps);
	if (!taps->counts || !taps->update) {
		taps_free(taps);
		return NULL;
	}
	taps->subscriber = (struct subscriber){.published = on_published, .programmed = on_programmed};
	events_subscribe(committer->events, &taps->subscriber);
	return taps;
}

void taps_free(struct taps *taps)
{
	if (!taps)
		return;
	events_unsubscribe(taps->committer->events, &taps->subscriber);
	taps_close(taps);
	if (taps->update)
		event_free(taps->update);
	free(taps->counts);
	free(taps);
}

void taps_set_observer(struct taps *taps, struct observer *observer)
{
	taps->observer = observer;
	set_going(taps);
}

int taps_status(struct taps *taps, const struct resource *flow, Sluice__V1__ResourceState *state)
{
	const uint32_t id = resource_id(flow);
	const struct copy_counts *counts = &taps->counts[id < taps->counted ? id : 0];
	Sluice__V1__TapFlowStatus *status = message_new(&sluice__v1__tap_flow_status__descriptor);

	state->tap_flow_status = status;
	if (!status)
		return -ENOMEM;
	status->packets = counts->packets;
	status->bytes = counts->bytes;
	status->lost = counts->lost;
	status->missed = counts->missed;
	return 0;
}
