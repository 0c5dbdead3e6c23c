/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a message. */
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/resource_state.h"
#include "vnf/control/read/watch_state.h"
#include "vnf/reconcile/reconciler.h"

#define EVENT(name) SLUICE__V1__WATCH_EVENT__EVENT_##name

bool filling_has_room(const struct watch_filling *filling)
{
	return !filling->failed && filling->response->n_events < WATCH_EVENTS && filling->bytes < WATCH_MESSAGE;
}

/* An event with a message of this kind in it, in *member; NULL: no memory. */
static Sluice__V1__WatchEvent *add_event(struct watch_filling *filling, void *member)
{
	Sluice__V1__WatchResponse *response = filling->response;
	Sluice__V1__WatchEvent *event = message_new(&sluice__v1__watch_event__descriptor);

	if (!response->events)
		response->events = calloc(WATCH_EVENTS + 2, sizeof(*response->events));
	if (!event || !member || !response->events) {
		filling->failed = true;
		message_free(event);
		message_free(member);
		return NULL;
	}
	response->events[response->n_events++] = event;
	return event;
}

static uint64_t generation(const struct watch_filling *filling)
{
	return reconciler_generation(filling->watch->watches->reader->reconciler);
}

void filling_add_resource(struct watch_filling *filling, const struct snapshot *snapshot,
			  const struct resource *resource)
{
	Sluice__V1__ResourceState *state = resource_state_brief(filling->watch->watches->reader, snapshot, resource);
	Sluice__V1__WatchEvent *event = add_event(filling, state);

	if (!event)
		return;
	event->event_case = EVENT(RESOURCE);
	event->resource = state;
	filling->bytes += protobuf_c_message_get_packed_size(&event->base);
}

void filling_add_gone(struct watch_filling *filling, enum resource_kind kind, const char *key)
{
	Sluice__V1__GoneResource *gone = message_new(&sluice__v1__gone_resource__descriptor);
	Sluice__V1__WatchEvent *event = add_event(filling, gone);

	if (!event)
		return;
	event->event_case = EVENT(GONE);
	event->gone = gone;
	gone->kind = (Sluice__V1__ResourceKind)kind;
	filling->failed |= encode_text(&gone->key, key) != 0;
	filling->bytes += strlen(key);
}

void filling_add_revision(struct watch_filling *filling, uint64_t revision)
{
	Sluice__V1__RevisionEnd *end = message_new(&sluice__v1__revision_end__descriptor);
	Sluice__V1__WatchEvent *event = add_event(filling, end);

	if (!event)
		return;
	event->event_case = EVENT(REVISION);
	event->revision = end;
	end->revision = revision;
	end->generation = generation(filling);
}

void filling_add_synced(struct watch_filling *filling, uint64_t revision, bool snapshot)
{
	Sluice__V1__Synced *synced = message_new(&sluice__v1__synced__descriptor);
	Sluice__V1__WatchEvent *event = add_event(filling, synced);

	if (!event)
		return;
	event->event_case = EVENT(SYNCED);
	event->synced = synced;
	synced->revision = revision;
	synced->generation = generation(filling);
	synced->snapshot = snapshot;
}

void filling_add_lost(struct watch_filling *filling, uint64_t lost)
{
	Sluice__V1__WatchEvent *event = message_new(&sluice__v1__watch_event__descriptor);

	if (!filling->response->events)
		filling->response->events = calloc(WATCH_EVENTS + 2, sizeof(*filling->response->events));
	if (!event || !filling->response->events) {
		filling->failed = true;
		message_free(event);
		return;
	}
	filling->response->events[filling->response->n_events++] = event;
	event->event_case = EVENT(LOST);
	event->lost = lost;
}

static bool is_of_vrf(const struct watch *watch, const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);

	if (!*watch->vrf)
		return true;
	if (resource->kind == RESOURCE_VRF)
		return !strcmp(resource->self->text, watch->vrf);
	return ops->vrf && !strcmp(ops->vrf(resource)->text, watch->vrf);
}

bool watch_wants(const struct watch *watch, const struct snapshot *snapshot, const struct resource *resource)
{
	return watch->kind[resource->kind] && is_of_vrf(watch, resource) &&
	       scope_shows(&watch->view, snapshot, resource);
}
