/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How its headers are laid out changes nothing about where a packet goes: IPv4 options, IPv6 extension headers,
 * fragments and ICMP errors, drawn by chance, go where the plain packet of their flow goes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bpf/router/stacks.h"

enum { TCP = 6, UDP = 17, SCTP = 132, WALKED = 8 };

/* One flow and both of its ways, by a port of the VRF with chains or of the one with groups. */
struct drawn {
	bool ipv6;
	enum port port;
	char near[40], far[40];
	struct ip_spec there, back;
	size_t ip; /* offset of the IP header */
};

/* Packets that each test draws: SLUICE_DRAWN, or a few seconds' worth. */
static int drawn(void)
{
	const char *text = getenv("SLUICE_DRAWN");

	return text ? atoi(text) : rig_draws(6000);
}

/* The addresses are texts in `flow`, which must stay where it is. */
static void draw_flow(struct drawn *flow)
{
	static const uint8_t protocols[] = {TCP, TCP, TCP, UDP, UDP, SCTP, 47, 50};
	static const uint16_t ports[] = {80, 443, 79, 444, 200, UDP_BYPASS, 53};

	flow->ipv6 = stack_random(2);
	flow->port = stack_random(2) ? PORT_CHAINED : PORT_TENANT;
	snprintf(flow->near, sizeof(flow->near), flow->ipv6 ? "2001:db8:abcd::%u" : "172.16.0.%u",
		 1 + stack_random(200));
	snprintf(flow->far, sizeof(flow->far), flow->ipv6 ? "2001:db8:%u::%u" : "10.%u.0.%u",
		 flow->port == PORT_CHAINED ? WAY_PLAIN : WAY_WEIGHTED, 1 + stack_random(200));
	flow->there = (struct ip_spec){.src = flow->near,
				       .dst = flow->far,
				       .protocol = protocols[stack_random(sizeof(protocols))],
				       .src_port = (uint16_t)(1024 + stack_random(60000)),
				       .dst_port = ports[stack_random(sizeof(ports) / sizeof(*ports))],
				       .payload = (uint16_t)(12 + stack_random(64))};
	flow->back = flow->there;
	flow->back.src = flow->far;
	flow->back.dst = flow->near;
	flow->back.src_port = flow->there.dst_port;
	flow->back.dst_port = flow->there.src_port;
}

static struct frame build(struct drawn *flow, const struct ip_spec *ip)
{
	struct frame_spec spec = {.dst = MAC_ROUTER, .src = MAC_HOST, .vlan = PORT_VLAN(flow->port), .ip = *ip};
	struct frame frame = frame_build(&spec);

	flow->ip = frame_ip(&spec);
	if (ip->protocol == SCTP) {
		size_t l4 = flow->ip + (flow->ipv6 ? 40 : 20);

		frame_put16(&frame, l4, ip->src_port);
		frame_put16(&frame, l4 + 2, ip->dst_port);
	}
	return frame;
}

/* Where a frame goes: the reason, and the MAC that it is sent to. */
static int goes(const struct frame *frame)
{
	struct outcome outcome = rig_run(frame);

	return outcome.reason << 8 | (outcome.verdict == DP_VERDICT_FORWARDED ? outcome.frame.byte[5] : 0);
}

/* Fails the test where the frame goes another way than `way`. */
static void expect_way(const char *what, int number, const struct drawn *flow, const struct frame *frame, int way)
{
	int other = goes(frame);

	if (other != way)
		fail_msg("%s %d, of protocol %u from %s to %s by port %d: %s to %02x instead of %s to %02x", what,
			 number, flow->there.protocol, flow->near, flow->far, flow->port, reason_names[other >> 8],
			 other & 0xff, reason_names[way >> 8], way & 0xff);
}

static struct stack dress(struct frame *frame, const struct drawn *flow, size_t most)
{
	struct stack stack = {.count = 0};

	if (flow->ipv6) {
		stack = stack_draw(most);
		stack_put(frame, flow->ip, &stack);
	} else {
		stack_put_options(frame, flow->ip);
	}
	return stack;
}

static void headers_as_the_plain_packet(void **state)
{
	(void)state;
	for (int i = 0; i < drawn(); i++) {
		struct drawn flow;
		struct frame plain, dressed;

		draw_flow(&flow);
		plain = dressed = build(&flow, stack_random(2) ? &flow.there : &flow.back);
		dress(&dressed, &flow, WALKED);
		expect_way("packet", i, &flow, &dressed, goes(&plain));
	}
}

static void fragments_as_the_whole_packet(void **state)
{
	(void)state;
	for (int i = 0; i < drawn(); i++) {
		struct drawn flow;
		struct frame plain, dressed;
		struct fragments two;
		struct stack stack;
		int way;

		draw_flow(&flow);
		plain = dressed = build(&flow, stack_random(2) ? &flow.there : &flow.back);
		stack = dress(&dressed, &flow, WALKED - 1);
		two = stack_fragment(&dressed, flow.ip, &stack, stack_random((uint32_t)stack.count + 1), (uint32_t)i);
		way = goes(&plain);
		expect_way("first fragment", i, &flow, &two.first, way);
		expect_way("later fragment", i, &flow, &two.later, way);
	}
}

/* An error about a packet that went there comes back by the way of the replies. One about a later fragment does so
 * where the flow of its first was asked for, as classifiers always do. */
static void errors_as_the_replies(void **state)
{
	static const uint8_t types[2][5] = {{3, 4, 5, 11, 12}, {1, 2, 3, 4, 1}};

	(void)state;
	for (int i = 0; i < drawn(); i++) {
		bool turned = stack_random(2);
		struct drawn flow;
		struct frame about, reply, error;
		struct stack stack;
		size_t quoted;
		int way;

		draw_flow(&flow);
		reply = build(&flow, turned ? &flow.there : &flow.back);
		about = build(&flow, turned ? &flow.back : &flow.there);
		way = goes(&reply);
		stack = dress(&about, &flow, WALKED - 1);
		quoted = 576;
		if (!flow.ipv6)
			quoted = (about.byte[flow.ip] & 15) * 4U + 8;
		if (stack_random(2)) {
			struct fragments two = stack_fragment(&about, flow.ip, &stack, 0, (uint32_t)i);

			goes(&two.first);
			about = flow.port == PORT_CHAINED && stack_random(2) ? two.later : two.first;
		}
		error = stack_error(&about, flow.ip, flow.ipv6 ? "2001:db8:99::1" : "10.99.0.1",
				    types[flow.ipv6][stack_random(5)], quoted);
		expect_way("error about", i, &flow, &error, way);
	}
}

/* No chain of headers is so long that a packet gets past a chain of stages. */
static void longer_than_is_walked(void **state)
{
	(void)state;
	for (int i = 0; i < drawn(); i++) {
		struct drawn flow;
		struct frame plain, dressed;
		struct stack stack;
		enum dp_reason with, without;

		draw_flow(&flow);
		plain = dressed = build(&flow, stack_random(2) ? &flow.there : &flow.back);
		if (!flow.ipv6)
			continue;
		do
			stack = stack_draw(STACK_MOST);
		while (stack.count <= WALKED);
		stack_put(&dressed, flow.ip, &stack);
		without = rig_run(&plain).reason;
		with = rig_run(&dressed).reason;
		if (flow.port == PORT_TENANT)
			assert_int_equal(with, DP_REASON_forwarded);
		else if (without == DP_REASON_steered)
			assert_true(with == DP_REASON_steered || with == DP_REASON_unclassified);
	}
}

static void run_options(const uint8_t *option, size_t size, enum dp_reason reason)
{
	struct frame_spec spec = {.dst = MAC_ROUTER, .src = MAC_HOST, .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"}};
	struct frame frame = frame_build(&spec);

	stack_put_option_bytes(&frame, frame_ip(&spec), option, size);
	assert_int_equal(rig_run(&frame).reason, reason);
}
#define RUN_OPTIONS(reason, ...)                                                                                       \
	run_options((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), DP_REASON_##reason)

static void options(void **state)
{
	(void)state;
	RUN_OPTIONS(forwarded, 1, 1, 1, 0);
	RUN_OPTIONS(forwarded, 148, 4, 0, 0);	/* router alert */
	RUN_OPTIONS(forwarded, 0, 131, 3, 4);	/* behind the end */
	RUN_OPTIONS(forwarded, 7, 4, 131, 137); /* inside of another */
	RUN_OPTIONS(source_route, 131, 7, 4, 10, 2, 0, 1);
	RUN_OPTIONS(source_route, 137, 7, 4, 10, 2, 0, 1);
	RUN_OPTIONS(source_route, 1, 1, 148, 4, 0, 0, 131, 3, 4);
	RUN_OPTIONS(bad_option, 7);
	RUN_OPTIONS(bad_option, 1, 1, 1, 7);
	RUN_OPTIONS(bad_option, 7, 1, 0, 0);
	RUN_OPTIONS(bad_option, 7, 0, 0, 0);
	RUN_OPTIONS(bad_option, 1, 7, 4, 4);
}

static void source_routing_header(void **state)
{
	struct frame_spec spec = {
		.dst = MAC_ROUTER, .src = MAC_HOST, .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:1::1"}};
	struct stack stack = {{EXTENSION_DESTINATION, EXTENSION_ROUTING}, 2};

	(void)state;
	for (uint8_t type = 0; type < 5; type++) {
		struct frame frame = frame_build(&spec);
		size_t routing = frame_ip(&spec) + 40;

		stack_put(&frame, frame_ip(&spec), &stack);
		routing += (frame.byte[routing + 1] + 1U) * 8;
		frame.byte[routing + 2] = type;
		assert_int_equal(rig_run(&frame).reason, type ? DP_REASON_forwarded : DP_REASON_source_route);
	}
}

/* A later fragment whose first has not been here goes where all the classifiers that it may match lead. */
static void later_fragments_first(void **state)
{
	struct frame_spec spec = {.dst = MAC_ROUTER,
				  .src = MAC_HOST,
				  .vlan = PORT_VLAN(PORT_CHAINED),
				  .ip = {.src = "172.16.0.9", .dst = "10.1.0.1", .fragment = 0x2009, .id = 7}};
	static const struct {
		uint8_t protocol;
		enum dp_reason reason;
	} tests[] = {{TCP, DP_REASON_steered}, {UDP, DP_REASON_unclassified}, {47, DP_REASON_forwarded}};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct frame frame;

		spec.ip.protocol = tests[i].protocol;
		frame = frame_build(&spec);
		assert_int_equal(rig_run(&frame).reason, tests[i].reason);
	}
}

/* An error that does not go to the source of what it quotes is judged as what it is. */
static void errors_that_lie(void **state)
{
	for (int i = 0; i < 100; i++) {
		struct drawn flow = {.ipv6 = i & 1, .port = PORT_CHAINED};
		const char *client = flow.ipv6 ? "2001:db8:abcd::1" : "172.16.0.1";
		struct ip_spec web = {.src = client,
				      .dst = flow.ipv6 ? "2001:db8:1::1" : "10.1.0.1",
				      .protocol = TCP,
				      .dst_port = 80};
		struct frame about = build(&flow, &web), error;

		(void)state;
		error = stack_error(&about, flow.ip, flow.ipv6 ? "2001:db8:99::1" : "10.99.0.1", flow.ipv6 ? 1 : 3, 60);
		assert_int_equal(rig_run(&error).reason, DP_REASON_steered);
		error.byte[flow.ip + (flow.ipv6 ? 40 + 8 + 23 : 20 + 8 + 15)]++; /* the quoted source */
		assert_int_equal(rig_run(&error).reason, DP_REASON_forwarded);
	}
}

int headers_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_as_the_plain_packet),
		cmocka_unit_test(fragments_as_the_whole_packet),
		cmocka_unit_test(errors_as_the_replies),
		cmocka_unit_test(longer_than_is_walked),
		cmocka_unit_test(options),
		cmocka_unit_test(source_routing_header),
		cmocka_unit_test(later_fragments_first),
		cmocka_unit_test(errors_that_lie),
	};

	return cmocka_run_group_tests_name("headers", tests, NULL, NULL);
}
