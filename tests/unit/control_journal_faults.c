/* SPDX-License-Identifier: Apache-2.0 */
/* The control plane with a journal whose disk or memory fails, or that is killed: what was acknowledged stays, what was
 * refused changes nothing but the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_journal_fixture.h"
#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

static Sluice__V1__GetSystemResponse *get_system(void)
{
	Sluice__V1__GetSystemResponse *system = message_new(&sluice__v1__get_system_response__descriptor);
	struct error error = {0};

	assert_int_equal(control_system(fixture.control, system, &error), 0);
	assert_non_null(system->journal);
	return system;
}

/* Killed at each call to the disk, in the middle of each write: acknowledged is there, anything else is whole. */
static void test_killed_at_each_call(void **state)
{
	bool again = true;

	(void)state;
	must_apply(&fixture, base);
	for (unsigned int n = 1; again; n++)
		for (size_t torn = 0; torn < 120; torn += 17) {
			static const char *const changes[] = {"delete route vrf=red prefix=10.0.0.0/8",
							      "upsert vrf name=red router_mac=02:00:00:00:00:77",
							      "upsert route vrf=red prefix=10.0.0.0/9 next_hop_group=g",
							      NULL};
			char *before = view(), *after;
			struct error error;
			bool done;

			failing_disk = (struct failing_disk){.in = n, .error = 5, .torn = torn, .all = 1};
			done = !apply_as("test", 0, changes, &error);
			again = failing_disk.failed > 0;
			assert_int_equal(done, !again);
			kill_control();
			open_control();
			after = view();
			if (done)
				assert_string_not_equal(before, after);
			else if (strcmp(before, after) != 0)
				assert_non_null(strstr(after, "red/10.0.0.0/9"));
			free(before);
			free(after);
			must_apply(&fixture, LINES("upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g",
						   "upsert vrf name=red"));
			(void)apply_as("test", 0, LINES("delete route vrf=red prefix=10.0.0.0/9"), &error);
		}
}

/* A disk that fails once refuses one commit, clearly, and nothing changes; that fails for good, all. */
static void test_disk_fails(void **state)
{
	static const struct {
		int error;
		const char *remedy;
	} cases[] = {{28, "free space there"}, {30, "writable again"}, {5, "replace it"}};

	(void)state;
	must_apply(&fixture, base);
	for (size_t i = 0; i < 3; i++)
		for (unsigned int n = 1; n <= 2; n++) {
			char *before = view(), name[48];
			unsigned int commits = fake_program.commits;
			Sluice__V1__GetSystemResponse *system;
			struct error error;

			snprintf(name, sizeof(name), "upsert vrf name=v%zu-%u", i, n);
			failing_disk = (struct failing_disk){.in = n, .error = cases[i].error, .all = 1, .torn = 30};
			for (int time = 0; time < 3; time++) {
				assert_int_equal(apply_as("test", time % 3, LINES(name), &error), ERROR_UNAVAILABLE);
				assert_non_null(strstr(error.fault[0].message, cases[i].remedy));
				assert_non_null(strstr(error.fault[0].message, "nothing was changed"));
				if (n == 2) /* a volatile one does not wait for the second call */
					break;
			}
			system = get_system();
			assert_non_null(strstr(system->journal->fault, cases[i].remedy));
			message_free(system);
			assert_int_equal(fake_program.commits, commits);
			assert_same_view(before);
			failing_disk = (struct failing_disk){0};
			fixture.control->committer.recorder.mend_ms = 0;
			must_apply(&fixture, LINES(name));
			system = get_system();
			assert_string_equal(system->journal->fault, "");
			assert_int_equal(system->journal->durable_revision, system->revision);
			message_free(system);
			before = view();
			restart();
			assert_same_view(before);
		}
}

static bool healthy(struct fixture *with)
{
	return atomic_load(&with->control->committer.recorder.failure) == 0;
}

/* Nobody has to write for it to be seen that the disk is well again. */
static void test_found_well_again(void **state)
{
	struct error error;

	(void)state;
	failing_disk = (struct failing_disk){.in = 1, .error = 5, .all = 1};
	assert_int_equal(apply_as("test", 0, LINES("upsert vrf name=a"), &error), ERROR_UNAVAILABLE);
	assert_false(healthy(&fixture));
	failing_disk = (struct failing_disk){0};
	fixture_wait(&fixture, healthy);
	must_apply(&fixture, LINES("upsert vrf name=a"));
}

/* Every allocation of the start fails in turn: refused, and the next one finds everything. */
static void test_memory(void **state)
{
	unsigned int n = 1;
	char *before;

	(void)state;
	must_apply(&fixture, base);
	before = view();
	kill_control();
	for (bool again = true; again; n++) {
		struct error error = {0};
		bool known;
		int result;

		fixture_new(&fixture);
		fail_in = n;
		result = control_restore(fixture.control, directory, &known, &error);
		again = fail_in == 0;
		fail_in = 0;
		assert_true(again || !result); /* some can be done without */
		assert_true(!result || error.count);
		if (again)
			fixture_free(&fixture);
	}
	assert_true(n > 30);
	assert_same_view(before);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, journal_set_up, journal_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_killed_at_each_call),
		CASE(test_disk_fails),
		CASE(test_found_well_again),
		CASE(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
