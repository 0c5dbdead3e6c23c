/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct loop {
	struct event_base *base;
	struct event *wake;
	int wake_fd;
	pthread_mutex_t lock; /* guards the rest */
	struct loop_work *first, **last;
	bool stop;
};

/* Takes everything that was posted and runs it, outside the lock. */
static void run_posted(evutil_socket_t fd, short events, void *context)
{
	struct loop *loop = context;
	struct loop_work *work;
	uint64_t wakes;
	bool stop;

	(void)events;
	/* The read only rearms the descriptor: EAGAIN means that an earlier round took the work already. */
	if (read(fd, &wakes, sizeof(wakes)) < 0)
		wakes = 0;
	pthread_mutex_lock(&loop->lock);
	work = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	stop = loop->stop;
	pthread_mutex_unlock(&loop->lock);
	while (work) {
		struct loop_work *next = work->next;

		work->run(work);
		work = next;
	}
	if (stop)
		event_base_loopbreak(loop->base);
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->last = &loop->first;
	pthread_mutex_init(&loop->lock, NULL);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->wake_fd < 0)
		goto err_lock;
	loop->base = event_base_new();
	if (!loop->base)
		goto err_fd;
	loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, run_posted, loop);
	if (!loop->wake)
		goto err_base;
	if (event_add(loop->wake, NULL))
		goto err_wake;
	return loop;

err_wake:
	event_free(loop->wake);
err_base:
	event_base_free(loop->base);
err_fd:
	close(loop->wake_fd);
err_lock:
	pthread_mutex_destroy(&loop->lock);
	free(loop);
	return NULL;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	event_free(loop->wake);
	event_base_free(loop->base);
	close(loop->wake_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

int loop_run(struct loop *loop)
{
	return event_base_dispatch(loop->base) < 0 ? -EIO : 0;
}

static void wake(struct loop *loop)
{
	uint64_t one = 1;

	/* Fails only when the counter is about to overflow, and then the loop is awake anyway. */
	if (write(loop->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void loop_stop(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->stop = true;
	pthread_mutex_unlock(&loop->lock);
	wake(loop);
}

void loop_post(struct loop *loop, struct loop_work *work)
{
	work->next = NULL;
	pthread_mutex_lock(&loop->lock);
	*loop->last = work;
	loop->last = &work->next;
	pthread_mutex_unlock(&loop->lock);
	wake(loop);
}

int loop_start_timer(struct event *timer, const struct timeval *pause)
{
	event_base_update_cache_time(event_get_base(timer));
	return event_add(timer, pause);
}
