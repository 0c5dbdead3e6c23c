/* SPDX-License-Identifier: Apache-2.0 */
/* What the mirror hands out becomes resources, which are nobody's but their source's, and goes with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture_mirror.h"
#include "control_journal_fixture.h"
#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

/* Device eth0 has the number 1, eth1 the number 2. */
static const char *const router[] = {
	"upsert vrf name=red",
	"upsert vrf name=under",
	"upsert interface name=up device=eth0 vrf=red",
	"upsert next_hop name=gw gateway.interface=up gateway.address=10.9.0.9",
	"upsert next_hop_group name=g members[0].next_hop=gw",
	"upsert route_source name=bgp vrf=red table=100 protocols[0].protocol=186 protocols[0].preference=20 "
	"underlay_vrf=under",
	NULL,
};

static struct source_hop hops[] = {
	{.kind = SOURCE_HOP_GATEWAY, .ifindex = 1, .gateway = {4, {10, 9, 0, 2}}, .weight = 1},
	{.kind = SOURCE_HOP_GATEWAY, .ifindex = 2, .gateway = {4, {10, 8, 0, 2}}, .weight = 3},
	{.kind = SOURCE_HOP_BLACKHOLE, .weight = 1},
	{.kind = SOURCE_HOP_TUNNEL,
	 .local = {4, {192, 0, 2, 1}},
	 .remote = {4, {192, 0, 2, 2}},
	 .vni = 100,
	 .udp_port = 4789,
	 .mac = {2, 0, 0, 0, 0, 9},
	 .weight = 1},
};
static struct source_group groups[] = {
	{.number = 1, .hops = 1, .hop = &hops[0]}, {.number = 2, .hops = 2, .hop = &hops[0]},
	{.number = 3, .hops = 1, .hop = &hops[1]}, {.number = 4, .hops = 1, .hop = &hops[2]},
	{.number = 5, .hops = 1, .hop = &hops[3]},
};

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static uint32_t number(void)
{
	assert_int_equal(fake_mirror.configs, 1);
	return fake_mirror.config[0].source;
}

/* One change, or none for NULL, with its group. */
static void hand_out(bool first, const char *prefix, uint32_t group, uint8_t guard)
{
	struct source_change change = {.prefix = prefix ? prefix_of(prefix) : (struct ip_prefix){.length = 0},
				       .group = group,
				       .protocol = 186,
				       .guard = guard};

	fake_mirror_hand_out(&(struct source_batch){.source = number(),
						    .first = first,
						    .groups = group != 0,
						    .group = &groups[group ? group - 1 : 0],
						    .changes = prefix != NULL,
						    .change = &change,
						    .received_ns = 1});
	while (fake_mirror.out)
		fixture_turn(&fixture);
}

static Sluice__V1__GetResourceResponse *get(Sluice__V1__ResourceKind kind, const char *key)
{
	Sluice__V1__GetResourceRequest request = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
	Sluice__V1__GetResourceResponse *response = message_new(&sluice__v1__get_resource_response__descriptor);
	struct error error = {0};

	request.kind = kind;
	request.key = (char *)key;
	if (!control_get(fixture.control, &request, response, &error))
		return response;
	assert_int_equal(error.code, ERROR_NOT_FOUND);
	message_free(response);
	return NULL;
}

/* "state reason" of a candidate; "": there is no such. */
static const char *state_of(Sluice__V1__ResourceKind kind, const char *key)
{
	static char text[256];
	Sluice__V1__GetResourceResponse *response = get(kind, key);

	text[0] = '\0';
	if (!response)
		return text;
	snprintf(text, sizeof(text), "%d %s", (int)response->state->candidate_status->state,
		 response->state->candidate_status->reason);
	message_free(response);
	return text;
}

#define LEARNED(KEY) state_of(SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_SOURCE_ROUTE, KEY)
#define OWN(KEY)     state_of(SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE, KEY)

static size_t count(enum resource_kind kind)
{
	return snapshot_count(history_newest(&fixture.control->history), kind);
}

static void begin(void)
{
	must_apply(&fixture, router);
	fixture_turn(&fixture);
	hand_out(true, NULL, 0, 0);
}

static uint64_t revision(void)
{
	return snapshot_revision(history_newest(&fixture.control->history));
}

static void test_learned(void **state)
{
	Sluice__V1__GetResourceResponse *response;
	uint64_t before;

	(void)state;
	begin();
	before = revision();
	hand_out(false, "203.0.113.0/24", 1, 0);
	assert_int_equal(fake_mirror.taken, 2);
	assert_int_equal(revision(), before);
	response = get(SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_SOURCE_ROUTE, "red/203.0.113.0/24/bgp");
	assert_non_null(response);
	assert_string_equal(response->state->owner, "source/bgp");
	assert_string_equal(response->state->resource->source_route->next_hop_group, "bgp/10.9.0.2 by up");
	assert_int_equal(response->state->resource->source_route->preference, 20);
	message_free(response);
	assert_string_equal(LEARNED("red/203.0.113.0/24/bgp"), "1 ");
	/* a controller's wins, unless it says otherwise */
	must_apply(&fixture, LINES("upsert route vrf=red prefix=203.0.113.0/24 next_hop_group=g"));
	assert_non_null(strstr(LEARNED("red/203.0.113.0/24/bgp"), "2 owner \"test\" has preference 1, this one 20"));
	assert_string_equal(OWN("red/203.0.113.0/24"), "1 ");
	must_apply(&fixture, LINES("upsert route vrf=red prefix=203.0.113.0/24 next_hop_group=g preference=200"));
	assert_string_equal(LEARNED("red/203.0.113.0/24/bgp"), "1 ");
	assert_non_null(strstr(OWN("red/203.0.113.0/24"), "2 route source \"bgp\""));
	/* and what it led to goes with the last route */
	hand_out(false, "203.0.113.0/24", 0, 0);
	assert_string_equal(LEARNED("red/203.0.113.0/24/bgp"), "");
	assert_string_equal(OWN("red/203.0.113.0/24"), "1 ");
	hand_out(true, NULL, 0, 0);
	assert_int_equal(count(RESOURCE_NEXT_HOP_GROUP), 1);
	assert_int_equal(count(RESOURCE_NEXT_HOP), 1);
}

static void test_hops(void **state)
{
	(void)state;
	begin();
	hand_out(false, "10.1.0.0/16", 2, 0); /* eth1 is no interface yet: one of two can be used */
	hand_out(false, "10.2.0.0/16", 3, 0); /* none */
	hand_out(false, "10.3.0.0/16", 4, 0);
	hand_out(false, "10.4.0.0/16", 5, 0);
	assert_string_equal(LEARNED("red/10.1.0.0/16/bgp"), "1 ");
	assert_non_null(strstr(LEARNED("red/10.2.0.0/16/bgp"), "4 none of its next hops"));
	assert_string_equal(LEARNED("red/10.3.0.0/16/bgp"), "1 ");
	assert_string_equal(LEARNED("red/10.4.0.0/16/bgp"), "1 ");
	assert_int_equal(count(RESOURCE_TUNNEL_ENDPOINT), 1);
	/* The device becomes an interface: the source is read anew, and the route can be used. */
	must_apply(&fixture, LINES("upsert interface name=in device=eth1 vrf=red"));
	assert_int_equal(fake_mirror.follows, 1);
	fixture_turn(&fixture);
	assert_int_equal(fake_mirror.follows, 2);
	hand_out(true, "10.2.0.0/16", 3, 0);
	assert_string_equal(LEARNED("red/10.2.0.0/16/bgp"), "1 ");
	assert_string_equal(LEARNED("red/10.1.0.0/16/bgp"), ""); /* the kernel has it no more */
	assert_int_equal(count(RESOURCE_SOURCE_ROUTE), 1);
	assert_int_equal(count(RESOURCE_TUNNEL_ENDPOINT), 0);
	/* An interface may go although what is learned leads there. */
	must_apply(&fixture, LINES("delete interface name=in"));
	fixture_turn(&fixture);
	hand_out(true, "10.2.0.0/16", 3, 0);
	assert_non_null(strstr(LEARNED("red/10.2.0.0/16/bgp"), "4 none"));
}

static void test_guard(void **state)
{
	(void)state;
	begin();
	hand_out(false, "203.0.113.0/25", 1, SOURCE_ALLOWED);
	hand_out(false, "203.0.113.0/26", 1, SOURCE_NOT_ALLOWED);
	hand_out(false, "127.1.0.0/16", 1, SOURCE_BOGON);
	assert_string_equal(LEARNED("red/203.0.113.0/25/bgp"), "1 ");
	assert_non_null(strstr(LEARNED("red/203.0.113.0/26/bgp"), "3 its route source does not allow"));
	assert_non_null(strstr(LEARNED("red/127.1.0.0/16/bgp"), "3 nobody should announce"));
	must_apply(&fixture, LINES("upsert protected_prefix vrf=red prefix=203.0.113.0/24 owners[0].client=test"));
	assert_non_null(strstr(LEARNED("red/203.0.113.0/25/bgp"), "3 protected prefix \"red/203.0.113.0/24\""));
	must_apply(&fixture, LINES("upsert protected_prefix vrf=red prefix=203.0.113.0/25 owners[0].route_source=bgp"));
	assert_string_equal(LEARNED("red/203.0.113.0/25/bgp"), "1 ");
	assert_int_equal(fake_mirror.again.length, 25); /* what the protection lets in now is acknowledged */
	must_refuse(&fixture, ERROR_FAILED_PRECONDITION, "changes[0].resource", "in use: protected prefix",
		    LINES("delete route_source name=bgp"));
}

/* Nobody writes it, refers to it, or has to take it away first. */
static void test_nobodys(void **state)
{
	(void)state;
	begin();
	hand_out(false, "203.0.113.0/24", 1, 0);
	must_refuse(&fixture, ERROR_INVALID_ARGUMENT, "changes[0].resource.source_route", "nobody writes it",
		    LINES("upsert source_route vrf=red prefix=203.0.113.0/24 source=bgp"));
	must_refuse(&fixture, ERROR_INVALID_ARGUMENT, "changes[0].resource.source_route", "nobody writes it",
		    LINES("delete source_route vrf=red prefix=203.0.113.0/24 source=bgp"));
	must_refuse(&fixture, ERROR_INVALID_ARGUMENT, "changes[0].resource.route.next_hop_group", "'/'",
		    LINES("upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=bgp/10.9.0.2~by~up"));
	/* In one commit it is gone, with all that it has taught, and so is its VRF. */
	must_apply(&fixture, LINES("delete route_source name=bgp", "delete next_hop_group name=g",
				   "delete next_hop name=gw", "delete interface name=up", "delete vrf name=red"));
	assert_int_equal(count(RESOURCE_SOURCE_ROUTE), 0);
	assert_int_equal(count(RESOURCE_NEXT_HOP), 0);
	fixture_turn(&fixture);
	assert_int_equal(fake_mirror.configs, 0);
}

/* Its routes move with it, and another table means other routes. */
static void test_changed(void **state)
{
	(void)state;
	begin();
	hand_out(false, "203.0.113.0/24", 1, 0);
	must_apply(&fixture, LINES("upsert route_source name=bgp vrf=under table=100"));
	assert_int_equal(count(RESOURCE_SOURCE_ROUTE), 0);
	fixture_turn(&fixture);
	hand_out(true, "203.0.113.0/24", 1, 0);
	assert_string_equal(LEARNED("under/203.0.113.0/24/bgp"), "1 ");
	must_apply(&fixture, LINES("upsert route_source name=bgp vrf=under table=101 preference=7"));
	assert_string_equal(LEARNED("under/203.0.113.0/24/bgp"), "1 "); /* until the other is read */
	fixture_turn(&fixture);
	hand_out(true, "198.51.100.0/24", 1, 0);
	assert_string_equal(LEARNED("under/203.0.113.0/24/bgp"), "");
	assert_string_equal(LEARNED("under/198.51.100.0/24/bgp"), "1 ");
}

static uint64_t unusable(void)
{
	Sluice__V1__GetResourceResponse *response = get(SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE_SOURCE, "bgp");
	uint64_t count = response->state->route_source_status->unusable;

	message_free(response);
	return count;
}

/* A commit that waits, and takes the source away, goes before a batch that is at hand. */
static void test_overtaken(void **state)
{
	struct source_change change = {.prefix = prefix_of("203.0.113.0/24"), .group = 3, .protocol = 186};

	(void)state;
	begin();
	hand_out(false, "10.1.0.0/16", 3, 0);
	assert_int_equal(unusable(), 1);
	must_apply(&fixture, LINES("upsert route_source name=bgp vrf=under table=100"));
	assert_int_equal(unusable(), 0);
	fixture_turn(&fixture);
	hand_out(true, NULL, 0, 0);
	fake_mirror_hand_out(&(struct source_batch){.source = number(),
						    .groups = 1,
						    .group = &groups[2],
						    .changes = 1,
						    .change = &change,
						    .received_ns = 1});
	must_apply(&fixture, LINES("delete route_source name=bgp", "delete vrf name=under"));
	while (fake_mirror.out)
		fixture_turn(&fixture);
	assert_int_equal(fake_mirror.refused, 1);
	assert_int_equal(count(RESOURCE_SOURCE_ROUTE), 0);
}

static void test_refused(void **state)
{
	Sluice__V1__GetResourceResponse *response;

	(void)state;
	begin();
	fake_program.fail = true;
	hand_out(false, "203.0.113.0/24", 1, 0);
	assert_int_equal(fake_mirror.refused, 1);
	response = get(SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE_SOURCE, "bgp");
	assert_int_equal(response->state->route_source_status->state, SLUICE__V1__SOURCE_STATE__SOURCE_STATE_FROZEN);
	assert_non_null(strstr(response->state->route_source_status->reason, "table full"));
	message_free(response);
	hand_out(false, "203.0.113.0/24", 1, 0);
	response = get(SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE_SOURCE, "bgp");
	assert_int_equal(response->state->route_source_status->state, SLUICE__V1__SOURCE_STATE__SOURCE_STATE_FOLLOWING);
	message_free(response);
}

/* Not in the journal, but there when packets meet the state again; and not before it is known. */
static void test_restart(void **state)
{
	struct source_change change = {.prefix = prefix_of("203.0.113.0/24"), .group = 1, .protocol = 186};
	const struct source_batch batch = {
		.first = true, .groups = 1, .group = groups, .changes = 1, .change = &change};

	(void)state;
	begin();
	hand_out(false, "10.1.0.0/16", 1, 0);
	fake_mirror_at_start = &batch;
	restart();
	assert_int_equal(fake_program.commits, 1); /* one flip */
	assert_string_equal(LEARNED("red/203.0.113.0/24/bgp"), "1 ");
	assert_string_equal(LEARNED("red/10.1.0.0/16/bgp"), "");
	assert_int_equal(fake_mirror.taken, 1);
	fake_mirror_at_start = NULL;
	restart();
	assert_int_equal(count(RESOURCE_SOURCE_ROUTE), 0);
	assert_int_equal(count(RESOURCE_NEXT_HOP_GROUP), 1);
}

/* Each allocation fails once: the batch is taken in, or refused and handed out again. */
static void test_no_memory(void **state)
{
	(void)state;
	begin();
	for (unsigned int at = 1;; at++) {
		unsigned int refused = fake_mirror.refused;
		bool failed;

		fail_in = at;
		hand_out(false, "10.4.0.0/16", 5, 0);
		failed = fail_in == 0;
		fail_in = 0;
		if (!failed)
			break;
		if (refused != fake_mirror.refused)
			assert_string_equal(LEARNED("red/10.4.0.0/16/bgp"), "");
		hand_out(true, NULL, 0, 0);
		assert_int_equal(count(RESOURCE_NEXT_HOP) + count(RESOURCE_SOURCE_ROUTE), 1);
	}
	assert_string_equal(LEARNED("red/10.4.0.0/16/bgp"), "1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_learned, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_hops, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_guard, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_nobodys, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_changed, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_overtaken, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_refused, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_restart, journal_set_up, journal_tear_down),
		cmocka_unit_test_setup_teardown(test_no_memory, journal_set_up, journal_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
