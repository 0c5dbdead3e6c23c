/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP errors, byte for byte: on ports, about what came through tunnels and what a stage gave back; and where there is
 * none. */
#include "tests/bpf/router/answer.h"

#include <string.h>

void answer_check_error(const struct error_case *test)
{
	struct frame in = frame_build(&test->in), want;
	size_t quoted = frame_ip(&test->in), ip = frame_ip(&test->out), header;
	bool ipv6 = in.byte[quoted] >> 4 == 6;
	struct frame_spec out = test->out;
	struct outcome outcome = rig_run_answered(&in);

	assert_string_equal(reason_names[outcome.reason], reason_names[test->reason]);
	header = ipv6 ? 40 : 20;
	out.ip.src = out.ip.src ? out.ip.src : ipv6 ? OWN6 : OWN4;
	out.ip.dst = ipv6 ? HOST6 : HOST4;
	out.ip.protocol = ipv6 ? ICMPV6 : ICMP;
	out.ip.tos = ipv6 ? 0 : 0xc0;
	out.ip.payload = (uint16_t)(in.length - quoted);
	if (out.ip.payload > (ipv6 ? 1232 : 548))
		out.ip.payload = ipv6 ? 1232 : 548;
	want = frame_build(&out);
	memset(want.byte + ip + header, 0, 8);
	want.byte[ip + header] = test->type;
	want.byte[ip + header + 1] = test->code;
	frame_put16(&want, ip + header + 6, (uint16_t)test->mtu);
	memcpy(want.byte + ip + header + 8, in.byte + quoted, out.ip.payload);
	answer_fix_icmp(&want, ip);
	if (out.tunnel) /* the source port is the router's to choose */
		memcpy(want.byte + frame_tunnel(&out) - 8, outcome.frame.byte + frame_tunnel(&out) - 8, 2);
	answer_same(test->name, &outcome.frame, &want);
}

static void errors_on_ports(void **state)
{
	static const struct error_case tests[] = {
		{"Time Exceeded",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.1.0.1", .ttl = 1, .payload = 21}},
		 DP_REASON_ttl_expired,
		 11,
		 0,
		 0,
		 {SENT}},
		{"Time Exceeded, IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:1::1", .ttl = 1, .payload = 21}},
		 DP_REASON_ttl_expired,
		 3,
		 0,
		 0,
		 {SENT}},
		{"of a TCP segment on a VLAN",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_TENANT_TAGGED),
		  .ip = {.src = HOST4, .dst = "10.4.0.1", .ttl = 1, .protocol = TCP, .payload = 100}},
		 DP_REASON_ttl_expired,
		 11,
		 0,
		 0,
		 {SENT}},
		{"Fragmentation Needed",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.12.0.1", .payload = 700, .fragment = 0x4000}},
		 DP_REASON_too_big,
		 3,
		 4,
		 600,
		 {SENT}},
		{"Fragmentation Needed before a tunnel",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.4.0.1", .payload = 1472, .fragment = 0x4000}},
		 DP_REASON_too_big,
		 3,
		 4,
		 1450,
		 {SENT}},
		{"Packet Too Big before a tunnel over IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:5::1", .payload = 1452}},
		 DP_REASON_too_big,
		 2,
		 0,
		 1430,
		 {SENT}},
		{"no route",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.200.0.1"}},
		 DP_REASON_no_route,
		 3,
		 0,
		 0,
		 {SENT}},
		{"no route, IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db9::1"}},
		 DP_REASON_no_route,
		 1,
		 0,
		 0,
		 {SENT}},
		{"a dead neighbour",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.9.0.1"}},
		 DP_REASON_unresolved,
		 3,
		 1,
		 0,
		 {SENT}},
		{"a dead neighbour, IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:9::1"}},
		 DP_REASON_unresolved,
		 1,
		 3,
		 0,
		 {SENT}},
		{"unreachable",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.25.0.1"}},
		 DP_REASON_discard_unreachable,
		 3,
		 1,
		 0,
		 {SENT}},
		{"unreachable, IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:25::1"}},
		 DP_REASON_discard_unreachable,
		 1,
		 0,
		 0,
		 {SENT}},
		{"prohibited",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.26.0.1"}},
		 DP_REASON_discard_prohibited,
		 3,
		 13,
		 0,
		 {SENT}},
		{"prohibited, IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:26::1"}},
		 DP_REASON_discard_prohibited,
		 1,
		 1,
		 0,
		 {SENT}},
		{"no socket",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.18.0.9"}},
		 DP_REASON_no_socket,
		 3,
		 3,
		 0,
		 {SENT, .ip = {.src = "10.18.0.9"}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		answer_check_error(&tests[i]);
}

/* Out of a tunnel, and back by the VRF's routes: here onto a port. */
static void errors_about_tunnels(void **state)
{
	static const struct error_case tests[] = {
		{"in VXLAN",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
		  .ip = {.src = HOST4, .dst = "10.1.0.1", .ttl = 1, .payload = 64}},
		 DP_REASON_ttl_expired,
		 11,
		 0,
		 0,
		 {SENT}},
		{"IPv6 in VXLAN",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
		  .ip = {.src = HOST6, .dst = "2001:db8:1::1", .ttl = 1, .payload = 64}},
		 DP_REASON_ttl_expired,
		 3,
		 0,
		 0,
		 {SENT}},
		{"IPv4 in Geneve over IPv6",
		 {TENANT_TUNNEL, GENEVE_OUTER, .inner_dst = MAC_VTEP,
		  .ip = {.src = HOST4, .dst = "10.12.0.1", .payload = 900, .fragment = 0x4000}},
		 DP_REASON_too_big,
		 3,
		 4,
		 600,
		 {SENT}},
		{"given back by a stage",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_SECOND), .ip = {.src = HOST4, .dst = "10.1.0.1", .ttl = 1}},
		 DP_REASON_ttl_expired,
		 11,
		 0,
		 0,
		 {SENT}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		answer_check_error(&tests[i]);
}

/* RFC 792, RFC 4443 3.4: the pointer says what is wrong with the header. */
static void parameter_problems(void **state)
{
	static const struct {
		uint8_t option[4], pointer;
		enum dp_reason reason;
	} options[] = {
		{{1, 7, 1, 0}, 21, DP_REASON_bad_option},     /* shorter than an option is */
		{{1, 1, 7, 7}, 22, DP_REASON_bad_option},     /* beyond the header */
		{{7, 3, 4, 131}, 23, DP_REASON_source_route}, /* loose */
		{{137, 3, 4, 1}, 20, DP_REASON_source_route}, /* strict */
	};
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.1.0.1", .payload = 33, .options = 4}};
	struct frame_spec six = {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:1::1", .payload = 33, .options = 8}};
	struct outcome outcome;
	struct frame in;

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		struct frame_spec back = {
			SENT, .ip = {.src = OWN4, .dst = HOST4, .protocol = ICMP, .tos = 0xc0, .payload = 24 + 8 + 33}};
		struct frame want = frame_build(&back);

		in = frame_build(&spec);
		memcpy(in.byte + ETHERNET + 20, options[i].option, 4);
		frame_fix_checksum(&in, ETHERNET);
		memset(want.byte + ETHERNET + 20, 0, 8);
		want.byte[ETHERNET + 20] = 12;
		want.byte[ETHERNET + 24] = options[i].pointer;
		memcpy(want.byte + ETHERNET + 28, in.byte + ETHERNET, in.length - ETHERNET);
		answer_fix_icmp(&want, ETHERNET);
		outcome = rig_run_answered(&in);
		assert_string_equal(reason_names[outcome.reason], reason_names[options[i].reason]);
		answer_same("parameter problem", &outcome.frame, &want);
	}
	in = frame_build(&six);
	in.byte[ETHERNET + 6] = 43; /* a routing header of type 0 in the place of the options */
	in.byte[ETHERNET + 42] = 0;
	in.byte[ETHERNET + 43] = 1;
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_source_route);
	assert_int_equal(outcome.frame.byte[ETHERNET + 40], 4);
	assert_int_equal(outcome.frame.byte[ETHERNET + 41], 0);
	assert_int_equal(frame_get16(&outcome.frame, ETHERNET + 44) << 16 | frame_get16(&outcome.frame, ETHERNET + 46),
			 42);
}

static void no_errors(void **state)
{
	static const struct rig_case tests[] = {
		{"about an error",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.1.0.1", .ttl = 1, .protocol = ICMP, .icmp_type = 3}},
		 DP_REASON_ttl_expired},
		{"about an error, IPv6",
		 {TO_ROUTER,
		  .ip = {.src = HOST6, .dst = "2001:db8:1::1", .ttl = 1, .protocol = ICMPV6, .icmp_type = 1}},
		 DP_REASON_ttl_expired},
		{"about a redirect",
		 {TO_ROUTER,
		  .ip = {.src = HOST6, .dst = "2001:db8:1::1", .ttl = 1, .protocol = ICMPV6, .icmp_type = 137}},
		 DP_REASON_ttl_expired},
		{"about a later fragment",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.1.0.1", .ttl = 1, .payload = 64, .fragment = 185}},
		 DP_REASON_ttl_expired},
		{"about a discarded one", {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.8.0.1"}}, DP_REASON_discard},
	};

	struct frame_spec ours = {TO_ROUTER, .ip = {.src = OWN4, .dst = "10.1.0.1", .ttl = 1}};
	struct frame in = frame_build(&ours);

	(void)state;
	RIG_CHECK_ALL(tests);
	assert_false(rig_run_either(&in)); /* to ourselves */
}

/* 50 at once, and then one an interval. */
static void errors_are_limited(void **state)
{
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.1.0.1", .ttl = 1}};
	struct frame in = frame_build(&spec);
	int sent = 0;

	(void)state;
	rig_bank(0)->vrf_answers[VRF_TENANT].error_interval = 1000000000;
	for (int i = 0; i < 100; i++)
		sent += rig_run_either(&in);
	assert_in_range(sent, DP_ERROR_BURST - 1, DP_ERROR_BURST + 1);
}

int answer_error_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(errors_on_ports, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(errors_about_tunnels, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(parameter_problems, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(no_errors, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(errors_are_limited, answer_set_up, answer_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
