/* SPDX-License-Identifier: Apache-2.0 */
/* What a commit would do to connections, as a dry run asks while everything is in the idle bank. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler_fixture.h"
#include "vnf/core/error.h"
#include "vnf/features/policy/policy.h"
#include "vnf/reconcile/blast_radius.h"

#define SETS 16

static struct dp_connection_set4 set4[SETS];
static struct dp_connection_head head;
static uint32_t connections;
static struct policy_rule *made[16];
static size_t made_count;

static int set_up(void **state)
{
	int error = reconciler_set_up(state);

	memset(set4, 0, sizeof(set4));
	connections = 0;
	fake_connections = (struct connection_tables){.set4 = set4, .sets4 = SETS, .head = &head};
	return error;
}

static int tear_down(void **state)
{
	int error = reconciler_tear_down(state);

	while (made_count)
		free(made[--made_count]);
	return error;
}

static struct policy_rule *make(const char *name, uint16_t priority, uint8_t access, bool stateful)
{
	struct policy_rule *rule = calloc(1, sizeof(*rule));

	assert_non_null(rule);
	assert_true(made_count < sizeof(made) / sizeof(*made));
	made[made_count++] = rule;
	rule->resource.kind = RESOURCE_POLICY_RULE;
	rule->resource.self = fake_name(RESOURCE_POLICY_RULE, name);
	rule->vrf = fake_name(RESOURCE_VRF, "red");
	rule->priority = priority;
	rule->action = SLUICE__V1__POLICY_RULE__ACTION_ACCESS;
	rule->what = access;
	rule->stateful = stateful;
	rule->match.source.ports = rule->match.destination.ports = (struct policy_ports){0, 65535};
	return rule;
}

static struct policy_rule *make_of_port(const char *name, uint16_t priority, uint8_t access, uint16_t port)
{
	struct policy_rule *rule = make(name, priority, access, access == SLUICE__V1__ACCESS__ACCESS_ALLOW);

	rule->match.protocol = IPPROTO_TCP;
	rule->match.destination.ports = (struct policy_ports){port, port};
	return rule;
}

/* An established TCP connection from 10.0.0.1 to a port of 10.0.0.2 in "red", let in by the rule. */
static void connection(const char *name, uint16_t port, uint32_t flags)
{
	uint32_t low = htonl(0x0a000001), high = htonl(0x0a000002);
	uint64_t vrf = fake_id(RESOURCE_VRF, "red");
	struct dp_connection4 *entry = &set4[connections / DP_CONNECTION_WAYS].way[connections % DP_CONNECTION_WAYS];

	connections++;
	entry->ends = (uint64_t)low << 32 | high;
	entry->connection.rest = (40000 + connections) | (uint64_t)port << 16 | vrf << 32 | (uint64_t)IPPROTO_TCP << 48;
	entry->connection.note = fake_id(RESOURCE_POLICY_RULE, name);
	entry->connection.life = dp_connection_life(conntrack_now(), DP_CONNECTION_ESTABLISHED, flags, 1);
}

static int measure(void *context, struct error *error)
{
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "a rehearsal");
	return reconciler_blast_radius(reconciler, context) ? -ENOMEM : -ECANCELED;
}

/* Of the changes that have been made, which are taken back. */
static struct blast_radius rehearse(void)
{
	struct blast_radius radius = {0};
	const struct reconciler_gate gate = {measure, &radius};

	commit_gate = &gate;
	assert_int_equal(commit(), -ECANCELED);
	commit_gate = NULL;
	return radius;
}

static void expect(const struct blast *row, const char *name, uint64_t denied, uint64_t reset, uint64_t moved,
		   uint64_t released, uint64_t kept)
{
	assert_string_equal(row->vrf_name, "red");
	assert_string_equal(row->rule_name, name);
	assert_int_equal(row->denied, denied);
	assert_int_equal(row->reset, reset);
	assert_int_equal(row->moved, moved);
	assert_int_equal(row->released, released);
	assert_int_equal(row->kept, kept);
}

static void allow_web_and_mail(void)
{
	change(&make_of_port("web", 5, SLUICE__V1__ACCESS__ACCESS_ALLOW, 80)->resource);
	change(&make_of_port("mail", 5, SLUICE__V1__ACCESS__ACCESS_ALLOW, 25)->resource);
	change(&make("rest", 9, SLUICE__V1__ACCESS__ACCESS_DENY, false)->resource);
	assert_int_equal(commit(), 0);
	connection("web", 80, 0);
	connection("web", 80, DP_CONNECTION_PINNED);
	connection("mail", 25, 0);
}

/* A rule that goes ends what it let in, but not what is pinned; another rule's connections stay. */
static void a_rule_goes(void **state)
{
	struct blast_radius radius;

	(void)state;
	allow_web_and_mail();
	withdraw(RESOURCE_POLICY_RULE, "web");
	radius = rehearse();
	assert_int_equal(radius.count, 2);
	expect(&radius.row[0], "web", 1, 0, 0, 0, 1);
	expect(&radius.row[1], "mail", 0, 0, 0, 0, 1);
	blast_radius_free(&radius);
	assert_as_compiled_anew();
}

/* A better rule takes them over, or wants them to begin anew. */
static void another_rule(void **state)
{
	struct policy_rule *all = make("all", 1, SLUICE__V1__ACCESS__ACCESS_ALLOW, true);
	struct policy_rule *reset = make_of_port("reset", 0, SLUICE__V1__ACCESS__ACCESS_ALLOW, 25);
	struct blast_radius radius;

	(void)state;
	allow_web_and_mail();
	reset->established = SLUICE__V1__ESTABLISHED__ESTABLISHED_RESET;
	change(&all->resource);
	change(&reset->resource);
	radius = rehearse();
	assert_int_equal(radius.count, 2);
	expect(&radius.row[0], "mail", 0, 1, 0, 0, 0);
	expect(&radius.row[1], "web", 0, 0, 1, 0, 1);
	blast_radius_free(&radius);
}

/* Without a rule that follows them they pass each for itself. */
static void no_rules(void **state)
{
	struct blast_radius radius;

	(void)state;
	allow_web_and_mail();
	withdraw(RESOURCE_POLICY_RULE, "web");
	withdraw(RESOURCE_POLICY_RULE, "mail");
	withdraw(RESOURCE_POLICY_RULE, "rest");
	radius = rehearse();
	assert_int_equal(radius.count, 2);
	expect(&radius.row[0], "web", 0, 0, 0, 1, 1);
	expect(&radius.row[1], "mail", 0, 0, 0, 1, 0);
	blast_radius_free(&radius);
}

/* What only packets tell is what the rule asked for that let them in. */
static void facts_of_the_way(void **state)
{
	struct policy_rule *marked = make_of_port("marked", 5, SLUICE__V1__ACCESS__ACCESS_ALLOW, 80);
	struct blast_radius radius;

	(void)state;
	marked->match.has_dscp = true;
	marked->match.dscp = 46;
	change(&marked->resource);
	change(&make("rest", 9, SLUICE__V1__ACCESS__ACCESS_DENY, false)->resource);
	assert_int_equal(commit(), 0);
	connection("marked", 80, 0);
	change(&make_of_port("mail", 5, SLUICE__V1__ACCESS__ACCESS_ALLOW, 25)->resource);
	radius = rehearse();
	assert_int_equal(radius.count, 1);
	expect(&radius.row[0], "marked", 0, 0, 0, 0, 1);
	blast_radius_free(&radius);
}

/* A commit without rules looks at no connection. */
static void other_changes(void **state)
{
	struct blast_radius radius;

	(void)state;
	allow_web_and_mail();
	withdraw_route("red", "10.0.0.0/8");
	radius = rehearse();
	assert_int_equal(radius.count, 0);
	blast_radius_free(&radius);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_rule_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_rule, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(facts_of_the_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_changes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
