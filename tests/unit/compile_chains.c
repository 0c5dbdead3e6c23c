/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port chains in tables: stages, re-entry of ports, classifiers. A chain of three stages, links 11 .. 16:
 *
 *   classifier -> g1 { p1: i11 -> e12 } -> g2 { p2: i13 -> e14 } -> g3 { p3: i15 -> e16 } -> FIB
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"

static void run(void)
{
	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
}

static int setup(void **state)
{
	fake_run_setup(state);
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("services", NULL));
	for (uint32_t i = 11; i <= 16; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%c%u", i % 2 ? 'i' : 'e', i);
		fake_link(i, name, true);
		fake_put(&snapshot, fake_interface(name, name, "services", 0));
	}
	fake_put(&snapshot, fake_pair("p1", "i11", "e12"));
	fake_put(&snapshot, fake_pair("p2", "i13", "e14"));
	fake_put(&snapshot, fake_pair("p3", "i15", "e16"));
	fake_put(&snapshot, fake_pair_group("g1", false, "p1", NULL));
	fake_put(&snapshot, fake_pair_group("g2", true, "p2", NULL));
	fake_put(&snapshot, fake_pair_group("g3", false, "p3", NULL));
	fake_put(&snapshot, fake_classifier("web", "red", 20, "10.1.0.0/16", "192.0.2.0/24", 6, 80));
	fake_put(&snapshot, fake_chain("chain", true, "web", NULL, "g1", "g2", "g3", NULL));
	return 0;
}

static const struct dp_port *port(uint32_t ifindex)
{
	for (size_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_ports); i++)
		if (fake->bank->ports[i].ifindex == ifindex)
			return &fake->bank->ports[i];
	fail_msg("no port %u", ifindex);
	return NULL;
}

static const struct dp_stage *stage(uint16_t id)
{
	assert_in_range(id, 1, bank_rows(&fake_limits, DP_TABLE_stages) - 1);
	return &fake->bank->stages[id];
}

static const struct dp_classifier *classifier(size_t n)
{
	const struct dp_vrf *vrf = &fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")];

	assert_true(n < vrf->classifier_count);
	return &fake->bank->classifiers[vrf->classifier_first + n];
}

/* The stage sends out of one interface of a pair, to the MAC of the other. */
static void assert_sends(uint16_t id, uint8_t out, uint8_t back)
{
	const struct dp_egress *egress = &stage(id)->member[0];

	assert_int_equal(stage(id)->count, 1);
	assert_int_equal(egress->ifindex, out);
	assert_int_equal(egress->src_mac[5], out);
	assert_int_equal(egress->dst_mac[5], back);
	assert_int_equal(egress->mtu, 1500);
}

static void packets_walk_through_and_back(void **state)
{
	(void)state;
	run();
	/* Forward. */
	assert_sends(classifier(0)->stage, 11, 12);
	assert_int_equal(port(12)->from_stage, 1);
	assert_int_equal(port(12)->features, 0); /* what comes back is not classified again */
	assert_sends(port(12)->stage, 13, 14);
	assert_sends(port(14)->stage, 15, 16);
	assert_int_equal(port(16)->from_stage, 1);
	assert_int_equal(port(16)->stage, 0);
	/* In reverse. */
	assert_sends(classifier(1)->stage, 16, 15);
	assert_sends(port(15)->stage, 14, 13);
	assert_sends(port(13)->stage, 12, 11);
	assert_int_equal(port(11)->from_stage, 1);
	assert_int_equal(port(11)->stage, 0);
	/* In the chain's VRF, whatever the ports' own. */
	for (uint32_t i = 11; i <= 16; i++)
		assert_int_equal(port(i)->vrf, fake_id(RESOURCE_VRF, "red"));
	assert_int_equal(stage(classifier(0)->stage)->port_pair_group, fake_id(RESOURCE_PORT_PAIR_GROUP, "g1"));
	assert_int_equal(fake_wait(RESOURCE_PORT_CHAIN, "chain"), PENDING_NONE);
}

static void one_way_chains_let_replies_pass(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_chain("chain", false, "web", NULL, "g1", "g2", "g3", NULL));
	run();
	assert_int_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")].classifier_count, 1);
	assert_sends(port(12)->stage, 13, 14);
	assert_int_equal(port(15)->from_stage, 1);
	assert_int_equal(port(15)->stage, 0);
}

static void fail_open_is_skipped_and_fail_closed_drops(void **state)
{
	(void)state;
	fake_link(14, "e14", false); /* p2 of g2, which fails open */
	run();
	assert_sends(port(12)->stage, 15, 16);
	assert_sends(port(15)->stage, 12, 11);
	assert_sends(port(14)->stage, 15, 16); /* what was in p2 goes on */
	assert_int_equal(fake_wait(RESOURCE_PORT_PAIR, "p2"), PENDING_PORTS);
	assert_int_equal(fake_wait(RESOURCE_PORT_CHAIN, "chain"), PENDING_STAGES);

	fake_link_gone(16); /* p3 of g3, which fails closed */
	run();
	assert_int_equal(stage(port(12)->stage)->count, 0);
	assert_int_equal(stage(port(12)->stage)->port_pair_group, fake_id(RESOURCE_PORT_PAIR_GROUP, "g3"));
	assert_int_equal(stage(classifier(1)->stage)->count, 0);

	fake_put(&snapshot, fake_pair_group("g1", true, "p1", NULL));
	fake_put(&snapshot, fake_pair_group("g3", true, "p3", NULL));
	fake_link(11, "i11", false);
	run();
	assert_int_equal(classifier(0)->stage, 0); /* nothing is left of it: on by the FIB */
	assert_int_equal(classifier(1)->stage, 0);
	fake_link(11, "i11", true);
	fake_link(14, "e14", true);
	fake_link(16, "e16", true);
	run();
	assert_sends(classifier(0)->stage, 11, 12);
	assert_int_equal(fake_wait(RESOURCE_PORT_CHAIN, "chain"), PENDING_NONE);
}

static void a_group_has_its_live_pairs(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_pair_group("g1", false, "p1", "p2", NULL));
	fake_put(&snapshot, fake_chain("chain", true, "web", NULL, "g1", "g3", NULL));
	fake_remove(&snapshot, RESOURCE_PORT_PAIR_GROUP, "g2");
	run();
	assert_int_equal(stage(classifier(0)->stage)->count, 2);
	assert_int_equal(stage(classifier(0)->stage)->member[1].ifindex, 13);
	assert_int_equal(port(12)->stage, port(14)->stage);
	fake_link(12, "e12", false);
	run();
	assert_sends(classifier(0)->stage, 13, 14);
}

static void ports_of_no_chain_drain(void **state)
{
	uint16_t first;

	(void)state;
	run();
	first = classifier(0)->stage;
	fake_remove(&snapshot, RESOURCE_PORT_CHAIN, "chain");
	run();
	assert_int_equal(port(12)->from_stage, 1);
	assert_int_equal(port(12)->stage, 0);
	assert_int_equal(port(12)->vrf, fake_id(RESOURCE_VRF, "services"));
	assert_int_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")].classifier_count, 0);
	assert_int_equal(stage(first)->count, 0);
	assert_int_equal(stage(first)->port_pair_group, 0);
	fake_remove(&snapshot, RESOURCE_PORT_PAIR_GROUP, "g1");
	fake_remove(&snapshot, RESOURCE_PORT_PAIR, "p1");
	run();
	assert_int_equal(port(12)->from_stage, 0);
}

static void classifiers_are_in_match_order(void **state)
{
	const struct dp_classifier *web;

	(void)state;
	fake_put(&snapshot, fake_classifier("zeta", "red", 10, NULL, NULL, 0, 0));
	fake_put(&snapshot, fake_classifier("beta", "red", 20, NULL, "2001:db8::/33", 17, 53));
	fake_put(&snapshot, fake_classifier("idle", "red", 1, NULL, NULL, 0, 0)); /* in no chain */
	fake_put(&snapshot, fake_classifier("other", "services", 5, NULL, NULL, 0, 0));
	fake_put(&snapshot, fake_chain("chain", true, "web", "zeta", "beta", NULL, "g1", "g2", NULL));
	fake_put(&snapshot, fake_chain("second", false, "other", NULL, "g3", NULL));
	run();
	assert_int_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")].classifier_count, 6);
	assert_int_equal(fake->bank->vrfs[fake_id(RESOURCE_VRF, "services")].classifier_count, 1);
	assert_int_equal(classifier(0)->id, fake_id(RESOURCE_FLOW_CLASSIFIER, "zeta"));
	assert_int_equal(classifier(0)->family, 0);
	assert_int_equal(classifier(0)->dst_port_last, 65535);
	assert_int_equal(classifier(2)->id, fake_id(RESOURCE_FLOW_CLASSIFIER, "beta"));
	assert_int_equal(classifier(2)->family, 6);
	assert_memory_equal(classifier(2)->dst_mask.byte, "\xff\xff\xff\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(classifier(3)->src.byte, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(classifier(3)->src_port_first, 53);

	web = classifier(4);
	assert_int_equal(web->id, fake_id(RESOURCE_FLOW_CLASSIFIER, "web"));
	assert_int_equal(web->family, 4);
	assert_int_equal(web->protocol, 6);
	assert_int_equal(web->src_port_last, 65535);
	assert_int_equal(web->dst_port_first, 80);
	assert_int_equal(web->dst_port_last, 80);
	assert_memory_equal(web->src.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x01\0\0", 16);
	assert_memory_equal(web->src_mask.byte, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0", 16);
	assert_memory_equal(classifier(5)->dst.byte, web->src.byte, 16);
	assert_memory_equal(classifier(5)->src_mask.byte, web->dst_mask.byte, 16);
	assert_int_equal(classifier(5)->src_port_first, 80);
	assert_int_equal(classifier(5)->dst_port_last, 65535);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packets_walk_through_and_back, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(one_way_chains_let_replies_pass, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(fail_open_is_skipped_and_fail_closed_drops, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_group_has_its_live_pairs, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(ports_of_no_chain_drain, setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(classifiers_are_in_match_order, setup, fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
