/* SPDX-License-Identifier: Apache-2.0 */
/* The twins are loaded when somebody needs them, by a thread that can wait: the verifier takes a second or two. */
#include <signal.h>
#include <string.h>

#include "vnf/core/clock.h"
#include "vnf/observe/state.h"

#define TRY_AGAIN_MS 10000 /* what could not be loaded is not tried again before */

static const char *const verbs[] = {[OBSERVER_EXPLAINS] = "explain", [OBSERVER_LOOKS] = "observe"};

static int load(struct observer *observer, enum observer_use use)
{
	struct twins twins;
	int status = twins_load(observer->dataplane, use == OBSERVER_EXPLAINS, &twins);

	if (status)
		return status;
	if (use == OBSERVER_LOOKS)
		return observer_start(observer, &twins);
	observer->explainers = twins;
	return 0;
}

bool observer_is_prepared(const struct observer *observer, enum observer_use use)
{
	return atomic_load_explicit(&observer->loaded[use].ready, memory_order_acquire);
}

int observer_prepare(struct observer *observer, enum observer_use use, struct error *error)
{
	struct observer_loaded *loaded = &observer->loaded[use];
	int status;

	if (observer_is_prepared(observer, use))
		return 0;
	pthread_mutex_lock(&observer->loading);
	if (!observer_is_prepared(observer, use) &&
	    (!loaded->status || monotonic_ms() >= loaded->tried_ms + TRY_AGAIN_MS)) {
		loaded->status = load(observer, use);
		loaded->tried_ms = monotonic_ms();
		atomic_store_explicit(&loaded->ready, !loaded->status, memory_order_release);
	}
	status = loaded->status;
	pthread_mutex_unlock(&observer->loading);
	if (!status)
		return 0;
	error_add(error, ERROR_UNAVAILABLE, NULL,
		  "the programs that %s packets cannot be loaded: %s: the daemon's log has the verifier's words",
		  verbs[use], strerror(-status));
	return -1;
}

static void *prepare_to_look(void *context)
{
	struct observer *observer = context;
	struct error error = {0};

	(void)observer_prepare(observer, OBSERVER_LOOKS, &error);
	atomic_store(&observer->prepares, false);
	return NULL;
}

void observer_prepare_behind(struct observer *observer)
{
	sigset_t all, before;

	if (atomic_exchange(&observer->prepares, true))
		return;
	observer_join(observer);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	observer->has_prepared = !pthread_create(&observer->preparer, NULL, prepare_to_look, observer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!observer->has_prepared)
		atomic_store(&observer->prepares, false);
}

void observer_join(struct observer *observer)
{
	if (observer->has_prepared)
		pthread_join(observer->preparer, NULL);
	observer->has_prepared = false;
}
