/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/control.h"

#include <event2/event.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/taps/taps.h"
#include "vnf/control/read/pages.h"
#include "vnf/control/sources/sources.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/reconcile/reconciler.h"

#define RECLAIM_HELD 4096 /* changes of old revisions; beyond it they are freed at once */
#define RECLAIM_MS   20

void control_reclaim(struct control *control)
{
	const struct timeval pause = {.tv_sec = 1};
	bool done;

	commit_sync_banks(&control->committer);
	pages_expire(control->reader.pages);
	done = !control->committer.unsynced && history_reclaim(&control->history);
	/* readers that go on and on at an old revision hold all that changes meanwhile */
	while (!control->committer.unsynced && control->history.bytes > PAGES_BYTES &&
	       pages_drop_oldest(control->reader.pages))
		done = history_reclaim(&control->history);
	if (!done)
		loop_start_timer(control->reclaim, &pause);
}

/* To free old revisions takes a grace period of the readers: one for many. */
static void on_sync_banks(evutil_socket_t fd, short events, void *context)
{
	const struct timeval pause = {.tv_usec = RECLAIM_MS * 1000};
	struct control *control = context;

	(void)fd;
	(void)events;
	commit_sync_banks(&control->committer);
	if (control->history.held > RECLAIM_HELD || control->history.bytes > PAGES_BYTES)
		control_reclaim(control);
	else if (!event_pending(control->reclaim, EV_TIMEOUT, NULL))
		loop_start_timer(control->reclaim, &pause);
}

static void on_reclaim(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	control_reclaim(context);
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct control *control = (struct control *)((char *)subscriber - offsetof(struct control, subscriber));

	(void)snapshot;
	(void)delta;
	event_active(control->sync_banks, EV_TIMEOUT, 0);
}

void control_answered(void *answer)
{
	((struct control_answer *)answer)->done(answer);
}

void control_answer_nobody(struct control_answer *answer)
{
	(void)answer;
}

/* Random UUID: RFC 4122, 4.4. */
static int boot_id(char text[37])
{
	unsigned char byte[16];
	char *at = text;

	if (getrandom(byte, sizeof(byte), 0) != (ssize_t)sizeof(byte))
		return -1;
	byte[6] = (byte[6] & 0x0f) | 0x40;
	byte[8] = (byte[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		at += snprintf(at, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", byte[i]);
	return 0;
}

struct control *control_new(struct loop *loop, struct dataplane *dataplane, struct reconciler *reconciler)
{
	struct control *control = calloc(1, sizeof(*control));
	struct reader *reader;

	if (!control)
		return NULL;
	reader = &control->reader;
	pthread_mutex_init(&reader->connections.lock, NULL);
	clock_gettime(CLOCK_MONOTONIC, &reader->started);
	control->handles = handles_new(dataplane_limits(dataplane));
	if (!control->handles || history_init(&control->history, control->handles) || boot_id(reader->boot_id))
		goto err;
	control->committer = (struct committer){.loop = loop,
						.reconciler = reconciler,
						.handles = control->handles,
						.history = &control->history,
						.events = &control->events,
						.management = control->management};
	if (committer_init(&control->committer))
		goto err;
	reader->dataplane = dataplane;
	reader->reconciler = reconciler;
	reader->handles = control->handles;
	reader->history = &control->history;
	reader->transactions = control->committer.transactions;
	reader->management = control->management;
	reader->revisions = &control->committer.revisions;
	reader->recorder = &control->committer.recorder;
	reader->pages = pages_new();
	control->sync_banks = event_new(loop_base(loop), -1, 0, on_sync_banks, control);
	control->reclaim = evtimer_new(loop_base(loop), on_reclaim, control);
	if (!reader->pages || !control->sync_banks || !control->reclaim)
		goto err;
	if (figures_init(&control->figures, &control->events, reconciler, dataplane_limits(dataplane)->vrfs))
		goto err;
	if (verdict_notes_init(&control->verdicts, &control->events, dataplane))
		goto err;
	reader->verdicts = &control->verdicts;
	reader->figures = &control->figures;
	watches_init(&control->watches, &control->events, reader);
	control->subscriber.published = on_published;
	events_subscribe(&control->events, &control->subscriber);
	control->sources = reader->sources = sources_new(&control->committer);
	control->taps = reader->taps = taps_new(&control->committer);
	if (!control->sources || !control->taps)
		goto err;
	reconciler_report_to(reconciler, &control->events);
	return control;

err:
	control_free(control);
	return NULL;
}

void control_set_management(struct control *control, const char *device)
{
	snprintf(control->management, sizeof(control->management), "%s", device);
}

void control_set_observer(struct control *control, struct observer *observer)
{
	control->observer = observer;
	taps_set_observer(control->taps, observer);
}

void control_set_sflow(struct control *control, control_sflow *tell, void *context)
{
	control->sflow = tell;
	control->sflow_context = context;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	if (control->committer.reconciler)
		reconciler_report_to(control->committer.reconciler, NULL);
	if (control->sync_banks)
		event_free(control->sync_banks);
	if (control->reclaim)
		event_free(control->reclaim);
	sources_free(control->sources);
	taps_free(control->taps);
	health_file_free(control->health_file);
	pages_free(control->reader.pages);
	pthread_mutex_destroy(&control->reader.connections.lock);
	commit_sync_banks(&control->committer);
	committer_clear(&control->committer);
	history_clear(&control->history);
	figures_clear(&control->figures);
	watches_clear(&control->watches);
	verdict_notes_clear(&control->verdicts);
	handles_free(control->handles);
	free(control);
}
