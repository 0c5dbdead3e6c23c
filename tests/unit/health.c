/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts by themselves: what is a fact, what is kept over a restart, and what memory that runs out leaves. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing.h"
#include "vnf/reconcile/health.h"

static struct health_targets *health;

static int setup(void **state)
{
	(void)state;
	health = health_targets_new();
	return health ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fail_in = 0;
	health_targets_free(health);
	return 0;
}

static struct health_key key(const char *name)
{
	return (struct health_key){RESOURCE_MEMBER, "pool", name};
}

static int set(const char *name, uint32_t row)
{
	return health_set_target(health, &(struct health_target){.key = key(name),
								 .row_kind = RESOURCE_MEMBER,
								 .row = row,
								 .monitor = "m",
								 .vrf = "red",
								 .port = 80});
}

static void on_changed(void *context)
{
	(*(unsigned int *)context)++;
}

/* Of all targets the one with this name. */
static uint64_t id_of(const char *name)
{
	struct health_target target;
	unsigned int calls = 0;
	uint64_t id, found = 0;

	assert_int_equal(health_listen(health, on_changed, &calls), 0);
	while (health_take(health, &id, &target))
		if (strcmp(target.key.name, name) == 0)
			found = id;
	assert_int_equal(health_listen(health, NULL, NULL), 0);
	return found;
}

static bool is_up(const char *name)
{
	const struct health_key wanted = key(name);

	return health_is_up(health, &wanted);
}

static bool say(uint64_t id, bool up, uint16_t factor, const char *detail, struct facts *facts)
{
	struct health_verdict verdict = {.up = up, .weight_factor = factor, .latency = 70};

	snprintf(verdict.detail, sizeof(verdict.detail), "%s", detail);
	return health_report(health, id, &verdict, facts);
}

static void only_news_are_facts(void **state)
{
	struct facts facts = {0};
	struct health_verdict verdict;
	const struct health_key a = key("a");
	uint64_t id;

	(void)state;
	assert_int_equal(set("a", 7), 0);
	assert_int_equal(set("b", 8), 0);
	assert_int_equal(id_of("a"), 0); /* not before the run is over */
	health_finish(health, false);
	id = id_of("a");
	assert_false(health_facts(health, &a, &verdict));
	assert_false(say(id, true, 1000, "", &facts));
	assert_int_equal(facts.count, 0);
	assert_true(health_facts(health, &a, &verdict));
	assert_int_equal(verdict.latency, 70);
	assert_true(say(id, false, 1000, "refused", &facts));
	assert_int_equal(facts.count, 1);
	assert_int_equal(facts.fact[0].kind, FACT_HEALTH);
	assert_int_equal(facts.fact[0].resource, RESOURCE_MEMBER);
	assert_int_equal(facts.fact[0].ifindex, 7);
	assert_false(say(id, false, 1000, "timed out", &facts));
	assert_true(health_facts(health, &a, &verdict));
	assert_string_equal(verdict.detail, "timed out");
	assert_false(is_up("a"));
	assert_true(is_up("b"));
	assert_true(say(id, true, 900, "", &facts));
	assert_int_equal(health_weight_factor(health, &a), 900);
	assert_int_equal(health_unset_target(health, &a), 0);
	health_finish(health, false);
	assert_int_equal(health_weight_factor(health, &a), 1000);
	assert_false(say(id, false, 1000, "too late", &facts));
	assert_true(health_knows(health, id));
	/* Its place is another one's now, which has an id of its own. */
	assert_int_equal(set("a", 9), 0);
	health_finish(health, false);
	assert_int_not_equal(id_of("a"), id);
	assert_false(say(id, false, 1000, "too late", &facts));
	assert_true(is_up("a"));
	facts_free(&facts);
}

/* Targets that come again keep what was said of them. */
static void a_restart_keeps_verdicts(void **state)
{
	struct facts facts = {0};
	struct health_verdict verdict;
	const struct health_key a = key("a b"), c = key("c");
	size_t size;
	char *text;

	(void)state;
	assert_int_equal(set("a b", 7), 0);
	assert_int_equal(set("c", 8), 0);
	assert_int_equal(set("d", 9), 0);
	assert_int_equal(set("e", 10), 0);
	health_finish(health, false);
	say(id_of("a b"), false, 1000, "connection refused", &facts);
	say(id_of("c"), true, 800, "", &facts);
	say(id_of("d"), true, 1000, "", &facts);
	say(id_of("e"), false, 1000, "", &facts);
	text = health_write_text(health, &size);
	assert_non_null(text);
	assert_string_equal(text, "sluice health 1\n23/pool/a b\tdown\t1000\tconnection refused\n23/pool/c\tup\t800\t\n"
				  "23/pool/e\tdown\t1000\t\n");
	health_targets_free(health);
	health = health_targets_new();
	assert_int_equal(health_read_text(health, text, size), 0);
	free(text);
	assert_false(is_up("a b")); /* at once, for the first run */
	assert_int_equal(id_of("a b"), 0);
	assert_int_equal(set("a b", 3), 0);
	assert_int_equal(set("c", 4), 0);
	health_finish(health, false);
	assert_false(is_up("a b"));
	assert_int_equal(health_weight_factor(health, &c), 800);
	assert_true(is_up("e")); /* it is no target any more */
	assert_true(health_facts(health, &a, &verdict));
	assert_string_equal(verdict.detail, "connection refused");
	facts_free(&facts);
}

static void damage_is_told(void **state)
{
	static const char *const wrong[] = {
		"",
		"sluice health 2\n",
		"sluice health 1\n23/p/a",
		"sluice health 1\n23/p/a\tdown\t1000\tx",
		"sluice health 1\n23/p/a\tdown\t1000\n",
		"sluice health 1\n23/p/a\tlame\t1000\tx\n",
		"sluice health 1\n23/p/a\tdown\t1001\tx\n",
		"sluice health 1\n23/p/a\tdown\t\tx\n",
		"sluice health 1\n23/p/a\tdown\t1000\tx\n\n",
		"sluice health 1\n23/p/a\tdown\t1000\tx\n23/p/a\tup\t10\tx\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(health_read_text(health, wrong[i], strlen(wrong[i])), -EINVAL);
		assert_true(health_is_up(health, &(struct health_key){RESOURCE_MEMBER, "p", "a"}));
	}
}

static void a_listener_has_all_and_then_what_changes(void **state)
{
	struct health_target target;
	unsigned int calls = 0;
	uint64_t id, first = 0;
	char name[8];
	size_t count;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		assert_int_equal(set(name, i + 1), 0);
	}
	health_finish(health, false);
	assert_int_equal(health_listen(health, on_changed, &calls), 0);
	for (count = 0; health_take(health, &id, &target); count++)
		first = strcmp(target.key.name, "m0") == 0 ? id : first;
	assert_int_equal(count, 1000);
	assert_int_equal(calls, 0);
	assert_int_equal(set("m0", 1), 0);
	assert_int_equal(health_unset_target(health, &(struct health_key){RESOURCE_MEMBER, "pool", "m1"}), 0);
	assert_int_equal(health_unset_target(health, &(struct health_key){RESOURCE_MEMBER, "pool", "nobody"}), 0);
	health_finish(health, false);
	assert_int_equal(calls, 1);
	assert_true(health_take(health, &id, &target));
	assert_int_equal(id, first);
	assert_string_equal(target.key.name, "m0");
	assert_true(health_take(health, &id, &target));
	assert_null(target.monitor);
	assert_false(health_take(health, &id, &target));
}

static void memory_that_runs_out_fails_the_run(void **state)
{
	unsigned int failed = 0;
	char name[8];

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		int error;

		snprintf(name, sizeof(name), "m%u", i % 50);
		fail_in = 1 + i % 23;
		error = set(name, 1);
		error |= i % 3 ? 0 : health_unset_target(health, &(struct health_key){RESOURCE_MEMBER, "pool", name});
		fail_in = 0;
		assert_true(!error || error == -ENOMEM);
		failed += error != 0;
		health_finish(health, error);
	}
	assert_true(failed > 10);
	assert_true(is_up("m1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_news_are_facts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_restart_keeps_verdicts, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_listener_has_all_and_then_what_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_that_runs_out_fails_the_run, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
