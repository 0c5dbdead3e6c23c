/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/resource_state.h"

#include <errno.h>

#include "api/dp/bank.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/dataplane/dataplane.h"

static int counters(struct control *control, uint32_t index, Sluice__V1__Counters **to)
{
	struct dp_counter sum;

	*to = message_new(&sluice__v1__counters__descriptor);
	if (!*to)
		return -ENOMEM;
	dataplane_counter(control->dataplane, index, &sum);
	(*to)->packets = sum.packets;
	(*to)->bytes = sum.bytes;
	return 0;
}

/* A resource that an older snapshot still shows may be gone: then it has no id and no counters. */
static int all_counters(struct control *control, const struct resource *resource, Sluice__V1__ResourceState *state)
{
	uint32_t id =
		resource->self ? atomic_load_explicit(&resource->self->id, memory_order_relaxed) : resource->route_id;

	if (!id)
		return 0;
	switch (resource->kind) {
	case RESOURCE_INTERFACE:
		return counters(control, DP_COUNTER_RX + id, &state->counters) ||
				       counters(control, DP_COUNTER_TX + id, &state->sent)
			       ? -ENOMEM
			       : 0;
	case RESOURCE_TUNNEL_ENDPOINT:
		return counters(control, DP_COUNTER_DECAP + id, &state->counters) ||
				       counters(control, DP_COUNTER_ENCAP + id, &state->sent)
			       ? -ENOMEM
			       : 0;
	case RESOURCE_ROUTE:
		return counters(control, DP_COUNTER_ROUTES + id, &state->counters);
	case RESOURCE_FLOW_CLASSIFIER:
		return counters(control, DP_COUNTER_CLASSIFIERS + id, &state->counters);
	case RESOURCE_PORT_PAIR_GROUP:
		return counters(control, DP_COUNTER_STAGES + id, &state->counters);
	default:
		return 0;
	}
}

static int interface_status(struct control *control, const struct interface *interface,
			    Sluice__V1__InterfaceStatus **to)
{
	Sluice__V1__InterfaceStatus *status = message_new(&sluice__v1__interface_status__descriptor);
	struct device_facts facts;

	if (!status)
		return -ENOMEM;
	*to = status;
	reconciler_device(control->reconciler, interface->device, &facts);
	status->ifindex = facts.ifindex;
	if (!facts.ifindex)
		return 0;
	status->mtu = facts.mtu;
	status->up = facts.up;
	status->xdp_mode = (Sluice__V1__XdpMode)facts.xdp_mode;
	return encode_mac(&status->mac, facts.mac);
}

static int next_hop_status(struct control *control, const struct snapshot *snapshot, const struct next_hop *next_hop,
			   Sluice__V1__NextHopStatus **to)
{
	const struct interface *interface;
	uint8_t mac[6];

	if (next_hop->target == NEXT_HOP_DISCARD)
		return 0;
	*to = message_new(&sluice__v1__next_hop_status__descriptor);
	if (!*to)
		return -ENOMEM;
	if (next_hop->has_mac)
		return encode_mac(&(*to)->mac, next_hop->mac);
	interface = (const struct interface *)snapshot_find(snapshot, RESOURCE_INTERFACE, next_hop->via->text);
	if (!interface || reconciler_neighbour(control->reconciler, interface->device, &next_hop->address, mac))
		return 0;
	return encode_mac(&(*to)->mac, mac);
}

Sluice__V1__ResourceState *resource_state(struct control *control, const struct snapshot *snapshot,
					  const struct resource *resource)
{
	Sluice__V1__ResourceState *state = message_new(&sluice__v1__resource_state__descriptor);
	enum pending_reason pending = resource_pending(resource);
	char key[RESOURCE_KEY_TEXT];
	int result = 0;

	if (!state)
		return NULL;
	state->revision = resource->revision;
	state->programmed = pending == PENDING_NONE ? SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED
						    : SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_NOT_PROGRAMMED;
	state->resource = resource_encode(resource);
	if (!state->resource || encode_text(&state->key, resource_key_format(resource, key)) ||
	    encode_text(&state->owner, resource->owner->text) ||
	    encode_text(&state->reason, pending_reason_text(pending)) || all_counters(control, resource, state))
		goto err;
	if (resource->kind == RESOURCE_INTERFACE)
		result = interface_status(control, (const struct interface *)resource, &state->interface_status);
	else if (resource->kind == RESOURCE_NEXT_HOP)
		result = next_hop_status(control, snapshot, (const struct next_hop *)resource, &state->next_hop_status);
	if (!result)
		return state;

err:
	message_free(state);
	return NULL;
}
