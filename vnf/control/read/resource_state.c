/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/resource_state.h"

#include <errno.h>
#include <stdio.h>

#include "api/dp/counters.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/taps/taps.h"
#include "vnf/control/sources/sources.h"
#include "vnf/dataplane/dataplane.h"

static int counters(struct reader *reader, uint32_t index, Sluice__V1__Counters **to)
{
	struct dp_counter sum;

	*to = message_new(&sluice__v1__counters__descriptor);
	if (!*to)
		return -ENOMEM;
	dataplane_counter(reader->dataplane, index, &sum);
	(*to)->packets = sum.packets;
	(*to)->bytes = sum.bytes;
	return 0;
}

/* A resource that only an older snapshot shows has no id and no counters any more. */
static int all_counters(struct reader *reader, const struct resource *resource, Sluice__V1__ResourceState *state)
{
	const struct dp_limits *limits = dataplane_limits(reader->dataplane);
	const struct kind_ops *ops = kind_ops(resource->kind);
	uint32_t id = resource_id(resource);

	for (size_t i = 0; id && i < KIND_COUNTERS && ops->counters[i].field; i++)
		if (counters(reader, kind_counter_first(ops, i, limits) + id,
			     (Sluice__V1__Counters **)((char *)state + ops->counters[i].field)))
			return -ENOMEM;
	return 0;
}

static int encode_owner(char **field, const struct resource *resource)
{
	char text[NAME_BYTES + 8];

	if (!resource_is_learned(resource))
		return encode_text(field, resource->owner->text);
	snprintf(text, sizeof(text), "source/%s", resource->owner->text);
	return encode_text(field, text);
}

Sluice__V1__ResourceState *resource_state_brief(struct reader *reader, const struct snapshot *snapshot,
						const struct resource *resource)
{
	Sluice__V1__ResourceState *state = message_new(&sluice__v1__resource_state__descriptor);
	const struct kind_ops *ops = kind_ops(resource->kind);
	enum pending_reason pending = resource_pending(resource);
	char key[RESOURCE_KEY_TEXT];

	if (!state)
		return NULL;
	state->revision = resource->revision;
	state->programmed = pending == PENDING_NONE ? SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED
						    : SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_NOT_PROGRAMMED;
	state->resource = resource_encode(resource);
	if (!state->resource || encode_text(&state->key, resource_key_format(resource, key)) ||
	    encode_owner(&state->owner, resource) || encode_text(&state->reason, pending_reason_text(pending)) ||
	    all_counters(reader, resource, state))
		goto err;
	if (ops->forgets && sources_status(reader->sources, resource, state))
		goto err;
	if (ops->tapped && taps_status(reader->taps, resource, state))
		goto err;
	if (!ops->status || !ops->status(resource, snapshot, reader->reconciler, state))
		return state;

err:
	message_free(state);
	return NULL;
}

Sluice__V1__ResourceState *resource_state(struct reader *reader, const struct snapshot *snapshot,
					  const struct resource *resource)
{
	Sluice__V1__ResourceState *state = resource_state_brief(reader, snapshot, resource);

	if (state && state->route_source_status)
		state->route_source_status->suppressed += sources_suppressed(snapshot, resource);
	return state;
}
