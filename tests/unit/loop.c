/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/event.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "vnf/core/loop.h"

#define POSTERS 4
#define POSTS	2000

struct item {
	struct loop_work work; /* first: run() casts back */
	struct poster *poster;
	int number;
};

struct poster {
	struct loop *loop;
	int seen; /* only the loop's thread writes it */
	struct item item[POSTS];
};

static int seen_in_all;

static void run_item(struct loop_work *work)
{
	struct item *item = (struct item *)work;

	assert_int_equal(item->number, item->poster->seen);
	item->poster->seen++;
	if (++seen_in_all == POSTERS * POSTS)
		loop_stop(item->poster->loop);
}

static void *post(void *context)
{
	struct poster *poster = context;

	for (int i = 0; i < POSTS; i++) {
		poster->item[i] = (struct item){.work.run = run_item, .poster = poster, .number = i};
		loop_post(poster->loop, &poster->item[i].work);
	}
	return NULL;
}

/* Each poster's work runs once, in its order, on the thread that runs the loop. */
static void posts_from_many_threads(void **state)
{
	struct loop *loop = loop_new();
	struct poster *posters = calloc(POSTERS, sizeof(*posters));
	pthread_t threads[POSTERS];

	(void)state;
	assert_non_null(loop);
	assert_non_null(posters);
	for (int i = 0; i < POSTERS; i++) {
		posters[i].loop = loop;
		assert_int_equal(pthread_create(&threads[i], NULL, post, &posters[i]), 0);
	}
	assert_int_equal(loop_run(loop), 0);
	for (int i = 0; i < POSTERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(posters[i].seen, POSTS);
	}
	loop_free(loop);
	free(posters);
}

static void stop_before_run(void **state)
{
	struct loop *loop = loop_new();

	(void)state;
	loop_stop(loop);
	assert_int_equal(loop_run(loop), 0);
	loop_free(loop);
	loop_free(NULL);
}

struct late {
	struct loop *loop;
	struct event *timer;
	double started, fired;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fire(evutil_socket_t fd, short what, void *context)
{
	struct late *late = context;

	(void)fd;
	(void)what;
	late->fired = now();
	loop_stop(late->loop);
}

/* As a commit that takes long. */
static void work_long(evutil_socket_t fd, short what, void *context)
{
	const struct timeval pause = {.tv_usec = 100000};
	const struct timespec work = {.tv_nsec = 80000000};
	struct late *late = context;

	(void)fd;
	(void)what;
	nanosleep(&work, NULL);
	late->started = now();
	assert_int_equal(loop_start_timer(late->timer, &pause), 0);
}

static void a_timer_counts_from_its_start(void **state)
{
	struct late late = {.loop = loop_new()};
	struct event *first = event_new(loop_base(late.loop), -1, 0, work_long, &late);

	(void)state;
	late.timer = event_new(loop_base(late.loop), -1, 0, fire, &late);
	assert_true(first && late.timer);
	event_active(first, EV_TIMEOUT, 0);
	assert_int_equal(loop_run(late.loop), 0);
	assert_true(late.fired - late.started >= 0.099);
	event_free(first);
	event_free(late.timer);
	loop_free(late.loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_from_many_threads),
		cmocka_unit_test(stop_before_run),
		cmocka_unit_test(a_timer_counts_from_its_start),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
