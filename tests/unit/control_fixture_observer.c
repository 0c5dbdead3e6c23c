/* SPDX-License-Identifier: Apache-2.0 */
#include "control_fixture.h"

#include <string.h>

#include "control_fixture_observer.h"

struct fake_observer fake_observer;

void fake_observer_give(struct control *control)
{
	memset(&fake_observer, 0, sizeof(fake_observer));
	control_set_observer(control, (struct observer *)&fake_observer);
}

int observer_prepare(struct observer *observer, enum observer_use use, struct error *error)
{
	(void)observer;
	(void)use;
	fake_observer.prepared++;
	if (!fake_observer.refuses)
		return 0;
	error_add(error, ERROR_UNAVAILABLE, NULL, "the twin does not load");
	return -1;
}

bool observer_is_prepared(const struct observer *observer, enum observer_use use)
{
	(void)observer;
	(void)use;
	return !fake_observer.loads;
}

void observer_prepare_behind(struct observer *observer)
{
	(void)observer;
	fake_observer.behind++;
}

int observer_explain(struct observer *observer, const struct observer_packet *packet, bool steps,
		     struct explained *explained, struct error *error)
{
	(void)observer;
	assert_true(packet->length <= OBSERVER_FRAME);
	if (fake_observer.refuses) {
		error_add(error, ERROR_UNAVAILABLE, NULL, "the twin does not load");
		return -1;
	}
	memcpy(fake_observer.frame, packet->frame, packet->length);
	fake_observer.length = packet->length;
	fake_observer.ifindex = packet->ifindex;
	fake_observer.bank = packet->bank;
	fake_observer.asked++;
	*explained = fake_observer.explained;
	if (!steps)
		explained->head = fake_observer.head[packet->bank];
	return 0;
}

size_t observer_recent(struct observer *observer, size_t most, observer_take *see, void *context)
{
	size_t count = most < fake_observer.recents ? most : fake_observer.recents;

	(void)observer;
	for (size_t i = 0; i < count; i++)
		see(context, &fake_observer.recent[i], 0);
	return count;
}

struct observer_session *observer_open(struct observer *observer, const struct observer_wish *wish, struct error *error)
{
	(void)observer;
	if (fake_observer.refuses) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "eight sessions are open");
		return NULL;
	}
	assert_false(fake_observer.open);
	fake_observer.wish = *wish;
	fake_observer.open = true;
	return (struct observer_session *)&fake_observer;
}

void observer_close(struct observer_session *session)
{
	assert_ptr_equal(session, &fake_observer);
	assert_true(fake_observer.open);
	fake_observer.open = false;
}

void fake_observer_see(const struct observed *observed)
{
	assert_true(fake_observer.open);
	fake_observer.wish.take(fake_observer.wish.context, observed, fake_observer.lost);
}

void observer_counts(const struct observer *observer, struct observer_counts *counts)
{
	(void)observer;
	*counts = (struct observer_counts){
		.sessions = fake_observer.open, .told = 11, .lost = 12, .samples = 13, .samples_lost = 14};
}
