/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/control.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "vnf/control/kinds/unique_keys.h"
#include "vnf/control/commit/commit.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/read/pages.h"
#include "vnf/control/commit/idempotency_cache.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/dataplane.h"

#define RECLAIM_HELD 4096 /* changes of old revisions; beyond it they are freed at once */
#define RECLAIM_MS   20

static void on_flush(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	commit_flush(context);
}

/* To free old revisions takes a grace period of the readers: one for many. */
static void on_sync_banks(evutil_socket_t fd, short events, void *context)
{
	const struct timeval pause = {.tv_usec = RECLAIM_MS * 1000};
	struct control *control = context;

	(void)fd;
	(void)events;
	commit_sync_banks(control);
	if (control->history.held > RECLAIM_HELD)
		commit_reclaim(control);
	else if (!event_pending(control->reclaim, EV_TIMEOUT, NULL))
		event_add(control->reclaim, &pause);
}

static void on_reclaim(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	commit_reclaim(context);
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

	if (!control)
		return NULL;
	control->loop = loop;
	control->dataplane = dataplane;
	control->reconciler = reconciler;
	clock_gettime(CLOCK_MONOTONIC, &control->started);
	control->handles = handles_new(dataplane_limits(dataplane));
	if (!control->handles || history_init(&control->history, control->handles) || boot_id(control->boot_id))
		goto err;
	control->unique_keys = unique_keys_new();
	control->idempotency = idempotency_cache_new();
	control->transactions = transactions_new(control);
	control->pages = pages_new();
	control->sync_banks = event_new(loop_base(loop), -1, 0, on_sync_banks, control);
	control->reclaim = evtimer_new(loop_base(loop), on_reclaim, control);
	control->flush = event_new(loop_base(loop), -1, 0, on_flush, control);
	if (!control->unique_keys || !control->idempotency || !control->transactions || !control->pages ||
	    !control->sync_banks || !control->reclaim || !control->flush)
		goto err;
	return control;

err:
	control_free(control);
	return NULL;
}

void control_set_management(struct control *control, const char *device)
{
	snprintf(control->management, sizeof(control->management), "%s", device);
}

void control_free(struct control *control)
{
	if (!control)
		return;
	if (control->flush)
		event_free(control->flush);
	if (control->sync_banks)
		event_free(control->sync_banks);
	if (control->reclaim)
		event_free(control->reclaim);
	transactions_free(control->transactions);
	pages_free(control->pages);
	idempotency_cache_free(control->idempotency);
	commit_sync_banks(control);
	history_clear(&control->history);
	unique_keys_free(control->unique_keys);
	handles_free(control->handles);
	free(control);
}
