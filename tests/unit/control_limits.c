/* SPDX-License-Identifier: Apache-2.0 */
/* What no longer fits: the tables' maxima, and that everything can be used again after it was given up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"

/* "line%d" for numbers first..last, and a NULL. */
static char **numbered(const char *format, int first, int last)
{
	char **lines = calloc((size_t)(last - first) + 2, sizeof(*lines)), text[256];

	for (int i = first; i <= last; i++) {
		snprintf(text, sizeof(text), format, i, i, i);
		lines[i - first] = strdup(text);
	}
	return lines;
}

static void free_lines(char **lines)
{
	for (size_t i = 0; lines[i]; i++)
		free(lines[i]);
	free(lines);
}

static void test_table_maximum(void **state)
{
	struct fixture fixture;
	char **lines = numbered("upsert vrf name=v%d", 1, 4096), **gone = numbered("delete vrf name=v%d", 1, 4096);

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, (const char *const *)lines);
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "",
		    "vrfs: 4097 needed, the limit is 4096: raise limits.max_vrfs in sluiced.yaml, and restart sluiced",
		    LINES("upsert vrf name=more"));
	must_apply(&fixture, LINES("delete vrf name=v7"));
	must_apply(&fixture, LINES("upsert vrf name=more"));
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "", "delete first, then create",
		    LINES("delete vrf name=v8", "upsert vrf name=evenmore"));
	/* All ids come back once the commit has settled. */
	must_apply(&fixture, LINES("delete vrf name=more"));
	must_apply(&fixture, (const char *const *)gone);
	must_apply(&fixture, (const char *const *)lines);
	free_lines(lines);
	free_lines(gone);
	fixture_free(&fixture);
}

static void test_route_maximum(void **state)
{
	struct fixture fixture;

	(void)state;
	fake_limits.routes = 2;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("upsert vrf name=v", "upsert next_hop name=d discard=",
				   "upsert next_hop_group name=g members[0].next_hop=d",
				   "upsert route vrf=v prefix=10.0.0.0/8 next_hop_group=g",
				   "upsert route vrf=v prefix=2001:db8::/32 next_hop_group=g"));
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "",
		    "routes: 3 needed, the limit is 2: raise limits.max_routes in sluiced.yaml, and restart sluiced",
		    LINES("upsert route vrf=v prefix=10.0.0.0/9 next_hop_group=g"));
	fixture_free(&fixture);
	fake_limits.routes = DP_MAX_ROUTES - 1;
}

static void test_vrf_classifiers(void **state)
{
	struct fixture fixture;
	char **lines = numbered("upsert flow_classifier name=f%d vrf=red priority=%d", 1, 254);

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture,
		   LINES("upsert vrf name=red", "upsert vrf name=blue", "upsert interface name=in vrf=red",
			 "upsert interface name=out vrf=red", "upsert port_pair name=p1 ingress=in egress=out",
			 "upsert port_pair_group name=s1 port_pairs[0]=p1",
			 "upsert flow_classifier name=web vrf=red protocol=6",
			 "upsert flow_classifier name=rest vrf=red priority=9",
			 "upsert port_chain name=c1 flow_classifiers[0]=web port_pair_groups[0]=s1"));
	must_apply(&fixture, (const char *const *)lines); /* 256 with the two above */
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "changes[0].resource.flow_classifier.vrf",
		    "257 flow classifiers", LINES("upsert flow_classifier name=more vrf=red"));
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "changes[0].resource.port_chain.flow_classifiers",
		    "the limit is 256",
		    LINES("upsert port_chain name=c1 flow_classifiers[0]=web port_pair_groups[0]=s1 symmetric=1"));
	must_apply(&fixture, LINES("upsert flow_classifier name=more vrf=blue"));
	free_lines(lines);
	fixture_free(&fixture);
}

/* All are counted, and the first ones name who uses them; the others cost no search. */
static void test_many_in_use(void **state)
{
	struct fixture fixture;
	struct error error = {0};
	char **vrfs = numbered("upsert vrf name=v%d", 1, 1000), **gone = numbered("delete vrf name=v%d", 1, 1000);
	char **interfaces = numbered("upsert interface name=i%d device=d%d vrf=v%d", 1, 1000);

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, (const char *const *)vrfs);
	must_apply(&fixture, (const char *const *)interfaces);
	assert_null(apply(&fixture, &error, (const char *const *)gone));
	assert_int_equal(error.code, ERROR_FAILED_PRECONDITION);
	assert_int_equal(error.count, 1000);
	assert_string_equal(error.fault[0].message,
			    "VRF \"v1\" is in use: interface \"i1\" refers to it: delete what refers to it first");
	assert_string_equal(error.fault[15].field, "changes[15].resource");
	assert_non_null(strstr(error.fault[15].message, "interface \"i16\""));
	free_lines(vrfs);
	free_lines(interfaces);
	free_lines(gone);
	fixture_free(&fixture);
}

/* An operation on 6,000 routes; `step` and 6,000 have no common divisor, so it says in which order. */
static char **routes(const char *operation, unsigned int step)
{
	char **lines = calloc(6001, sizeof(*lines)), text[128];

	for (unsigned int i = 0; i < 6000; i++) {
		unsigned int n = i * step % 6000;

		snprintf(text, sizeof(text), "%s route vrf=%s prefix=10.%u.%u.0/24 next_hop_group=g", operation,
			 n % 2 ? "v" : "w", n / 256, n % 256);
		lines[i] = strdup(text);
	}
	return lines;
}

/* Everything that is listed once they were made in one commit, and all but those of 10.0.0.0/16 deleted in another. */
static char *dump_routes(unsigned int step)
{
	char **made = routes("create", step), **gone = routes("delete", step), *text;
	struct fixture fixture;

	for (size_t i = 0; gone[i]; i++)
		if (strstr(gone[i], "prefix=10.0.")) { /* those stay */
			free(gone[i]);
			gone[i] = strdup("upsert vrf name=v");
		}
	fixture_new(&fixture);
	fake_program.uncounted = true; /* by id, and ids are given in the order of the changes */
	must_apply(&fixture, LINES("upsert vrf name=v", "upsert vrf name=w", "upsert next_hop name=d discard=",
				   "upsert next_hop_group name=g members[0].next_hop=d"));
	must_apply(&fixture, (const char *const *)made);
	must_apply(&fixture, (const char *const *)gone);
	text = dump(&fixture);
	free_lines(made);
	free_lines(gone);
	fixture_free(&fixture);
	return text;
}

/* Many changes go into the maps in another order than they have. */
static void test_order_of_many(void **state)
{
	char *in_order = dump_routes(1), *mixed = dump_routes(4099), *backwards = dump_routes(5999);

	(void)state;
	assert_non_null(strstr(in_order, " v/10.0.255.0/24 "));
	assert_null(strstr(in_order, "/10.1."));
	assert_string_equal(in_order, mixed);
	assert_string_equal(in_order, backwards);
	free(in_order);
	free(mixed);
	free(backwards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_maximum),	cmocka_unit_test(test_many_in_use),
		cmocka_unit_test(test_order_of_many),	cmocka_unit_test(test_route_maximum),
		cmocka_unit_test(test_vrf_classifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
