/* SPDX-License-Identifier: Apache-2.0 */
/* heal over a driver with one replica, in a time that passes while heal waits: how long it lets pass before it starts
 * again what has ended, and before it looks again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <event2/event.h>

#include "orchestration/interrupt.h"
#include "orchestration/lifecycle.h"
#include "orchestration/readiness.h"

#define HANG_SECONDS  7
#define READY_SECONDS 5
#define ALWAYS	      1e9
#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))

/* Lengths of time, one after the other. */
struct times {
	double seconds[2000];
	size_t count;
};

struct span {
	double from, until;
};

static struct {
	double now, end;
	double lives[16]; /* for so long after each start, at last as [lasting]; 0: it cannot be started */
	size_t lasting;
	struct span mute;  /* it answers nothing */
	struct span blind; /* the driver sees nothing */

	bool running;
	double dies;	    /* when it will */
	double lost;	    /* when it last ended, or could not be started */
	double looked;	    /* when heal last did */
	struct times looks; /* from one to the next */
	struct times waits; /* from a loss to the next start */
	void (*died)(void *context);
	void *context;
} fake;

double __wrap_progress_now(void);
bool __wrap_interrupted(void);
int __wrap_event_add(struct event *event, const struct timeval *wait);
enum health __wrap_readiness_health(const struct instance *instance);
int __wrap_readiness_system(const struct instance *instance, struct readiness_system *system, struct error *error);
struct configuration *__wrap_lifecycle_read(const struct instance *instance, struct error *error);

static bool within(struct span span)
{
	return fake.now >= span.from && fake.now < span.until;
}

double __wrap_progress_now(void)
{
	return fake.now;
}

bool __wrap_interrupted(void)
{
	return fake.now >= fake.end;
}

static void lose(void)
{
	fake.running = false;
	fake.lost = fake.now;
	fake.died(fake.context);
}

/* Heal's wait, which ends at once: with its time, or with the driver's word that the VNF has ended before. */
int __wrap_event_add(struct event *event, const struct timeval *wait)
{
	double then = fake.now + (double)wait->tv_sec + (double)wait->tv_usec / 1e6;

	if (event_pending(event, EV_TIMEOUT, NULL))
		return 0; /* that word is there already */
	if (fake.running && fake.dies <= then) {
		fake.now = fake.dies;
		lose();
	} else {
		fake.now = then;
		event_active(event, EV_TIMEOUT, 0);
	}
	return 0;
}

enum health __wrap_readiness_health(const struct instance *instance)
{
	(void)instance;
	return within(fake.mute) ? HEALTH_NO_ANSWER : HEALTH_SERVING;
}

int __wrap_readiness_system(const struct instance *instance, struct readiness_system *system, struct error *error)
{
	(void)instance;
	(void)error;
	*system = (struct readiness_system){.revision = 1};
	snprintf(system->boot_id, sizeof(system->boot_id), "%zu", fake.waits.count);
	return 0;
}

struct configuration *__wrap_lifecycle_read(const struct instance *instance, struct error *error)
{
	(void)instance;
	(void)error;
	return NULL;
}

static void add(struct times *times, double seconds)
{
	assert_true(times->count < COUNT(times->seconds));
	times->seconds[times->count++] = seconds;
}

static int find(struct driver *driver, const char *vnf, struct instance_list *list, struct error *error)
{
	struct instance *instance;

	(void)driver;
	add(&fake.looks, fake.now - fake.looked);
	fake.looked = fake.now;
	if (within(fake.blind)) {
		error_add(error, ERROR_UNAVAILABLE, vnf, "the driver is away");
		return -1;
	}
	instance = instance_list_add(list);
	assert_non_null(instance);
	snprintf(instance->vnf, sizeof(instance->vnf), "%s", vnf);
	instance->letter = 'a';
	instance->running = fake.running;
	return 0;
}

static void start(void)
{
	double life = fake.lives[fake.waits.count < fake.lasting ? fake.waits.count : fake.lasting];

	fake.running = life > 0;
	fake.dies = fake.now + life;
}

static int restart(struct driver *driver, const struct spec *spec, struct instance *instance, struct error *error)
{
	(void)driver;
	(void)spec;
	(void)instance;
	add(&fake.waits, fake.now - fake.lost);
	start();
	if (fake.running)
		return 0;
	fake.lost = fake.now;
	error_add(error, ERROR_UNAVAILABLE, NULL, "not today");
	return -1;
}

static int end(struct driver *driver, const struct instance *instance, struct error *error)
{
	(void)driver;
	(void)instance;
	(void)error;
	lose();
	return 0;
}

static int watch(struct driver *driver, const struct instance *instance, void (*died)(void *context), void *context,
		 struct error *error)
{
	(void)driver;
	(void)instance;
	(void)error;
	fake.died = died;
	fake.context = context;
	return 0;
}

/* For so many seconds, with a replica that runs at first. */
static void heal_for(double seconds)
{
	const struct driver_ops ops = {.name = "fake",
				       .ready_seconds = READY_SECONDS,
				       .hang_seconds = HANG_SECONDS,
				       .find = find,
				       .restart = restart,
				       .kill = end,
				       .watch = watch};
	const struct spec spec = {.name.text = (char[]){"edge"}};
	struct lifecycle lifecycle = {.spec = &spec, .ops = &ops};
	struct event_base *base = event_base_new();
	struct error error = {0};

	assert_non_null(base);
	fake.end = seconds;
	start();
	assert_int_equal(lifecycle_heal(&lifecycle, base, false, &error), 0);
	event_base_free(base);
}

static void assert_times(const struct times *times, const double *expected, size_t count)
{
	assert_true(times->count >= count);
	for (size_t i = 0; i < count; i++) {
		if (fabs(times->seconds[i] - expected[i]) > 1e-6)
			fail_msg("%zu: after %g s, not %g s", i, times->seconds[i], expected[i]);
	}
}

static const double back_off[] = {0, 1, 2, 4, 8, 16, 32, 60, 60, 60};

static int begin(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	return 0;
}

static void what_keeps_ending_is_started_later_and_later(void **state)
{
	(void)state;
	fake.lives[0] = 0.5;
	heal_for(600);
	assert_times(&fake.waits, back_off, COUNT(back_off));
	assert_true(fake.waits.count <= 16);
}

/* Even where it ends in the moment of its start: looks are one a second, and at each end. */
static void what_ends_at_once_does_not_spin(void **state)
{
	(void)state;
	fake.lives[0] = 1e-9;
	heal_for(600);
	assert_times(&fake.waits, back_off, COUNT(back_off));
	assert_true(fake.looks.count <= 600 + 2 * fake.waits.count);
}

static void what_cannot_be_started_is_tried_later_and_later(void **state)
{
	(void)state;
	fake.lives[0] = 0.5;
	fake.lasting = 1;
	heal_for(600);
	assert_times(&fake.waits, back_off, COUNT(back_off));
}

static void a_steady_minute_forgets_earlier_ends(void **state)
{
	static const double lives[] = {0.5, 0.5, 0.5, 0.5, 55, 65, 0.5, ALWAYS}, expected[] = {0, 1, 2, 4, 8, 0, 1};

	(void)state;
	memcpy(fake.lives, lives, sizeof(lives));
	fake.lasting = COUNT(lives) - 1;
	heal_for(300);
	assert_times(&fake.waits, expected, COUNT(expected));
	assert_int_equal(fake.waits.count, COUNT(expected));
}

/* Hung or starting, it is ended when its time is over, and then it is one that has ended. */
static void what_never_answers_is_started_later_and_later(void **state)
{
	(void)state;
	fake.lives[0] = ALWAYS;
	fake.mute.until = ALWAYS;
	heal_for(600);
	assert_times(&fake.waits, back_off, COUNT(back_off));
}

static void a_driver_that_sees_nothing_is_asked_later_and_later(void **state)
{
	static const double expected[] = {0, 1, 1, 1, 2, 4, 8, 16, 30, 30, 30, 1, 1};

	(void)state;
	fake.lives[0] = ALWAYS;
	fake.blind = (struct span){2, 100};
	fake.mute = (struct span){2, 126};
	heal_for(200);
	assert_times(&fake.looks, expected, COUNT(expected));
	assert_int_equal(fake.waits.count, 0); /* whom nobody asked is not hung */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_keeps_ending_is_started_later_and_later, begin),
		cmocka_unit_test_setup(what_ends_at_once_does_not_spin, begin),
		cmocka_unit_test_setup(what_cannot_be_started_is_tried_later_and_later, begin),
		cmocka_unit_test_setup(a_steady_minute_forgets_earlier_ends, begin),
		cmocka_unit_test_setup(what_never_answers_is_started_later_and_later, begin),
		cmocka_unit_test_setup(a_driver_that_sees_nothing_is_asked_later_and_later, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
