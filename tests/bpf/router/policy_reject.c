/* SPDX-License-Identifier: Apache-2.0 */
/* What the sender of a rejected packet is told, byte for byte: a reset, or ICMP "administratively prohibited". */
#include "tests/bpf/router/policy.h"

#include <arpa/inet.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, SEQUENCE = 0x01020304, ACKNOWLEDGED = 0x0a0b0c0d };

#define SEGMENT(from, to) .src = from, .dst = to, .protocol = TCP, .src_port = 5555, .dst_port = 80

static int reject_set_up(void **state)
{
	static const struct rule_spec rules[] = {{1, DP_POLICY_REJECT, .destination = "10.1.0.0/16"},
						 {2, DP_POLICY_REJECT, .destination = "2001:db8:1::/48"}};
	int status = policy_set_up(state);

	policy_add(VRF_TENANT, &rules[0]);
	policy_add(VRF_TENANT, &rules[1]);
	return status;
}

static void put32(struct frame *frame, size_t at, uint32_t value)
{
	frame_put16(frame, at, (uint16_t)(value >> 16));
	frame_put16(frame, at + 2, (uint16_t)value);
}

/* RFC 9293 3.1, over the segment and the pseudo-header of its IP packet at `ip`. */
static void fix_tcp(struct frame *frame, size_t ip, size_t size)
{
	bool ipv6 = frame->byte[ip] >> 4 == 6;
	size_t tcp = ip + (ipv6 ? 40 : 20), addresses = ipv6 ? ip + 8 : ip + 12;
	uint32_t sum = TCP + (uint32_t)size;

	frame_put16(frame, tcp + 16, 0);
	for (size_t i = addresses; i < tcp; i += 2)
		sum += frame_get16(frame, i);
	for (size_t i = 0; i < size; i += 2)
		sum += frame_get16(frame, tcp + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame_put16(frame, tcp + 16, (uint16_t)~sum);
}

/* The segment with these flags. */
static struct frame segment(const struct frame_spec *spec, uint8_t flags)
{
	struct frame frame = frame_build(spec);
	size_t ip = frame_ip(spec), tcp = ip + (frame.byte[ip] >> 4 == 6 ? 40U + spec->ip.options : 20U);

	put32(&frame, tcp + 4, SEQUENCE);
	put32(&frame, tcp + 8, ACKNOWLEDGED);
	frame.byte[tcp + 13] = flags;
	return frame;
}

struct reset_case {
	const char *name;
	struct frame_spec in;
	uint8_t flags;
	uint32_t sequence, acknowledged;
	uint8_t answer; /* flags of the reset */
	struct frame_spec out;
};

static void check_reset(const struct reset_case *test)
{
	struct frame in = segment(&test->in, test->flags), want;
	struct frame_spec out = test->out;
	struct outcome outcome = rig_run_answered(&in);
	size_t ip, tcp;

	assert_string_equal(reason_names[outcome.reason], "rejected");
	out.ip = (struct ip_spec){
		.src = test->in.ip.dst, .dst = test->in.ip.src, .protocol = TCP, .src_port = 80, .dst_port = 5555};
	want = frame_build(&out);
	ip = frame_ip(&out);
	tcp = ip + (want.byte[ip] >> 4 == 6 ? 40 : 20);
	put32(&want, tcp + 4, test->sequence);
	put32(&want, tcp + 8, test->acknowledged);
	want.byte[tcp + 12] = 0x50;
	want.byte[tcp + 13] = test->answer;
	memset(want.byte + tcp + 14, 0, 6);
	fix_tcp(&want, ip, 20);
	if (out.tunnel) /* the source port is the router's to choose */
		memcpy(want.byte + frame_tunnel(&out) - 8, outcome.frame.byte + frame_tunnel(&out) - 8, 2);
	answer_same(test->name, &outcome.frame, &want);
}

static void resets(void **state)
{
	static const struct reset_case tests[] = {
		{"SYN", {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1")}}, SYN, 0, SEQUENCE + 1, RST | ACK, {SENT}},
		{"SYN, IPv6",
		 {TENANT, .ip = {SEGMENT(HOST6, "2001:db8:1::1")}},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {SENT}},
		{"ACK with data",
		 {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1"), .payload = 300}},
		 ACK,
		 ACKNOWLEDGED,
		 0,
		 RST,
		 {SENT}},
		{"data without ACK",
		 {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1"), .payload = 101}},
		 0,
		 0,
		 SEQUENCE + 101,
		 RST | ACK,
		 {SENT}},
		{"SYN and FIN with data",
		 {TENANT, .ip = {SEGMENT(HOST6, "2001:db8:1::1"), .payload = 7}},
		 SYN | FIN,
		 0,
		 SEQUENCE + 9,
		 RST | ACK,
		 {SENT}},
		{"SYN and ACK", {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1")}}, SYN | ACK, ACKNOWLEDGED, 0, RST, {SENT}},
		{"behind IPv6 options",
		 {TENANT, .ip = {SEGMENT(HOST6, "2001:db8:1::1"), .options = 8}},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {SENT}},
		{"on a VLAN",
		 {TENANT, .vlan = PORT_VLAN(PORT_TENANT_TAGGED), .ip = {SEGMENT(HOST4, "10.1.0.1")}},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {SENT}},
		{"with a trailer",
		 {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1")}, .trailer = 6},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {SENT}},
		{"in VXLAN",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP, .ip = {SEGMENT(HOST4, "10.1.0.1")}},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {SENT}},
		{"IPv6 in Geneve over IPv6",
		 {TENANT_TUNNEL, GENEVE_OUTER, .inner_dst = MAC_VTEP, .ip = {SEGMENT(HOST6, "2001:db8:1::1")}},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {SENT}},
		{"back through the tunnel",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP, .ip = {SEGMENT(LINK4, "10.1.0.1")}},
		 SYN,
		 0,
		 SEQUENCE + 1,
		 RST | ACK,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = VXLAN,
		  .vni = VNI_TENANT,
		  .inner_dst = MAC_PEER,
		  .inner_src = MAC_VTEP,
		  .outer = {.src = LOCAL4, .dst = REMOTE4, .dst_port = 4789, .fragment = 0x4000}}},
	};
	uint64_t before = policy_counted(1) + policy_counted(2);

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		check_reset(&tests[i]);
	assert_int_equal(policy_counted(1) + policy_counted(2) - before, sizeof(tests) / sizeof(*tests));
}

static void prohibited(void **state)
{
	static const struct error_case tests[] = {
		{"UDP",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .payload = 30}},
		 DP_REASON_rejected,
		 3,
		 13,
		 0,
		 {SENT}},
		{"UDP, IPv6",
		 {TENANT, .ip = {.src = HOST6, .dst = "2001:db8:1::1", .payload = 30}},
		 DP_REASON_rejected,
		 1,
		 1,
		 0,
		 {SENT}},
		{"echo request",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .protocol = ICMP, .icmp_type = 8}},
		 DP_REASON_rejected,
		 3,
		 13,
		 0,
		 {SENT}},
		{"first fragment of TCP",
		 {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1"), .payload = 12, .fragment = 0x2000}},
		 DP_REASON_rejected,
		 3,
		 13,
		 0,
		 {SENT}},
		{"UDP in VXLAN",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP, .ip = {.src = HOST4, .dst = "10.1.0.1"}},
		 DP_REASON_rejected,
		 3,
		 13,
		 0,
		 {SENT}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		answer_check_error(&tests[i]);
}

/* About a reset, an error, a later fragment; and what is denied is not told of. */
static void silence(void **state)
{
	static const struct rule_spec deny = {3, DP_POLICY_DENY, .category = DP_POLICY_INGRESS, .protocol = UDP,
					      .port = 9};
	static const struct frame_spec reset = {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1")}};
	static const struct frame_spec odd = {TENANT, .ip = {SEGMENT(HOST4, "10.1.0.1")}};
	static const struct rig_case tests[] = {
		{"an error",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .protocol = ICMP, .icmp_type = 3}},
		 DP_REASON_rejected},
		{"a later fragment",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .fragment = 185}},
		 DP_REASON_rejected},
		{"denied, too", {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 9}}, DP_REASON_denied},
	};
	struct frame in = segment(&reset, RST);

	(void)state;
	assert_string_equal(reason_names[rig_run(&in).reason], "rejected");
	in = segment(&odd, SYN);
	in.byte[ETHERNET + 32] = 0x40; /* a header of 16 bytes */
	assert_string_equal(reason_names[rig_run(&in).reason], "rejected");
	in.byte[ETHERNET + 32] = 0x60; /* one that runs over the end */
	assert_string_equal(reason_names[rig_run(&in).reason], "rejected");
	policy_add(VRF_TENANT, &deny);
	rig_check(&tests[2]);
	policy_drop(VRF_TENANT, 3);
	rig_check(&tests[0]);
	rig_check(&tests[1]);
}

/* As errors are: so many at once, and then one an interval. */
static void resets_are_limited(void **state)
{
	static const struct rule_spec rule = {1, DP_POLICY_REJECT, .destination = "10.2.0.0/16"};
	static const struct frame_spec spec = {CHAINED, .ip = {SEGMENT(HOST4, "10.2.0.1")}};
	struct frame in = segment(&spec, SYN);
	int sent = 0;

	(void)state;
	policy_add(VRF_CHAINED, &rule);
	rig_bank(0)->vrf_answers[VRF_CHAINED].error_interval = 1000000000;
	for (int i = 0; i < 100; i++)
		sent += rig_run_either(&in);
	assert_in_range(sent, DP_ERROR_BURST - 1, DP_ERROR_BURST + 1);
}

int policy_reject_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(resets, reject_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(prohibited, reject_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(silence, reject_set_up, policy_tear_down),
	};

	return cmocka_run_group_tests_name("policy's answers", tests, NULL, NULL);
}

/* Behind all other answers of the VRF, which has to wait for its next one. */
int policy_limit_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(resets_are_limited, policy_set_up, policy_tear_down),
	};

	return cmocka_run_group_tests_name("policy's limit of answers", tests, NULL, NULL);
}
