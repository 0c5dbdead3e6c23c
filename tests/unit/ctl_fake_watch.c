/* SPDX-License-Identifier: Apache-2.0 */
/* The fake's watchers: each is told of two resources and one that goes, and then its stream ends. Verdicts: one of a
 * rule, one of all. */
#include "tests/unit/ctl_fake.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/control/control.h"
#include "vnf/json/field.h"

struct watch {
	bool told;
	bool programmed;
	uint64_t from;
	size_t kinds;
};

struct watch *control_watch_open(struct control *control, const Sluice__V1__WatchRequest *request,
				 void (*changed)(void *context), void *context, struct error *error)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	(void)control;
	(void)changed;
	(void)context;
	if (strcmp(request->vrf, "none") == 0) {
		error_add(error, ERROR_INVALID_ARGUMENT, "vrf", "no VRF may have this name");
		free(watch);
		return NULL;
	}
	watch->programmed = request->programmed;
	watch->from = request->from_revision;
	watch->kinds = request->n_kinds;
	return watch;
}

static Sluice__V1__WatchEvent *add(Sluice__V1__WatchResponse *response, Sluice__V1__WatchEvent__EventCase event_case)
{
	Sluice__V1__WatchEvent *event = (void *)field_message_new(&sluice__v1__watch_event__descriptor);

	response->events = realloc(response->events, (response->n_events + 1) * sizeof(*response->events));
	response->events[response->n_events++] = event;
	event->event_case = event_case;
	return event;
}

static void add_vrf(Sluice__V1__WatchResponse *response, const char *name, const char *reason)
{
	Sluice__V1__WatchEvent *event = add(response, SLUICE__V1__WATCH_EVENT__EVENT_RESOURCE);
	Sluice__V1__ResourceState *state = (void *)field_message_new(&sluice__v1__resource_state__descriptor);

	event->resource = state;
	state->key = strdup(name);
	state->reason = strdup(reason);
	state->revision = 41;
	state->resource = (void *)field_message_new(&sluice__v1__resource__descriptor);
	state->resource->kind_case = SLUICE__V1__RESOURCE__KIND_VRF;
	state->resource->vrf = (void *)field_message_new(&sluice__v1__vrf__descriptor);
	state->resource->vrf->name = strdup(name);
}

int control_watch_fill(struct watch *watch, Sluice__V1__WatchResponse *response)
{
	Sluice__V1__WatchEvent *event;

	if (watch->told)
		return -1; /* no memory: so the stream ends */
	watch->told = true;
	add_vrf(response, "red", "");
	add_vrf(response, "blue", watch->programmed ? "it waits" : "");
	event = add(response, SLUICE__V1__WATCH_EVENT__EVENT_SYNCED);
	event->synced = (void *)field_message_new(&sluice__v1__synced__descriptor);
	event->synced->revision = 42;
	event->synced->generation = 7;
	event->synced->snapshot = !watch->from;
	event = add(response, SLUICE__V1__WATCH_EVENT__EVENT_GONE);
	event->gone = (void *)field_message_new(&sluice__v1__gone_resource__descriptor);
	event->gone->kind = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_VRF;
	event->gone->key = strdup("red");
	event = add(response, SLUICE__V1__WATCH_EVENT__EVENT_REVISION);
	event->revision = (void *)field_message_new(&sluice__v1__revision_end__descriptor);
	event->revision->revision = 43;
	event->revision->generation = 8;
	event = add(response, SLUICE__V1__WATCH_EVENT__EVENT_LOST);
	event->lost = 5;
	return 0;
}

uint64_t control_watch_revision(struct watch *watch)
{
	(void)watch;
	return 43;
}

void control_watch_close(struct watch *watch)
{
	free(watch);
}

static Sluice__V1__VerdictCount *verdict(const char *rule, uint64_t packets)
{
	Sluice__V1__VerdictCount *count = (void *)field_message_new(&sluice__v1__verdict_count__descriptor);

	count->revision = 812;
	count->reason = strdup("denied");
	count->verdict = SLUICE__V1__VERDICT__VERDICT_DROPPED;
	count->rule = strdup(rule);
	count->counters = (void *)field_message_new(&sluice__v1__counters__descriptor);
	count->counters->packets = packets;
	return count;
}

int control_verdicts(struct control *control, const Sluice__V1__ListVerdictsRequest *request,
		     Sluice__V1__ListVerdictsResponse *response, struct error *error)
{
	(void)control;
	if (*request->reason && strcmp(request->reason, "denied") != 0) {
		error_add(error, ERROR_INVALID_ARGUMENT, "reason", "there is no reason \"%s\"", request->reason);
		return -1;
	}
	if (request->from_revision > 812)
		return 0;
	response->verdicts = calloc(2, sizeof(*response->verdicts));
	response->n_verdicts = 2;
	response->verdicts[0] = verdict("deny-web", 4112);
	response->verdicts[1] = verdict("", 5000);
	return 0;
}
