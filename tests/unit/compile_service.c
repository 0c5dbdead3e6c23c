/* SPDX-License-Identifier: Apache-2.0 */
/* load_balancers[], listener_ports[], listeners[], and VIPs as local routes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "failing.h"
#include "service_fake.h"
#include "vnf/features/policy/rule_rows.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/reconcile/local_routes.h"

#define TCP 6
#define UDP 17

static void run_well(void)
{
	assert_int_equal(fake_run(fake, &snapshot), 0);
}

static const struct dp_load_balancer *balancer(const char *name)
{
	return &fake->bank->load_balancers[fake_id(RESOURCE_LOAD_BALANCER, name)];
}

static const struct dp_listener *listener(const char *name)
{
	return &fake->bank->listeners[fake_id(RESOURCE_LISTENER, name)];
}

/* The listener's id; 0: none has the port. */
static uint32_t at_port(const char *name, uint8_t protocol, uint16_t port)
{
	const struct dp_listener_port key = {
		.load_balancer = fake_id(RESOURCE_LOAD_BALANCER, name), .port = port, .protocol = protocol};
	const struct dp_listener_port *found = fake_entry(fake->bank, DP_TABLE_listener_ports, &key, 1);

	return found ? found->listener : 0;
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

static void vips_are_routes(void **state)
{
	(void)state;
	fake_put_service(&snapshot);
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
	fake_put_service(&snapshot);
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
	fake_put_service(&snapshot);
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
	fake_put_service(&snapshot);
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
	fake_put_service(&snapshot);
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
	fake_put_service(&snapshot);
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
		cmocka_unit_test_setup_teardown(rules_lead_to_pools, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(listeners_follow_the_vip, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(memory_fails, fake_run_setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
