/* SPDX-License-Identifier: Apache-2.0 */
/* load_balancers[], listener_ports[], listeners[], members[], answerers[], quic_members[], and VIPs as local routes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/dp/hash.h"
#include "compile_fixture.h"
#include "failing.h"
#include "service_fake.h"
#include "vnf/features/policy/rule_rows.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/shown_members.h"

#define TCP 6
#define UDP 17

static void run_well(void)
{
	assert_int_equal(fake_run(fake, &snapshot), 0);
}

/* The entry of a hash table, as packets look for it; NULL: none. */
static const void *find(enum dp_table table, const void *entry, unsigned int words)
{
	__u64 key[3];
	uint32_t rows = bank_rows(&fake_limits, table);

	memcpy(key, entry, words * sizeof(*key));
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		const void *slot = bank_row(fake->bank, table, (dp_hash(key, words) + i) & (rows - 1));

		if (memcmp(slot, key, words * sizeof(*key)) == 0)
			return slot;
	}
	return NULL;
}

static const struct dp_load_balancer *balancer(const char *name)
{
	return &fake->bank->load_balancers[fake_id(RESOURCE_LOAD_BALANCER, name)];
}

static const struct dp_listener *listener(const char *name)
{
	return &fake->bank->listeners[fake_id(RESOURCE_LISTENER, name)];
}

static const struct dp_member *member(const char *name)
{
	return &fake->bank->members[fake_id(RESOURCE_MEMBER, name)];
}

/* The listener's id; 0: none has the port. */
static uint32_t at_port(const char *name, uint8_t protocol, uint16_t port)
{
	const struct dp_listener_port key = {
		.load_balancer = fake_id(RESOURCE_LOAD_BALANCER, name), .port = port, .protocol = protocol};
	const struct dp_listener_port *found = find(DP_TABLE_listener_ports, &key, 1);

	return found ? found->listener : 0;
}

static uint64_t answerers(const char *vrf, const char *address)
{
	struct dp_answerer key = {.vrf = (uint16_t)fake_id(RESOURCE_VRF, vrf)};
	const struct dp_answerer *found;
	struct ip_address parsed;

	assert_int_equal(ip_address_parse(address, &parsed), 0);
	ip_address_map(&parsed, key.address.byte);
	found = find(DP_TABLE_answerers, &key, 3);
	return found ? found->members : 0;
}

static uint32_t quic(const char *pool, uint16_t server_id)
{
	const struct dp_quic_member key = {.pool = fake_id(RESOURCE_POOL, pool), .server_id = server_id};
	const struct dp_quic_member *found = find(DP_TABLE_quic_members, &key, 1);

	return found ? found->member : 0;
}

static struct dp_fib_leaf leaf(const char *vrf, const char *address)
{
	struct local_route route = {.vrf = fake_name(RESOURCE_VRF, vrf)};

	assert_int_equal(ip_address_parse(address, &route.prefix.address), 0);
	route.prefix.length = route.prefix.address.family == 4 ? 32 : 128;
	return local_routes_find(tables_state(fake->tables, TABLE_local_routes), &route);
}

static uint8_t features(const char *vrf)
{
	return fake->bank->vrfs[fake_id(RESOURCE_VRF, vrf)].features;
}

static void put_service(void)
{
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("blue", NULL));
	fake_put(&snapshot, fake_balancer("lb", "red", "10.0.0.1"));
	fake_put(&snapshot, fake_pool("web", "red", false));
	fake_put(&snapshot, fake_pool("far", "red", true));
	fake_put(&snapshot, fake_listener("http", "lb", TCP, 80, 80, "web*900", "far*100", NULL));
	fake_put(&snapshot, fake_member("m1", "web", "10.1.0.1", 8080));
	fake_put(&snapshot, fake_member("m2", "web", "10.1.0.2", 8080));
}

static void vips_are_routes(void **state)
{
	(void)state;
	put_service();
	fake_put(&snapshot, fake_balancer("lb6", "red", "2001:db8::1"));
	run_well();
	assert_int_equal(leaf("red", "10.0.0.1").group, DP_GROUP_VIP);
	assert_int_equal(leaf("red", "10.0.0.1").route, fake_id(RESOURCE_LOAD_BALANCER, "lb"));
	assert_int_equal(leaf("red", "2001:db8::1").route, fake_id(RESOURCE_LOAD_BALANCER, "lb6"));
	assert_int_equal(leaf("blue", "10.0.0.1").group, DP_GROUP_NONE);
	fake_put(&snapshot, fake_balancer("lb", "blue", "10.0.0.2"));
	run_well();
	assert_int_equal(leaf("red", "10.0.0.1").group, DP_GROUP_NONE);
	assert_int_equal(leaf("blue", "10.0.0.2").group, DP_GROUP_VIP);
	fake_remove(&snapshot, RESOURCE_LOAD_BALANCER, "lb6");
	run_well();
	assert_int_equal(leaf("red", "2001:db8::1").group, DP_GROUP_NONE);
}

/* The kernel's own address keeps its packets, and the load balancer says so, until it is gone. */
static void the_kernel_has_the_address(void **state)
{
	(void)state;
	put_service();
	fake_link(3, "eth0", true);
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	run_well();
	assert_int_equal(fake_wait(RESOURCE_LOAD_BALANCER, "lb"), PENDING_NONE);
	fake_address(3, "10.0.0.1");
	run_well();
	assert_int_equal(leaf("red", "10.0.0.1").group, DP_GROUP_LOCAL);
	assert_int_equal(fake_wait(RESOURCE_LOAD_BALANCER, "lb"), PENDING_VIP);
	fake_address_gone(3, "10.0.0.1");
	run_well();
	assert_int_equal(leaf("red", "10.0.0.1").group, DP_GROUP_VIP);
	assert_int_equal(fake_wait(RESOURCE_LOAD_BALANCER, "lb"), PENDING_NONE);
}

static void rows_of_listeners(void **state)
{
	(void)state;
	put_service();
	fake_put(&snapshot, fake_listener("range", "lb", UDP, 1000, 1999, "web", NULL));
	run_well();
	assert_int_equal(balancer("lb")->vip.byte[15], 1);
	assert_int_equal(balancer("lb")->vip.byte[11], 0xff);
	assert_int_equal(balancer("lb")->vrf, fake_id(RESOURCE_VRF, "red"));
	assert_int_equal(balancer("lb")->ranges, 1);
	assert_int_equal(balancer("lb")->range[0].listener, fake_id(RESOURCE_LISTENER, "range"));
	assert_int_equal(balancer("lb")->range[0].first, 1000);
	assert_int_equal(balancer("lb")->range[0].last, 1999);
	assert_int_equal(balancer("lb")->range[0].protocol, UDP);
	assert_int_equal(at_port("lb", TCP, 80), fake_id(RESOURCE_LISTENER, "http"));
	assert_int_equal(at_port("lb", UDP, 80), 0);
	assert_int_equal(at_port("lb", UDP, 1000), 0);
	assert_int_equal(listener("http")->load_balancer, fake_id(RESOURCE_LOAD_BALANCER, "lb"));
	assert_int_equal(listener("http")->pools, 2);
	assert_int_equal(listener("http")->pool[0], fake_id(RESOURCE_POOL, "web"));
	assert_int_equal(listener("http")->pool[1], fake_id(RESOURCE_POOL, "far"));
	assert_int_equal(listener("http")->until[0], 900);
	assert_int_equal(listener("http")->until[1], DP_SHARE_ALL);
	assert_int_equal(listener("range")->until[0], DP_SHARE_ALL);
}

/* Two exchange their ports; a port becomes a range, and all of them; a listener goes. */
static void listeners_change(void **state)
{
	(void)state;
	put_service();
	fake_put(&snapshot, fake_listener("tls", "lb", TCP, 443, 443, "web", NULL));
	run_well();
	fake_put(&snapshot, fake_listener("tls", "lb", TCP, 80, 80, "web", NULL));
	fake_put(&snapshot, fake_listener("http", "lb", TCP, 443, 443, "web", NULL));
	run_well();
	assert_int_equal(at_port("lb", TCP, 80), fake_id(RESOURCE_LISTENER, "tls"));
	assert_int_equal(at_port("lb", TCP, 443), fake_id(RESOURCE_LISTENER, "http"));
	fake_put(&snapshot, fake_listener("http", "lb", TCP, 443, 450, "web", NULL));
	fake_remove(&snapshot, RESOURCE_LISTENER, "tls");
	run_well();
	assert_int_equal(at_port("lb", TCP, 443), 0);
	assert_int_equal(at_port("lb", TCP, 80), 0);
	assert_int_equal(listener("tls")->load_balancer, 0);
	assert_int_equal(balancer("lb")->ranges, 1);
	fake_put(&snapshot, fake_listener("http", "lb", 0, 0, SERVICE_PORTS_ALL, "web", NULL));
	run_well();
	assert_int_equal(balancer("lb")->range[0].first, 0);
	assert_int_equal(balancer("lb")->range[0].last, 65535);
	assert_int_equal(balancer("lb")->range[0].protocol, 0);
	fake_remove(&snapshot, RESOURCE_LISTENER, "http");
	fake_remove(&snapshot, RESOURCE_LOAD_BALANCER, "lb");
	run_well();
	assert_int_equal(balancer("lb")->ranges, 0);
	assert_int_equal(balancer("lb")->vrf, 0);
}

static void rows_of_members(void **state)
{
	struct member *m1, *m2;

	(void)state;
	put_service();
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
	put_service();
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
	put_service();
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

/* A policy rule's target is the pool under its share. */
static void rules_lead_to_pools(void **state)
{
	struct policy_rule *rule = fake_make(RESOURCE_POLICY_RULE, "canary", sizeof(*rule));
	struct policy_entry entry;

	(void)state;
	rule->vrf = fake_name(RESOURCE_VRF, "red");
	rule->action = SLUICE__V1__POLICY_RULE__ACTION_SERVICE_POOL;
	fake_name(RESOURCE_POOL, "first");
	rule->target = fake_name(RESOURCE_POOL, "new");
	rule->per_mille = 100;
	policy_rule_row(rule, 0, 0, &entry);
	assert_int_equal(entry.rule.action, DP_POLICY_POOL);
	assert_int_equal(entry.rule.category, DP_POLICY_STEER);
	assert_int_equal(entry.rule.target, 100 << 16 | 2);
}

/* A listener's incarnation follows the VIP of its load balancer. */
static void listeners_follow_the_vip(void **state)
{
	uint32_t before;

	(void)state;
	put_service();
	run_well();
	before = listener("http")->incarnation;
	fake_put(&snapshot, fake_balancer("lb", "red", "10.0.0.9"));
	run_well();
	assert_int_not_equal(listener("http")->incarnation, before);
}

/* Every allocation of a run fails once, in turn: what the tables know is then what it was before, and the next run
 * makes all of it. */
static void memory_fails(void **state)
{
	unsigned int refused = 0;
	int result;

	(void)state;
	put_service();
	fake_put(&snapshot, fake_listener("all", "lb", UDP, 0, SERVICE_PORTS_ALL, "web", NULL));
	fake_put(&snapshot, fake_member("m3", "web", "10.1.0.2", 81));
	for (unsigned int n = 2;; n++) { /* the first one is the test's own */
		fake_run_forget(fake);
		fail_in = n;
		result = fake_run(fake, &snapshot);
		if (fail_in)
			break;
		if (!result)
			continue;
		refused++;
		assert_int_equal(result, -ENOMEM);
		assert_int_equal(leaf("red", "10.0.0.1").group, DP_GROUP_NONE);
		run_well();
		assert_int_equal(leaf("red", "10.0.0.1").group, DP_GROUP_VIP);
		assert_int_equal(answerers("red", "10.1.0.1"), 1);
		assert_int_equal(answerers("red", "10.1.0.2"), 2);
		assert_int_equal(balancer("lb")->ranges, 1);
		assert_int_equal(features("red"), DP_FEATURE_SERVICE);
	}
	fail_in = 0;
	print_message("%u refused\n", refused);
	assert_true(refused > 20);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vips_are_routes, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(the_kernel_has_the_address, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(rows_of_listeners, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(listeners_change, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(rows_of_members, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(shares_are_shown, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(answerers_are_counted, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(numbers_are_made_of_names, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(rules_lead_to_pools, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(listeners_follow_the_vip, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(memory_fails, fake_run_setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
