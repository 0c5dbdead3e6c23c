/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/state/events.h"

void events_subscribe(struct events *events, struct subscriber *subscriber)
{
	struct subscriber **slot = &events->first;

	while (*slot)
		slot = &(*slot)->next;
	subscriber->next = NULL;
	*slot = subscriber;
}

void events_unsubscribe(struct events *events, struct subscriber *subscriber)
{
	struct subscriber **slot = &events->first;

	while (*slot && *slot != subscriber)
		slot = &(*slot)->next;
	if (*slot)
		*slot = subscriber->next;
}

void events_published(const struct events *events, const struct snapshot *snapshot, const struct delta *delta)
{
	for (struct subscriber *at = events->first; at; at = at->next)
		if (at->published)
			at->published(at, snapshot, delta);
}

void events_programmed(const struct events *events, const struct handle *handle, enum pending_reason reason)
{
	for (struct subscriber *at = events->first; at; at = at->next)
		if (at->programmed)
			at->programmed(at, handle, reason);
}
