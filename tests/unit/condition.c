/* SPDX-License-Identifier: Apache-2.0 */
/* A wait lasts as long as the monotonic clock says, and ends at once where its time is past. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;

static int wait_until(uint64_t until_ms)
{
	int result;

	pthread_mutex_lock(&lock);
	do
		result = condition_wait_until(&condition, &lock, until_ms);
	while (!result); /* woken for no reason */
	pthread_mutex_unlock(&lock);
	return result;
}

static void lasts(void **state)
{
	const uint64_t until = monotonic_ms() + 30;

	(void)state;
	assert_int_equal(wait_until(until), ETIMEDOUT);
	assert_true(monotonic_ms() >= until);
}

/* The time since 1970, taken for a time of this clock, would be decades away: the test would not end. */
static void is_over(void **state)
{
	const uint64_t before = monotonic_ms();

	(void)state;
	assert_int_equal(wait_until(before), ETIMEDOUT);
	assert_int_equal(wait_until(0), ETIMEDOUT);
	assert_true(monotonic_ms() < before + 10000);
}

static void *signal_it(void *context)
{
	bool *signalled = context;

	pthread_mutex_lock(&lock);
	*signalled = true;
	pthread_cond_signal(&condition);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void is_signalled(void **state)
{
	const uint64_t until = monotonic_ms() + 60000;
	bool signalled = false;
	pthread_t thread;
	int result = 0;

	(void)state;
	pthread_mutex_lock(&lock);
	assert_int_equal(pthread_create(&thread, NULL, signal_it, &signalled), 0);
	while (!signalled && !result)
		result = condition_wait_until(&condition, &lock, until);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	assert_true(signalled);
	assert_int_equal(result, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lasts),
		cmocka_unit_test(is_over),
		cmocka_unit_test(is_signalled),
	};

	condition_init(&condition);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
