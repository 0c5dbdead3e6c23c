/* SPDX-License-Identifier: Apache-2.0 */
/* No observer: nothing can be looked at. */
#include "vnf/observe/observer.h"

int observer_prepare(struct observer *observer, enum observer_use use, struct error *error)
{
	(void)observer;
	(void)use;
	error_add(error, ERROR_UNAVAILABLE, NULL, "there is no observer");
	return -1;
}

bool observer_is_prepared(const struct observer *observer, enum observer_use use)
{
	(void)observer;
	(void)use;
	return true;
}

void observer_prepare_behind(struct observer *observer)
{
	(void)observer;
}

int observer_explain(struct observer *observer, const struct observer_packet *packet, bool steps,
		     struct explained *explained, struct error *error)
{
	(void)observer;
	(void)packet;
	(void)steps;
	(void)explained;
	error_add(error, ERROR_UNAVAILABLE, NULL, "there is no observer");
	return -1;
}

struct observer_session *observer_open(struct observer *observer, const struct observer_wish *wish, struct error *error)
{
	(void)observer;
	(void)wish;
	error_add(error, ERROR_UNAVAILABLE, NULL, "there is no observer");
	return NULL;
}

void observer_close(struct observer_session *session)
{
	(void)session;
}

size_t observer_recent(struct observer *observer, size_t most, observer_take *see, void *context)
{
	(void)observer;
	(void)most;
	(void)see;
	(void)context;
	return 0;
}

void observer_counts(const struct observer *observer, struct observer_counts *counts)
{
	(void)observer;
	*counts = (struct observer_counts){0};
}
