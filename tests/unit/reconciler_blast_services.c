/* SPDX-License-Identifier: Apache-2.0 */
/* What a commit would do to flows of services, by the members that have them. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "pools_fixture.h"
#include "vnf/core/error.h"
#include "vnf/reconcile/blast_radius.h"

#define SETS 16
#define TCP  6

static struct dp_connection_set4 set4[SETS];
static struct dp_connection_head head;
static uint32_t flows;

/* lb at 10.0.0.1, TCP port 80 to the pool p of p-0 and p-1; an empty pool "none". */
static int set_up(void **state)
{
	int error = reconciler_set_up(state);

	memset(set4, 0, sizeof(set4));
	flows = 0;
	fake_connections = (struct connection_tables){.set4 = set4, .sets4 = SETS, .head = &head};
	put_pool("p");
	put_pool("none");
	put_member("p-0", "p", 1);
	put_member("p-1", "p", 1);
	change(fake_balancer("lb", "red", "10.0.0.1"));
	change(fake_listener("http", "lb", TCP, 80, 80, "p", NULL));
	run_well();
	return error;
}

/* A flow from 10.9.0.1 to port 80 of the VIP, which the member has. */
static void flow_in(const char *member, enum dp_connection_state state)
{
	uint32_t client = htonl(0x0a090001), vip = htonl(0x0a000001), id = fake_id(RESOURCE_MEMBER, member);
	uint64_t vrf = fake_id(RESOURCE_VRF, "red");
	struct dp_connection4 *entry = &set4[flows / DP_CONNECTION_WAYS].way[flows % DP_CONNECTION_WAYS];

	flows++;
	/* The VIP is the lower one of both ends. */
	entry->ends = (uint64_t)vip << 32 | client;
	entry->connection.rest = 80 | (uint64_t)(40000 + flows) << 16 | vrf << 32 | (uint64_t)TCP << 48 |
				 (uint64_t)DP_CONNECTION_SERVICE << DP_CONNECTION_KIND_SHIFT;
	entry->connection.note = id | 5ULL << 20;
	entry->connection.life =
		dp_connection_life(conntrack_now(), state, DP_CONNECTION_BY_HIGH, active()->members[id].incarnation);
}

static void flow_of(const char *member)
{
	flow_in(member, DP_CONNECTION_ESTABLISHED);
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

static void expect(const struct blast *row, const char *member, uint64_t denied, uint64_t reset, uint64_t moved,
		   uint64_t kept)
{
	assert_string_equal(row->vrf_name, "red");
	assert_string_equal(row->rule_name, "");
	assert_string_equal(row->member_name, member);
	assert_int_equal(row->denied, denied);
	assert_int_equal(row->reset, reset);
	assert_int_equal(row->moved, moved);
	assert_int_equal(row->released, 0);
	assert_int_equal(row->kept, kept);
}

/* Rehearses, and the only row is this one; member NULL: there is none. */
static void expect_only(const char *member, uint64_t denied, uint64_t reset, uint64_t moved, uint64_t kept)
{
	struct blast_radius radius = rehearse();

	assert_int_equal(radius.count, member ? 1 : 0);
	if (member)
		expect(&radius.row[0], member, denied, reset, moved, kept);
	blast_radius_free(&radius);
}

static void flows_of_both(void)
{
	flow_of("p-0");
	flow_of("p-0");
	flow_in("p-0", DP_CONNECTION_CLOSED); /* is over */
	flow_of("p-1");
}

/* What a member's flows do that goes, or is another one, and those of others: nothing. */
static void a_member_goes(void **state)
{
	(void)state;
	flows_of_both();
	withdraw(RESOURCE_MEMBER, "p-0");
	expect_only("p-0", 0, 0, 2, 0);
	put_member("p-0", "p", 1); /* at another address */
	expect_only("p-0", 0, 0, 2, 0);
	put_pool("p")->on_member_down = SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_RESET;
	withdraw(RESOURCE_MEMBER, "p-0");
	expect_only("p-0", 0, 2, 0, 0);
	assert_as_compiled_anew();
}

/* The same address: another weight, a drain, a quarantine. */
static void a_state_changes(void **state)
{
	struct member *member;

	(void)state;
	flows_of_both();
	for (int i = 0; i < 3; i++) {
		member = put_member("p-0", "p", i ? 1 : 7);
		ip_address_parse("10.7.0.1", &member->address);
		if (!i) {
			run_well(); /* from here on its address is this one */
			memset(set4, 0, sizeof(set4));
			flows = 0;
			flows_of_both();
			continue;
		}
		member->admin_state = i == 1 ? SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_DRAINING
					     : SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_QUARANTINED;
		if (i == 1)
			expect_only(NULL, 0, 0, 0, 0);
		else
			expect_only("p-0", 0, 0, 2, 0);
	}
	/* What is out by an earlier commit is not this one's doing. */
	member = put_member("p-0", "p", 1);
	ip_address_parse("10.7.0.1", &member->address);
	member->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_QUARANTINED;
	run_well();
	put_member("p-2", "p", 1);
	expect_only(NULL, 0, 0, 0, 0);
}

/* Nobody is left who takes them, or who listens. */
static void nobody_is_left(void **state)
{
	struct blast_radius radius;
	struct pool *pool;

	(void)state;
	flows_of_both();
	withdraw(RESOURCE_MEMBER, "p-0");
	withdraw(RESOURCE_MEMBER, "p-1");
	radius = rehearse();
	assert_int_equal(radius.count, 2);
	expect(&radius.row[0], "p-0", 2, 0, 0, 0); /* those with the most that end first */
	expect(&radius.row[1], "p-1", 1, 0, 0, 0);
	blast_radius_free(&radius);
	/* An overflow pool takes them. */
	withdraw(RESOURCE_MEMBER, "p-0");
	withdraw(RESOURCE_MEMBER, "p-1");
	pool = put_pool("p");
	pool->connection_limit = 10;
	pool->overflow_pool = fake_name(RESOURCE_POOL, "none");
	put_member("spare", "none", 1);
	radius = rehearse();
	assert_int_equal(radius.count, 2);
	assert_int_equal(radius.row[0].moved + radius.row[1].moved, 3);
	blast_radius_free(&radius);
	change(fake_listener("http", "lb", TCP, 81, 81, "p", NULL));
	radius = rehearse();
	assert_int_equal(radius.count, 2);
	expect(&radius.row[0], "p-0", 2, 0, 0, 0);
	blast_radius_free(&radius);
}

/* Another pool for the listener changes nothing for flows that are known, nor does what is no service's. */
static void flows_stay(void **state)
{
	(void)state;
	flows_of_both();
	put_member("n-0", "none", 1);
	change(fake_listener("http", "lb", TCP, 80, 80, "none", NULL));
	expect_only(NULL, 0, 0, 0, 0);
	withdraw_route("red", "10.0.0.0/8");
	expect_only(NULL, 0, 0, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_member_goes, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(a_state_changes, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_left, set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(flows_stay, set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
