/* SPDX-License-Identifier: Apache-2.0 */
/* How long durable commits wait for each other: for as many as went together, never longer than a sync, and never where
 * nobody else is about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include "control_journal_fixture.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/writer.h"

#define WRITES 64

/* A write that was handed in. */
struct waiting {
	struct control_answer answer;
	Sluice__V1__ApplyChangesRequest *request;
	Sluice__V1__ApplyChangesResponse *response;
	struct error error;
	bool answered;
};

static struct waiting waiting[WRITES];
static unsigned int submitted;

static void on_answer(struct control_answer *answer)
{
	((struct waiting *)answer)->answered = true;
}

static struct waiting *submit(Sluice__V1__Durability durability)
{
	struct waiting *write = &waiting[submitted];
	char line[48];

	assert_true(submitted < WRITES);
	snprintf(line, sizeof(line), "upsert vrf name=v%u", submitted++);
	*write = (struct waiting){.answer = {.done = on_answer}, .request = changes_of("test", LINES(line))};
	write->request->options->durability = durability;
	write->response = message_new(&sluice__v1__apply_changes_response__descriptor);
	control_submit_apply(fixture.control, write->request, write->response, &write->error, &write->answer);
	return write;
}

static int tear_down(void **state)
{
	for (unsigned int i = 0; i < submitted; i++) {
		assert_true(waiting[i].answered);
		assert_non_null(waiting[i].response->result);
		message_free(waiting[i].request);
		message_free(waiting[i].response);
	}
	submitted = 0;
	return journal_tear_down(state);
}

static struct gather *gather(void)
{
	return &fixture.control->committer.gather;
}

static void set_sync_us(uint64_t micros)
{
	fixture.control->committer.recorder.sync_us = micros;
}

/* However slow this machine is, the time is not over before the test has gone on. */
static void stretch_timer(void)
{
	const struct itimerspec later = {.it_value = {.tv_sec = 1000}};

	assert_int_equal(timerfd_settime(gather()->fd, 0, &later, NULL), 0);
}

static bool last_answered(struct fixture *with)
{
	(void)with;
	return waiting[submitted - 1].answered;
}

static void test_alone_never_waits(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		struct waiting *write = submit(0);

		set_sync_us(GATHER_LONGEST);
		fixture_turn(&fixture);
		assert_true(write->answered);
		assert_false(gather()->waiting);
	}
}

static void test_waits_for_the_others(void **state)
{
	unsigned int flips;

	(void)state;
	submit(0);
	submit(0);
	fixture_turn(&fixture);
	assert_true(last_answered(&fixture));
	assert_int_equal(gather()->want, 3);
	/* One by one, and one flip for all of them once the third is there. */
	set_sync_us(GATHER_LONGEST);
	flips = fake_program.commits;
	for (int i = 0; i < 2; i++) {
		submit(0);
		fixture_turn(&fixture);
		assert_false(last_answered(&fixture));
		assert_true(gather()->waiting);
		stretch_timer();
	}
	submit(0);
	fixture_turn(&fixture);
	for (unsigned int i = 0; i < submitted; i++)
		assert_true(waiting[i].answered);
	assert_int_equal(fake_program.commits, flips + 1);
	assert_false(gather()->waiting);
	assert_int_equal(gather()->want, 4);
}

/* What does not come is waited for once; then not for a while. */
static void test_nobody_comes(void **state)
{
	(void)state;
	submit(0);
	submit(0);
	fixture_turn(&fixture);
	set_sync_us(2000);
	submit(0);
	fixture_turn(&fixture);
	assert_false(last_answered(&fixture));
	fixture_wait(&fixture, last_answered);
	assert_int_equal(gather()->want, 1);
	for (int i = 0; i < GATHER_PAUSE; i++) {
		set_sync_us(GATHER_LONGEST);
		submit(0);
		submit(0);
		fixture_turn(&fixture);
		assert_true(last_answered(&fixture));
		assert_int_equal(gather()->want, 2);
	}
	submit(0);
	submit(0);
	fixture_turn(&fixture);
	assert_int_equal(gather()->want, 3);
}

/* Those that nobody waits for to be durable do not wait for others; and who looks at the state waits for nobody. */
static void test_not_durable(void **state)
{
	(void)state;
	submit(0);
	submit(0);
	fixture_turn(&fixture);
	set_sync_us(GATHER_LONGEST);
	submit(SLUICE__V1__DURABILITY__DURABILITY_VOLATILE);
	fixture_turn(&fixture);
	assert_true(last_answered(&fixture));
	assert_int_equal(gather()->want, 3);
	submit(0);
	fixture_turn(&fixture);
	assert_false(last_answered(&fixture));
	writer_flush(fixture.control);
	assert_true(last_answered(&fixture));
	assert_false(gather()->waiting);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, journal_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_alone_never_waits),
		CASE(test_waits_for_the_others),
		CASE(test_nobody_comes),
		CASE(test_not_durable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
