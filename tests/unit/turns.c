/* SPDX-License-Identifier: Apache-2.0 */
/* Turns on the control thread: one of each caller, in the order of each caller's own. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "vnf/core/loop.h"
#include "vnf/rpc/turns.h"

#define MOST 400

struct waiting {
	struct turn turn;
	char name; /* the caller's, and a number */
	unsigned int number;
};

static struct loop *loop;
static struct turns turns;
static struct waiting waiting[MOST];
static size_t posted;
static char order[MOST * 8];

static void run(struct turn *turn)
{
	const struct waiting *one = (const struct waiting *)turn;

	snprintf(order + strlen(order), 8, "%c%u ", one->name, one->number);
}

static void post(char caller, unsigned int number)
{
	struct waiting *one = &waiting[posted++];

	*one = (struct waiting){
		{.caller = caller == '0' ? NULL : (void *)(uintptr_t)caller, .run = run}, caller, number};
	turns_post(&turns, &one->turn);
}

static void turn_once(void)
{
	event_base_loop(loop_base(loop), EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	turns_init(&turns, loop);
	posted = 0;
	order[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	turns_destroy(&turns);
	loop_free(loop);
	return 0;
}

static void one_of_each(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		post('a', i);
	post('b', 0);
	post('0', 0);
	post('b', 1);
	while (turns.posted)
		turn_once();
	assert_string_equal(order, "a0 b0 00 a1 b1 a2 a3 ");
	post('a', 4);
	while (turns.posted)
		turn_once();
	assert_string_equal(order, "a0 b0 00 a1 b1 a2 a3 a4 ");
}

/* One that comes while another has hundreds waiting is next but one, whatever the others post meanwhile. */
static void nobody_waits_for_a_crowd(void **state)
{
	char expected[32];
	unsigned int ran = 0;

	(void)state;
	for (unsigned int i = 0; i < 300; i++)
		post('a', i);
	turn_once();
	for (const char *at = order; *at; at++)
		ran += *at == ' ';
	assert_in_range(ran, 1, TURNS_TOGETHER); /* the loop goes on after so many */
	post('z', 0);
	post('a', 300);
	while (turns.posted)
		turn_once();
	snprintf(expected, sizeof(expected), "a%u z0 ", ran);
	assert_non_null(strstr(order, expected));
	assert_non_null(strstr(order, "a299 a300 "));
}

static void slow(struct turn *turn)
{
	const struct timespec pause = {.tv_nsec = 2L * TURNS_US * 1000};

	run(turn);
	nanosleep(&pause, NULL);
}

static void large_ones_run_by_themselves(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		post('a', i);
		waiting[i].turn.run = slow;
	}
	turn_once();
	assert_string_equal(order, "a0 ");
	turn_once();
	assert_string_equal(order, "a0 a1 ");
}

static void again(struct turn *turn)
{
	run(turn);
	turn->run = run;
	turns_post(&turns, turn); /* as the next message of a stream does */
}

static void one_may_come_again(void **state)
{
	(void)state;
	post('a', 0);
	waiting[0].turn.run = again;
	post('b', 0);
	while (turns.posted)
		turn_once();
	assert_string_equal(order, "a0 b0 a0 ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(one_of_each),
		CASE(nobody_waits_for_a_crowd),
		CASE(large_ones_run_by_themselves),
		CASE(one_may_come_again),
	};

	return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
