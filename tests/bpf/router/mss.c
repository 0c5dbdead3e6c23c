/* SPDX-License-Identifier: Apache-2.0 */
/* The MSS that a SYN announces: lowered to the smaller of the way out and the way back, whatever its options are. */
#include <string.h>

#include "tests/bpf/router/rig.h"
#include "tests/bpf/router/stacks.h"

#define TO_ROUTER     .dst = MAC_ROUTER, .src = MAC_HOST
#define TCP(from, to) .src = from, .dst = to, .protocol = 6, .src_port = 1000, .dst_port = 2000
#define SENT	      .dst = WAY_MAC(WAY_PLAIN), .src = MAC_OUT
#define TCP_HEADER    20
#define OPTIONS	      40
#define SYN	      0x02
#define SYN_ACK	      0x12
#define DF	      0x4000
#define USUAL_OPTIONS "\2\4\5\264\4\2\10\12\1\2\3\4\0\0\0\0\1\3\3\7" /* as Linux sends them: 1460 */
#define USUAL_SIZE    20

static size_t l4_of(const struct frame *frame, size_t ip)
{
	return ip + (frame->byte[ip] >> 4 == 6 ? 40 : (frame->byte[ip] & 15) * 4U);
}

static uint32_t sum(const struct frame *frame, size_t from, size_t to)
{
	uint32_t total = 0;

	for (size_t i = from; i + 1 < to; i += 2)
		total += frame_get16(frame, i);
	return (to - from) & 1 ? total + (frame->byte[to - 1] << 8) : total;
}

/* The checksum of the TCP segment behind the IP header at `ip`; 0: it is right. */
static uint16_t checksum(const struct frame *frame, size_t ip)
{
	bool ipv6 = frame->byte[ip] >> 4 == 6;
	size_t l4 = l4_of(frame, ip);
	size_t end = ip + frame_get16(frame, ip + (ipv6 ? 4 : 2)) + (ipv6 ? 40 : 0);
	uint32_t total = sum(frame, l4, end) + (uint32_t)(end - l4) + 6;

	total += ipv6 ? sum(frame, ip + 8, ip + 40) : sum(frame, ip + 12, ip + 20);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

static void finish_checksum(struct frame *frame, size_t ip)
{
	frame_put16(frame, l4_of(frame, ip) + 16, 0);
	frame_put16(frame, l4_of(frame, ip) + 16, checksum(frame, ip));
}

/* Makes the first bytes behind the TCP header of the frame at `ip` its options. */
static void put_options(struct frame *frame, size_t ip, uint8_t flags, const void *options, size_t size)
{
	size_t l4 = l4_of(frame, ip);

	frame->byte[l4 + 12] = (uint8_t)((TCP_HEADER + (size + 3) / 4 * 4) / 4 << 4);
	frame->byte[l4 + 13] = flags;
	memset(frame->byte + l4 + TCP_HEADER, 0, (size + 3) / 4 * 4);
	memcpy(frame->byte + l4 + TCP_HEADER, options, size);
	finish_checksum(frame, ip);
}

static struct {
	uint8_t flags;
	uint8_t options[OPTIONS];
	size_t size;
	uint16_t mss; /* of what leaves; in the options at `at`, 0: nothing has changed */
	size_t at;
} now;

static void change(struct frame *frame, const struct frame_spec *spec)
{
	put_options(frame, frame_ip(spec), now.flags, now.options, now.size);
}

static void change_out(struct frame *frame, const struct frame_spec *spec)
{
	uint8_t options[OPTIONS];

	memcpy(options, now.options, sizeof(options));
	if (now.mss) {
		options[now.at] = (uint8_t)(now.mss >> 8);
		options[now.at + 1] = (uint8_t)now.mss;
	}
	put_options(frame, frame_ip(spec), now.flags, options, now.size);
}

static void set_now(uint8_t flags, const char *options, size_t size, uint16_t mss, size_t at)
{
	now.flags = flags;
	memset(now.options, 0, sizeof(now.options));
	memcpy(now.options, options, size);
	now.size = size;
	now.mss = mss;
	now.at = at;
}

static void set_clamp(uint16_t clamp)
{
	for (int vrf = VRF_TENANT; vrf <= VRF_CHAINED; vrf++)
		rig_bank(0)->vrfs[vrf].mss_clamp = clamp;
}

static int on(void **state)
{
	(void)state;
	set_clamp(DP_MSS_MOST);
	return 0;
}

static int off(void **state)
{
	(void)state;
	set_clamp(0);
	return 0;
}

/* From port `in` to where `to` leads, TTL one less. */
static void routed(const struct frame_spec *in, struct frame_spec out, enum dp_reason reason)
{
	struct rig_case test = {"SYN", *in, reason, out, change, change_out};

	test.in.ip.payload = test.out.ip.payload = OPTIONS;
	rig_check(&test);
}

static void plain(const char *from, const char *to, enum way way)
{
	struct ip_spec ip = {TCP(from, to)};
	struct frame_spec out = {.dst = WAY_MAC(way), .src = MAC_OUT, .ip = ip};

	out.ip.ttl = 63;
	routed(&(struct frame_spec){TO_ROUTER, .ip = ip}, out, DP_REASON_forwarded);
}

static const struct {
	enum way way;
	const char *to[2]; /* by inner family */
	bool ipv6;	   /* outside */
	uint16_t room;
} tunnels[] = {
	{WAY_VXLAN4, {"10.4.0.1", "2001:db8:4::1"}, false, 1450},
	{WAY_VXLAN6, {"10.5.0.1", "2001:db8:5::1"}, true, 1430},
	{WAY_GENEVE4, {"10.6.0.1", "2001:db8:6::1"}, false, 1450},
	{WAY_GENEVE6, {"10.7.0.1", "2001:db8:7::1"}, true, 1430},
};

static struct frame_spec in_tunnel(int i, const struct ip_spec *ip)
{
	struct frame_spec spec = {.dst = WAY_MAC(WAY_UNDERLAY),
				  .src = MAC_OUT,
				  .tunnel = i < 2 ? VXLAN : GENEVE,
				  .vni = WAY_VNI(tunnels[i].way),
				  .inner_dst = WAY_MAC(tunnels[i].way),
				  .inner_src = MAC_OUT,
				  .ip = *ip};

	spec.ip.ttl = 63;
	spec.outer = (struct ip_spec){.src = tunnels[i].ipv6 ? LOCAL6 : LOCAL4,
				      .dst = tunnels[i].ipv6 ? REMOTE6 : REMOTE4,
				      .fragment = tunnels[i].ipv6 ? 0 : DF,
				      .dst_port = i < 2 ? 4789 : 6081};
	return spec;
}

static void into_tunnels(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++) {
		bool ipv6 = i & 1;
		struct ip_spec ip = {TCP(ipv6 ? "2001:db8:abcd::1" : "172.16.0.1", tunnels[i / 4].to[ipv6])};

		set_now(i & 2 ? SYN : SYN_ACK, USUAL_OPTIONS, USUAL_SIZE,
			(uint16_t)(tunnels[i / 4].room - (ipv6 ? 60 : 40)), 2);
		routed(&(struct frame_spec){TO_ROUTER, .ip = ip}, in_tunnel(i / 4, &ip), DP_REASON_encapsulated);
	}
}

/* What comes from a tunnel, or from behind any narrow way, is answered through it. */
static void the_way_back(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		bool ipv6 = i & 1;
		struct ip_spec ip = {TCP(tunnels[i / 2].to[ipv6], ipv6 ? "2001:db8:1::1" : "10.1.0.1")};
		struct frame_spec in = {TO_ROUTER,
					.vlan = PORT_VLAN(PORT_UNDERLAY),
					.tunnel = VXLAN,
					.vni = VNI_TENANT,
					.inner_dst = MAC_VTEP,
					.inner_src = MAC_PEER,
					.outer = {.src = REMOTE4, .dst = LOCAL4, .dst_port = 4789},
					.ip = ip};
		struct frame_spec out = {SENT, .ip = ip};

		out.ip.ttl = 63;
		set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, (uint16_t)(tunnels[i / 2].room - (ipv6 ? 60 : 40)), 2);
		routed(&in, out, DP_REASON_forwarded);
		plain(ip.src, ip.dst, WAY_PLAIN);
	}
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 560, 2);
	plain("10.12.0.9", "10.1.0.1", WAY_PLAIN);
	plain("172.16.0.1", "10.12.0.1", WAY_NARROW);
	plain("10.12.0.9", "10.13.0.1", WAY_JUMBO);
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 0, 0);
	plain("172.16.0.1", "10.13.0.1", WAY_JUMBO);
}

/* The VRF has no route to where it comes from: back through the tunnel by which it came. */
static void no_route_back(void **state)
{
	struct ip_spec ip = {TCP("192.168.0.1", "10.1.0.1")};
	struct frame_spec in = {TO_ROUTER,
				.vlan = PORT_VLAN(PORT_UNDERLAY),
				.tunnel = GENEVE,
				.vni = VNI_TENANT,
				.inner_dst = MAC_VTEP,
				.inner_src = MAC_PEER,
				.outer = {.src = REMOTE6, .dst = LOCAL6, .dst_port = 6081},
				.ip = ip};
	struct frame_spec out = {SENT, .ip = ip};

	(void)state;
	assert_int_equal(TUNNEL_IN(true, GENEVE), WAY_VXLAN4); /* whose row of tunnels[] the rig has */
	out.ip.ttl = 63;
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 1410, 2);
	routed(&in, out, DP_REASON_forwarded);
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 0, 0);
	plain("192.168.0.1", "10.1.0.1", WAY_PLAIN);
}

static void options(void **state)
{
	static const struct {
		const char *options;
		size_t size;
		uint16_t mss;
		size_t at;
		uint8_t flags;
	} tests[] = {
		{"\2\4\5\264", 4, 560, 2, SYN},
		{"\2\4\2\60", 4, 0, 0, SYN},		  /* 560: as large as may be */
		{"\2\4\2\61", 4, 560, 2, SYN},		  /* 561 */
		{"\2\4\0\1", 4, 0, 0, SYN},		  /* never raised */
		{"\1\2\4\5\264", 5, 560, 3, SYN},	  /* its bytes lie in two words of the checksum */
		{"\1\1\2\4\377\377", 6, 560, 4, SYN_ACK}, /* the largest there is */
		{"\10\12\1\2\3\4\5\6\7\10\2\4\5\264", 14, 560, 12, SYN},
		{"\0\2\4\5\264", 5, 0, 0, SYN},	   /* behind the end of the list */
		{"\2\3\5\264", 4, 0, 0, SYN},	   /* another length than RFC 9293 3.7.1 says */
		{"\10\0\2\4\5\264", 6, 0, 0, SYN}, /* no length */
		{"\10\1\2\4\5\264", 6, 0, 0, SYN},
		{"\10\377\2\4\5\264", 6, 0, 0, SYN}, /* beyond the header */
		{"\1\1\1\1\1\2\4\5", 8, 0, 0, SYN},  /* cut short by the header's end */
		{"\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\2\4\5\264", 40, 560, 38,
		 SYN},
		{"\2\4\5\264", 4, 0, 0, 0x10}, /* no SYN */
		{"\2\4\5\264", 4, 0, 0, 0x14}, /* RST */
		{"", 0, 0, 0, SYN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		set_now(tests[i].flags, tests[i].options, tests[i].size, tests[i].mss, tests[i].at);
		plain("172.16.0.1", "10.12.0.1", WAY_NARROW);
	}
	/* What is no option any more, but data. */
	set_now(SYN, USUAL_OPTIONS, 0, 0, 0);
	plain("172.16.0.1", "10.12.0.1", WAY_NARROW);
}

static void modes(void **state)
{
	(void)state;
	set_clamp(0);
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 0, 0);
	plain("172.16.0.1", "10.12.0.1", WAY_NARROW);
	set_clamp(1000);
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 1000, 2);
	plain("172.16.0.1", "10.1.0.1", WAY_PLAIN);
	plain("2001:db8:abcd::1", "2001:db8:1::1", WAY_PLAIN);
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 560, 2);
	plain("172.16.0.1", "10.12.0.1", WAY_NARROW);
	set_clamp(DP_MSS_MOST);
}

/* A stage's link has to take the segments, too; and XDP leaves no SYN unlooked at that comes back from one. */
static void through_a_chain(void **state)
{
	struct dp_stage *stage = &rig_bank(0)->stages[STAGE_FIRST];
	struct rig_case test = {"steered",
				{TO_ROUTER, .vlan = PORT_VLAN(PORT_CHAINED), .ip = {TCP("172.16.0.1", "10.1.0.1")}},
				DP_REASON_steered,
				{.dst = STAGE_MAC(1, 0), .src = MAC_OUT},
				change,
				change_out};
	struct frame_spec back = {TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_SECOND),
				  .ip = {TCP("172.16.0.1", "10.12.0.1")}};
	struct frame_spec out = {.dst = WAY_MAC(WAY_NARROW), .src = MAC_OUT, .ip = back.ip};
	struct dp_stage before = *stage;

	(void)state;
	stage->count = 1;
	memset(stage->bucket, 0, sizeof(stage->bucket));
	stage->member[0].mtu = 1400;
	test.in.ip.dst_port = 80;
	test.in.ip.payload = OPTIONS;
	test.out.ip = test.in.ip;
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 1360, 2);
	rig_check(&test);
	*stage = before;
	out.ip.ttl = 63;
	set_now(SYN, USUAL_OPTIONS, USUAL_SIZE, 560, 2);
	routed(&back, out, DP_REASON_forwarded);
}

/* Where the MSS is in the options, read as RFC 9293 3.1 says; 0: nowhere, or they are not sound up to there. */
static size_t find(const uint8_t *option, size_t size)
{
	for (size_t at = 0; at < size && option[at]; at += option[at] == 1 ? 1 : option[at + 1]) {
		if (option[at] == 1)
			continue;
		if (at + 1 >= size || option[at + 1] < 2 || at + option[at + 1] > size)
			return 0;
		if (option[at] == 2)
			return option[at + 1] == 4 ? at + 2 : 0;
	}
	return 0;
}

/* Kinds with lengths that mostly go together, up to `size` bytes. */
static void draw(uint8_t *option, size_t size)
{
	static const uint8_t kinds[] = {0, 1, 1, 1, 2, 2, 3, 4, 5, 8, 34, 255};

	for (size_t at = 0; at < size;) {
		uint8_t kind = kinds[stack_random(sizeof(kinds))];
		uint8_t length = (uint8_t)(kind == 2 && stack_random(8) ? 4 : stack_random(12));

		option[at++] = kind;
		if (kind < 2 || at == size)
			continue;
		option[at++] = length;
		for (int i = 2; i < length && at < size; i++)
			option[at++] = (uint8_t)stack_random(256);
	}
}

/* Random options: what changes is the MSS alone, and the checksum with it. */
static void any_options(void **state)
{
	struct frame_spec spec = {TO_ROUTER, .ip = {TCP("172.16.0.1", "10.12.0.1"), .payload = OPTIONS}};
	int lowered = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		size_t size = stack_random(OPTIONS / 4 + 1) * 4, at;
		uint8_t option[OPTIONS] = {0};
		struct frame frame = frame_build(&spec), want;
		struct outcome outcome;

		draw(option, size);
		put_options(&frame, 14, SYN, option, size);
		outcome = rig_run(&frame);
		assert_int_equal(outcome.reason, DP_REASON_forwarded);
		assert_int_equal(checksum(&outcome.frame, 14), 0);
		at = find(option, size);
		if (at && (option[at] << 8 | option[at + 1]) > 560) {
			option[at] = 560 >> 8;
			option[at + 1] = 560 & 0xff;
			lowered++;
		}
		want = frame;
		put_options(&want, 14, SYN, option, size);
		assert_memory_equal(outcome.frame.byte + 34, want.byte + 34, want.length - 34);
	}
	assert_in_range(lowered, 40, 400);
}

int mss_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(into_tunnels), cmocka_unit_test(the_way_back), cmocka_unit_test(no_route_back),
		cmocka_unit_test(options),	cmocka_unit_test(modes),	cmocka_unit_test(through_a_chain),
		cmocka_unit_test(any_options),
	};

	return cmocka_run_group_tests_name("mss", tests, on, off);
}
