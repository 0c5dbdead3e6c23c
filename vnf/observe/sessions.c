/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/observe/state.h"

/* A free place, and not that of the session that has been closed last: a packet may still be at its filter. */
static struct observer_session *find_place(struct observer *observer)
{
	for (uint32_t i = 0; i < DP_OBSERVERS; i++) {
		struct observer_session *session = &observer->session[observer->next++ % DP_OBSERVERS];

		if (!session->observer)
			return session;
	}
	return NULL;
}

/* What packets see of the session; `left` last, which is what makes it one. */
static void write_session(struct dp_observe_session *to, const struct observer_wish *wish)
{
	to->filter = wish->filter;
	to->in_snap = wish->in_snap < DP_OBSERVED_FRAME ? wish->in_snap : DP_OBSERVED_FRAME;
	to->out_snap = wish->out_snap < DP_OBSERVED_FRAME ? wish->out_snap : DP_OBSERVED_FRAME;
	to->steps = wish->steps;
	to->lost = 0;
	__atomic_store_n(&to->left, wish->packets <= INT64_MAX ? wish->packets : INT64_MAX, __ATOMIC_SEQ_CST);
}

static struct observer_session *open_session(struct observer *observer, const struct observer_wish *wish,
					     struct error *error)
{
	struct observer_session *session = find_place(observer);

	if (!session) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "%d sessions look at packets already: wait until one ends, or end one", DP_OBSERVERS);
		return NULL;
	}
	session->observer = observer;
	session->wish = *wish;
	write_session(&observer->twins.observing->session[session - observer->session], wish);
	observer_look(observer);
	return session;
}

struct observer_session *observer_open(struct observer *observer, const struct observer_wish *wish, struct error *error)
{
	struct observer_session *session;

	if (observer_prepare(observer, OBSERVER_LOOKS, error))
		return NULL;
	pthread_mutex_lock(&observer->lock);
	session = open_session(observer, wish, error);
	pthread_mutex_unlock(&observer->lock);
	return session;
}

/* Entries of the ring name the place: those of this session are taken out before it is another's. */
void observer_close(struct observer_session *session)
{
	struct observer *observer = session->observer;

	pthread_mutex_lock(&observer->lock);
	__atomic_store_n(&observer->twins.observing->session[session - observer->session].left, 0, __ATOMIC_SEQ_CST);
	observer->lost += observer_lost(observer, session);
	session->observer = NULL;
	observer_drain(observer);
	observer_look(observer);
	pthread_mutex_unlock(&observer->lock);
}
