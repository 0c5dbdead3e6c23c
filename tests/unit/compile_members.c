/* SPDX-License-Identifier: Apache-2.0 */
/* members[], answerers[], quic_members[], what is shown of members, and the numbers that are made of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "service_fake.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/reconcile/shown_members.h"

#define TCP 6

static void run_well(void)
{
	assert_int_equal(fake_run(fake, &snapshot), 0);
}

static const struct dp_member *member(const char *name)
{
	return &fake->bank->members[fake_id(RESOURCE_MEMBER, name)];
}

static uint64_t answerers(const char *vrf, const char *address)
{
	struct dp_answerer key = {.vrf = (uint16_t)fake_id(RESOURCE_VRF, vrf)};
	const struct dp_answerer *found;
	struct ip_address parsed;

	assert_int_equal(ip_address_parse(address, &parsed), 0);
	ip_address_map(&parsed, key.address.byte);
	found = fake_entry(fake->bank, DP_TABLE_answerers, &key, 3);
	return found ? found->members : 0;
}

static uint32_t quic(const char *pool, uint16_t server_id)
{
	const struct dp_quic_member key = {.pool = fake_id(RESOURCE_POOL, pool), .server_id = server_id};
	const struct dp_quic_member *found = fake_entry(fake->bank, DP_TABLE_quic_members, &key, 1);

	return found ? found->member : 0;
}

static uint8_t features(const char *vrf)
{
	return fake->bank->vrfs[fake_id(RESOURCE_VRF, vrf)].features;
}

static void rows_of_members(void **state)
{
	struct member *m1, *m2;

	(void)state;
	fake_put_service(&snapshot);
	fake_put(&snapshot, fake_discard("drop"));
	fake_put(&snapshot, fake_group("way", "drop", NULL));
	m1 = (struct member *)fake_member("m1", "far", "2001:db8::7", 0);
	m1->next_hop_group = fake_name(RESOURCE_NEXT_HOP_GROUP, "way");
	m1->quic_server_id = 9;
	fake_put(&snapshot, &m1->resource);
	run_well();
	assert_int_equal(member("m1")->pool, fake_id(RESOURCE_POOL, "far"));
	assert_int_equal(member("m1")->address.byte[15], 7);
	assert_int_equal(member("m1")->group, fake_id(RESOURCE_NEXT_HOP_GROUP, "way"));
	assert_int_equal(member("m1")->state, DP_MEMBER_ACTIVE);
	assert_int_equal(member("m2")->port, 8080);
	assert_int_equal(member("m2")->group, 0);
	assert_int_equal(quic("far", 9), fake_id(RESOURCE_MEMBER, "m1"));
	assert_int_equal(quic("web", 9), 0);
	m1 = (struct member *)fake_member("m1", "web", "10.1.0.1", 1);
	m1->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_DRAINING;
	m2 = (struct member *)fake_member("m2", "web", "10.1.0.2", 2);
	m2->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_QUARANTINED;
	m2->weight = 0;
	fake_put(&snapshot, &m1->resource);
	fake_put(&snapshot, &m2->resource);
	run_well();
	assert_int_equal(member("m1")->state, DP_MEMBER_DRAINING);
	assert_int_equal(member("m2")->state, DP_MEMBER_QUARANTINED);
	assert_int_equal(quic("far", 9), 0);
	m2 = (struct member *)fake_member("m2", "web", "10.1.0.2", 2);
	m2->weight = 0;
	fake_put(&snapshot, &m2->resource);
	fake_remove(&snapshot, RESOURCE_MEMBER, "m1");
	run_well();
	assert_int_equal(member("m2")->state, DP_MEMBER_DRAINING);
	assert_int_equal(member("m1")->state, DP_MEMBER_NONE);
	assert_int_equal(member("m1")->incarnation, 0);
}

static struct member *put_member(const char *name, const char *address, uint16_t weight)
{
	struct member *member = (struct member *)fake_member(name, "web", address, 80);

	member->weight = weight;
	fake_put(&snapshot, &member->resource);
	return member;
}

static void expect_shown(const char *name, enum dp_member_state state, unsigned int share)
{
	const struct shown_member shown =
		shown_member_read(fake->tables->shown_members, fake_id(RESOURCE_MEMBER, name));

	assert_int_equal(shown.state, state);
	assert_int_equal(shown.share, share);
}

/* In 1/1000 of the weights of those that take flows; a run that is undone shows nothing. */
static void shares_are_shown(void **state)
{
	struct snapshot good;

	(void)state;
	fake_put_service(&snapshot);
	put_member("m1", "10.1.0.1", 1);
	put_member("m2", "10.1.0.2", 2);
	put_member("spare", "10.1.0.3", 5)->backup = true;
	run_well();
	expect_shown("m1", DP_MEMBER_ACTIVE, 333);
	expect_shown("m2", DP_MEMBER_ACTIVE, 667);
	expect_shown("spare", DP_MEMBER_ACTIVE, 0);
	good = snapshot;
	put_member("m2", "10.1.0.2", 0);
	run_well();
	expect_shown("m1", DP_MEMBER_ACTIVE, 1000);
	expect_shown("m2", DP_MEMBER_DRAINING, 0);
	put_member("m1", "10.1.0.1", 0);
	run_well();
	expect_shown("spare", DP_MEMBER_ACTIVE, 1000);
	/* Two kinds of tunnels at one port: the run fails behind the shares. */
	snapshot = good;
	put_member("m1", "10.1.0.1", 6);
	fake_put(&snapshot, fake_tunnel("t1", DP_TUNNEL_VXLAN, "10.0.9.1", "10.0.9.2", 4789, "red", 100, "red"));
	fake_put(&snapshot, fake_tunnel("t2", DP_TUNNEL_GENEVE, "10.0.9.1", "10.0.9.3", 4789, "red", 101, "red"));
	assert_int_not_equal(fake_run(fake, &snapshot), 0);
	expect_shown("spare", DP_MEMBER_ACTIVE, 1000);
	assert_int_equal(fake_run(fake, &good), 0);
	expect_shown("m2", DP_MEMBER_ACTIVE, 667);
}

/* Members of pools that translate are counted by VRF and address. */
static void answerers_are_counted(void **state)
{
	(void)state;
	fake_put_service(&snapshot);
	run_well();
	assert_int_equal(answerers("red", "10.1.0.1"), 1);
	assert_int_equal(answerers("red", "10.1.0.2"), 1);
	assert_int_equal(answerers("blue", "10.1.0.1"), 0);
	assert_int_equal(features("red"), DP_FEATURE_SERVICE);
	assert_int_equal(features("blue"), 0);
	fake_put(&snapshot, fake_member("m3", "web", "10.1.0.1", 9090));
	fake_put(&snapshot, fake_member("m4", "far", "10.1.0.1", 0));
	run_well();
	assert_int_equal(answerers("red", "10.1.0.1"), 2);
	run_well();
	assert_int_equal(answerers("red", "10.1.0.1"), 2);
	fake_put(&snapshot, fake_member("m1", "web", "10.1.0.2", 8081));
	run_well();
	assert_int_equal(answerers("red", "10.1.0.1"), 1);
	assert_int_equal(answerers("red", "10.1.0.2"), 2);
	fake_remove(&snapshot, RESOURCE_MEMBER, "m3");
	run_well();
	assert_int_equal(answerers("red", "10.1.0.1"), 0);
	fake_put(&snapshot, fake_pool("web", "red", true));
	fake_put(&snapshot, fake_pool("far", "blue", false));
	run_well();
	assert_int_equal(answerers("red", "10.1.0.2"), 0);
	assert_int_equal(answerers("blue", "10.1.0.1"), 1);
	assert_int_equal(features("red"), 0);
	assert_int_equal(features("blue"), DP_FEATURE_SERVICE);
}

/* Of names and fields alone, the same in every router; another way there is another incarnation. */
static void numbers_are_made_of_names(void **state)
{
	struct load_balancer *lb = (struct load_balancer *)fake_balancer("lb", "red", "10.0.0.1");
	struct load_balancer *other = (struct load_balancer *)fake_balancer("lb", "blue", "10.0.0.1");
	struct member *m = (struct member *)fake_member("m", "web", "10.1.0.1", 80);
	struct member *moved = (struct member *)fake_member("m", "web", "10.1.0.1", 81);
	struct listener *http = (struct listener *)fake_listener("http", "lb", TCP, 80, 80, "web", NULL);
	uint32_t incarnation;

	(void)state;
	assert_int_equal(load_balancer_seed(lb), load_balancer_seed(other));
	other = (struct load_balancer *)fake_balancer("lb", "red", "10.0.0.2");
	assert_int_not_equal(load_balancer_seed(lb), load_balancer_seed(other));
	incarnation = member_incarnation(m);
	assert_int_not_equal(incarnation, member_incarnation(moved));
	moved = (struct member *)fake_member("m", "web", "10.1.0.1", 80);
	moved->weight = 9;
	moved->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_DRAINING;
	assert_int_equal(incarnation, member_incarnation(moved));
	moved->next_hop_group = fake_name(RESOURCE_NEXT_HOP_GROUP, "way");
	assert_int_not_equal(incarnation, member_incarnation(moved));
	moved = (struct member *)fake_member("bm", "we", "10.1.0.1", 80); /* "we", "bm" is not "web", "m" */
	assert_int_not_equal(incarnation, member_incarnation(moved));
	assert_int_equal(listener_incarnation(http, &lb->vip), listener_incarnation(http, &lb->vip));
	assert_int_not_equal(listener_incarnation(http, &lb->vip), listener_incarnation(http, &other->vip));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_of_members, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(shares_are_shown, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(answerers_are_counted, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(numbers_are_made_of_names, fake_run_setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
