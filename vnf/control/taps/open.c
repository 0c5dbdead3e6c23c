/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets and sessions of what a snapshot has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/handles.h"
#include "vnf/control/taps/taps_state.h"
#include "vnf/core/log.h"
#include "vnf/features/base/base.h"
#include "vnf/observe/observer.h"
#include "vnf/reconcile/reconciler.h"

static void set_pending(struct taps *taps, struct handle *handle, enum pending_reason reason)
{
	if (atomic_exchange(&handle->pending, reason) != reason)
		events_programmed(taps->committer->events, handle, reason);
}

/* Where copies for it go; or why they do not. */
static enum pending_reason target_of(struct taps *taps, const struct snapshot *snapshot,
				     const struct tap_service *service, struct copy_target *target)
{
	const struct interface *interface;
	struct device_facts facts;

	*target = (struct copy_target){.remote = service->remote,
				       .vni = service->vni,
				       .udp_port = service->udp_port,
				       .session_id = service->session_id};
	if (service->destination != TAP_INTERFACE) {
		target->kind = service->destination == TAP_VXLAN ? COPY_VXLAN : COPY_ERSPAN;
		return PENDING_NONE;
	}
	interface = (const struct interface *)snapshot_find(snapshot, RESOURCE_INTERFACE, service->interface->text);
	if (!interface)
		return PENDING_DEVICE;
	reconciler_device(taps->committer->reconciler, interface->device, &facts);
	target->kind = COPY_PORT;
	target->ifindex = facts.ifindex;
	return facts.ifindex ? PENDING_NONE : PENDING_DEVICE;
}

static enum pending_reason open_service(struct taps *taps, const struct snapshot *snapshot,
					const struct tap_service *service)
{
	struct open_service *opened = calloc(1, sizeof(*opened));
	enum pending_reason reason;
	int error = -ENOMEM;

	if (!opened)
		return PENDING_TAP_SOCKET;
	opened->service = handles_get(taps->committer->handles, RESOURCE_TAP_SERVICE, service->resource.self->text);
	reason = target_of(taps, snapshot, service, &opened->target);
	if (reason == PENDING_NONE && !opened->service)
		reason = PENDING_TAP_SOCKET;
	if (reason == PENDING_NONE) {
		opened->destination = copy_destination_open(&opened->target, &error);
		reason = opened->destination ? PENDING_NONE : PENDING_TAP_SOCKET;
	}
	if (reason != PENDING_NONE) {
		if (reason == PENDING_TAP_SOCKET)
			log_warning("tap service %s: no socket: %s", service->resource.self->text, strerror(-error));
		handles_put(taps->committer->handles, opened->service);
		free(opened);
		return reason;
	}
	opened->next = taps->service;
	taps->service = opened;
	return PENDING_NONE;
}

/* 0 or -ENOMEM. */
static int list_targets(struct taps *taps)
{
	size_t count = 0;

	for (const struct open_service *service = taps->service; service; service = service->next)
		count++;
	taps->target = calloc(count ? count : 1, sizeof(*taps->target));
	if (!taps->target)
		return -ENOMEM;
	for (const struct open_service *service = taps->service; service; service = service->next)
		taps->target[taps->targets++] = service->target;
	return 0;
}

static struct copy_destination *destination_of(const struct taps *taps, const struct handle *service)
{
	for (const struct open_service *opened = taps->service; opened; opened = opened->next)
		if (opened->service == service)
			return opened->destination;
	return NULL;
}

/* One session, for what comes, for what leaves, or, of a VRF, for both. 0 or -1. */
static int open_session(struct taps *taps, const struct tap_flow *flow, struct open_flow *opened, size_t n,
			uint8_t direction)
{
	struct copy_flow *copy = &opened->copy[n];
	struct observer_wish wish = {.packets = INT64_MAX, .take = copy_flow_take, .context = copy};
	const uint32_t id = resource_id(&flow->resource);
	struct error error = {0};

	*copy = (struct copy_flow){.destination = destination_of(taps, flow->service),
				   .target = taps->target,
				   .targets = taps->targets,
				   .counts = &taps->counts[id < taps->counted ? id : 0],
				   .frames = direction,
				   .snap_length = flow->snap_length,
				   .one_in = flow->one_in};
	taps_filter(flow, direction, &wish.filter);
	wish.in_snap = direction & COPY_IN ? copy_flow_snap(copy) : 0;
	wish.out_snap = direction & COPY_OUT ? copy_flow_snap(copy) : 0;
	opened->session[n] = taps->observer ? observer_open(taps->observer, &wish, &error) : NULL;
	if (!opened->session[n] && error.count && flow->resource.self->pending != PENDING_TAP_SESSION)
		log_warning("tap flow %s: %s", flow->resource.self->text, error.fault[0].message);
	return opened->session[n] ? 0 : -1;
}

static void close_flow(struct taps *taps, struct open_flow *opened)
{
	for (size_t i = 0; i < COPY_SESSIONS; i++)
		if (opened->session[i])
			observer_close(opened->session[i]);
	handles_put(taps->committer->handles, opened->flow);
	free(opened);
}

static enum pending_reason open_flow(struct taps *taps, const struct tap_flow *flow)
{
	bool twice = flow->interface && flow->direction == (TAP_IN | TAP_OUT);
	struct open_flow *opened;

	if (!destination_of(taps, flow->service))
		return PENDING_TAP_SERVICE;
	if (taps->loading)
		return PENDING_TAP_STARTS;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return PENDING_TAP_SESSION;
	opened->flow = handles_get(taps->committer->handles, RESOURCE_TAP_FLOW, flow->resource.self->text);
	if (!opened->flow || open_session(taps, flow, opened, 0, twice ? TAP_IN : flow->direction) ||
	    (twice && open_session(taps, flow, opened, 1, TAP_OUT))) {
		close_flow(taps, opened);
		return PENDING_TAP_SESSION;
	}
	opened->next = taps->flow;
	taps->flow = opened;
	return PENDING_NONE;
}

/* Is there a flow, and nothing yet that looks at its packets? Then that is being loaded. */
static bool has_to_load(struct taps *taps, const struct snapshot *snapshot)
{
	if (!taps->observer || !snapshot_next(snapshot, RESOURCE_TAP_FLOW, NULL) ||
	    observer_is_prepared(taps->observer, OBSERVER_LOOKS))
		return false;
	observer_prepare_behind(taps->observer);
	return true;
}

int taps_open(struct taps *taps, const struct snapshot *snapshot)
{
	const struct resource *at = NULL;
	enum pending_reason reason;
	int status = 0;

	while ((at = snapshot_next(snapshot, RESOURCE_TAP_SERVICE, at))) {
		reason = open_service(taps, snapshot, (const struct tap_service *)at);
		status |= reason == PENDING_TAP_SOCKET ? -1 : 0;
		set_pending(taps, at->self, reason);
	}
	if (list_targets(taps))
		return -1;
	taps->loading = has_to_load(taps, snapshot);
	while ((at = snapshot_next(snapshot, RESOURCE_TAP_FLOW, at))) {
		reason = open_flow(taps, (const struct tap_flow *)at);
		status |= reason == PENDING_TAP_SESSION || reason == PENDING_TAP_STARTS ? -1 : 0;
		set_pending(taps, at->self, reason);
	}
	return status;
}

void taps_close(struct taps *taps)
{
	while (taps->flow) {
		struct open_flow *flow = taps->flow;

		taps->flow = flow->next;
		close_flow(taps, flow);
	}
	while (taps->service) {
		struct open_service *service = taps->service;

		taps->service = service->next;
		copy_destination_close(service->destination);
		handles_put(taps->committer->handles, service->service);
		free(service);
	}
	free(taps->target);
	taps->target = NULL;
	taps->targets = 0;
}
