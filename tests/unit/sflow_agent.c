/* SPDX-License-Identifier: Apache-2.0 */
/* From what was seen to what a collector gets: sequence numbers, pools, losses, the counters' turns. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sflow_fixture.h"
#include "api/dp/reason.h"
#include "vnf/sflow/link_counters.h"

int sflow_agent_run(void);

static const struct sflow_options options = {
	.agent = {.family = 4, .byte = {192, 0, 2, 1}}, .sampling = 64, .polling_ms = 20000, .header_bytes = 128};

#define HEADER 28 /* bytes of a datagram in front of its samples */

/* The words of a flow sample, behind its type and length. */
enum { SEQUENCE, SOURCE, RATE, POOL, DROPS, INPUT, OUTPUT, RECORDS, FIRST_RECORD };

static uint32_t word(const uint8_t *sample, size_t n)
{
	return sflow_word(sample + 8 + 4 * n);
}

/* The record of this format in a flow sample, behind its length; NULL: it has none. */
static const uint8_t *record(const uint8_t *sample, uint32_t format)
{
	const uint8_t *at = sample + 8 + 4 * FIRST_RECORD;

	for (uint32_t i = 0; i < word(sample, RECORDS); i++, at += 8 + sflow_word(at + 4))
		if (sflow_word(at) == format)
			return at + 8;
	return NULL;
}

/* Has the agent make a sample of it, alone in a datagram. */
static const uint8_t *take_one(struct sflow_fixture *fixture, const struct sflow_seen *seen)
{
	static uint8_t bytes[2048];
	size_t length;

	sflow_agent_take(fixture->agent, &seen->observed, 0);
	sflow_agent_flush(fixture->agent);
	length = sflow_fixture_receive(fixture, bytes, sizeof(bytes));
	assert_int_equal(sflow_word(bytes + HEADER - 4), 1);
	assert_int_equal(sflow_word(bytes + HEADER + 4), length - HEADER - 8);
	return bytes + HEADER;
}

static void packets_fill_datagrams(void **state)
{
	struct sflow_fixture fixture;
	struct sflow_seen seen;
	uint8_t bytes[2048];
	uint32_t samples = 0, datagrams = 0;
	struct sflow_counts counts;
	size_t length;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 200); /* more than is wanted */
	for (int i = 0; i < 100; i++)
		sflow_agent_take(fixture.agent, &seen.observed, i < 50 ? 0 : 3);
	sflow_agent_flush(fixture.agent);
	while ((length = sflow_fixture_receive(&fixture, bytes, sizeof(bytes)))) {
		const uint8_t *sample = bytes + HEADER;

		assert_true(length <= SFLOW_DATAGRAM);
		assert_int_equal(sflow_word(bytes + HEADER - 12), ++datagrams);
		for (uint32_t i = 0; i < sflow_word(bytes + HEADER - 4); i++, sample += 8 + sflow_word(sample + 4)) {
			assert_int_equal(word(sample, SEQUENCE), ++samples);
			assert_int_equal(word(sample, SOURCE), 7);
			assert_int_equal(word(sample, RATE), 64);
			assert_int_equal(word(sample, POOL), 64 * samples);
			assert_int_equal(word(sample, DROPS), samples > 50 ? 3 : 0);
			assert_int_equal(sflow_word(record(sample, 1) + 12), 128);
		}
		assert_ptr_equal(sample, bytes + length);
	}
	assert_int_equal(samples, 100);
	assert_true(datagrams >= 100 / 7);
	sflow_agent_counts(fixture.agent, &counts);
	assert_int_equal(counts.flows, 100);
	assert_int_equal(counts.sent, datagrams);
	assert_int_equal(counts.lost, 0);
	sflow_fixture_clear(&fixture);
}

static void interfaces_count_for_themselves(void **state)
{
	static const uint32_t came_by[] = {7, 9, 7, 3, 9, 7}, sequences[] = {1, 1, 2, 1, 2, 3};
	struct sflow_fixture fixture;
	struct sflow_seen seen;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 64);
	for (size_t i = 0; i < sizeof(came_by) / sizeof(*came_by); i++) {
		const uint8_t *sample;

		seen.head.ifindex = came_by[i];
		sample = take_one(&fixture, &seen);
		assert_int_equal(word(sample, SOURCE), came_by[i]);
		assert_int_equal(word(sample, INPUT), came_by[i]);
		assert_int_equal(word(sample, SEQUENCE), sequences[i]);
		assert_int_equal(word(sample, POOL), 64 * sequences[i]);
	}
	sflow_fixture_clear(&fixture);
}

static void where_packets_went(void **state)
{
	static const struct {
		enum dp_reason reason;
		uint32_t output;
		bool routed;
	} cases[] = {
		{DP_REASON_forwarded, 9, true},
		{DP_REASON_steered, 9, false},
		{DP_REASON_local, SFLOW_INTERNAL, false},
		{DP_REASON_echo_answered, SFLOW_INTERNAL, false},
		{DP_REASON_no_route, SFLOW_DROPPED | 6, false},
		{DP_REASON_denied, SFLOW_DROPPED | 258, false},
		{DP_REASON_inconsistent, SFLOW_DROPPED | 256, false},
	};
	struct sflow_fixture fixture;
	struct sflow_seen seen;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	fixture.way = (struct sflow_way){.next_hop = {.family = 4, .byte = {198, 51, 100, 7}}, .destination_mask = 24};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint8_t *sample, *router;

		sflow_seen_init(&seen, 64);
		seen.head.reason = (uint16_t)cases[i].reason;
		sample = take_one(&fixture, &seen);
		router = record(sample, 1002);
		assert_int_equal(word(sample, OUTPUT), cases[i].output);
		assert_int_equal(router != NULL, cases[i].routed);
		if (!router)
			continue;
		assert_int_equal(sflow_word(router + 4), 0xc6336407);
		assert_int_equal(sflow_word(router + 12), 24);
	}
	sflow_fixture_clear(&fixture);
}

static void tags_are_seen(void **state)
{
	static const uint8_t tag[] = {0x81, 0x00, 0xa0, 0x64, 0x08, 0x00}; /* priority 5, VLAN 100 */
	struct sflow_fixture fixture;
	struct sflow_seen seen;
	const uint8_t *vlans;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 64);
	assert_null(record(take_one(&fixture, &seen), 1001));
	memcpy(seen.in + 12, tag, sizeof(tag));
	fixture.way.out_vlan = 300;
	vlans = record(take_one(&fixture, &seen), 1001);
	assert_int_equal(sflow_word(vlans), 100);
	assert_int_equal(sflow_word(vlans + 4), 5);
	assert_int_equal(sflow_word(vlans + 8), 300);
	sflow_seen_init(&seen, 64); /* it leaves with one */
	assert_int_equal(sflow_word(record(take_one(&fixture, &seen), 1001) + 8), 300);
	sflow_fixture_clear(&fixture);
}

static void tunnels_are_seen(void **state)
{
	struct sflow_fixture fixture;
	struct sflow_seen seen;
	const uint8_t *sample;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 128);
	seen.head.last.decapsulated = 1;
	seen.head.last.vni = 100;
	seen.head.last.l3 = 14 + 20 + 8 + 8 + 14;
	sample = take_one(&fixture, &seen);
	assert_int_equal(sflow_word(record(sample, 1027)), 14 + 20 + 8 + 8);
	assert_int_equal(sflow_word(record(sample, 1030)), 100);
	assert_null(record(sample, 1023));

	memcpy(seen.in + 62, "\x81\x00\xe0\x00\x08\x00", 6); /* a priority tag in it */
	seen.head.last.l3 += 4;
	assert_int_equal(sflow_word(record(take_one(&fixture, &seen), 1027)), 14 + 20 + 8 + 8);

	seen.head.last.vni = 0; /* IP in IP */
	seen.head.last.l3 = 34;
	sample = take_one(&fixture, &seen);
	assert_int_equal(sflow_word(record(sample, 1027)), 34);
	assert_null(record(sample, 1030));

	sflow_seen_init(&seen, 128);
	seen.head.last.encapsulated = 2;
	seen.head.reason = DP_REASON_encapsulated;
	seen.head.out_length = 1050;
	fixture.way.tunnel = (struct sflow_tunnel){.local = {.family = 4, .byte = {10, 0, 0, 1}},
						   .remote = {.family = 4, .byte = {10, 0, 0, 2}},
						   .protocol = 17,
						   .udp_port = 4789,
						   .has_vni = true,
						   .vni = 200};
	sample = take_one(&fixture, &seen);
	assert_int_equal(sflow_word(record(sample, 1023)), 1036);
	assert_int_equal(sflow_word(record(sample, 1023) + 12), 0x0a000002);
	assert_int_equal(sflow_word(record(sample, 1029)), 200);
	fixture.agent->options.no_tunnels = true;
	seen.head.last.decapsulated = 1;
	seen.head.last.vni = 100;
	assert_int_equal(word(take_one(&fixture, &seen), RECORDS), 2); /* the header and the router's */
	sflow_fixture_clear(&fixture);
}

static void the_largest_sample_fits(void **state)
{
	struct sflow_options most = options;
	struct sflow_fixture fixture;
	struct sflow_seen seen;
	const uint8_t *sample;

	(void)state;
	most.header_bytes = 1024;
	most.agent = (struct ip_address){.family = 6};
	sflow_fixture_init(&fixture, &most);
	sflow_seen_init(&seen, DP_OBSERVED_FRAME);
	memcpy(seen.in + 12, "\x81\x00\x00\x64\x08\x00", 6);
	seen.head.last.decapsulated = 1;
	seen.head.last.encapsulated = 1;
	seen.head.last.vni = 5;
	seen.head.last.l3 = 90;
	fixture.way = (struct sflow_way){.out_vlan = 1, .next_hop = {.family = 6}, .tunnel = {.has_vni = true}};
	fixture.way.tunnel.local.family = fixture.way.tunnel.remote.family = 6;
	sflow_agent_take(fixture.agent, &seen.observed, 0);
	assert_int_equal(fixture.agent->datagram.samples, 1);
	sample = fixture.agent->datagram.byte + 40;
	assert_int_equal(word(sample, RECORDS), 7);
	sflow_fixture_clear(&fixture);
}

static void losses_are_counted(void **state)
{
	struct sflow_fixture fixture;
	struct sflow_counts counts;
	struct sflow_seen seen;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 64);
	close(fixture.sockets.fd[0]);
	fixture.sockets.fd[0] = -1;
	sflow_agent_take(fixture.agent, &seen.observed, 0);
	sflow_agent_flush(fixture.agent);
	sflow_agent_counts(fixture.agent, &counts);
	assert_int_equal(counts.flows, 1);
	assert_int_equal(counts.sent, 0);
	assert_int_equal(counts.lost, 1);
	assert_int_equal(fixture.sockets.error, EBADF);
	sflow_fixture_clear(&fixture);
}

/* Counter samples with this source that have come. */
static uint32_t counter_samples(struct sflow_fixture *fixture)
{
	uint8_t bytes[2048];
	uint32_t count = 0;

	while (sflow_fixture_receive(fixture, bytes, sizeof(bytes))) {
		const uint8_t *sample = bytes + HEADER;

		for (uint32_t i = 0; i < sflow_word(bytes + HEADER - 4); i++, sample += 8 + sflow_word(sample + 4)) {
			assert_int_equal(sflow_word(sample), 2);
			assert_int_equal(word(sample, 1), 1); /* lo */
			count++;
		}
	}
	return count;
}

static void each_port_once_in_an_interval(void **state)
{
	struct sflow_fixture fixture;
	uint64_t now = 1000000;

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_agent_tick(fixture.agent, now);
	assert_int_equal(counter_samples(&fixture), 1); /* at once */
	for (int i = 0; i < 10 * 20000 / SFLOW_TICK_MS; i++)
		sflow_agent_tick(fixture.agent, now += SFLOW_TICK_MS);
	assert_in_range(counter_samples(&fixture), 9, 10);

	fixture.ports = 5; /* the others have gone when they are asked */
	for (int i = 0; i < 10 * 20000 / SFLOW_TICK_MS; i++)
		sflow_agent_tick(fixture.agent, now += SFLOW_TICK_MS);
	assert_in_range(counter_samples(&fixture), 9, 11);

	sflow_agent_tick(fixture.agent, now += 3600000); /* no burst behind a pause */
	assert_in_range(counter_samples(&fixture), 0, 2);
	fixture.ports = 0;
	sflow_agent_tick(fixture.agent, now + 20000);
	assert_int_equal(counter_samples(&fixture), 0);
	sflow_fixture_clear(&fixture);
}

static void the_thread_sends(void **state)
{
	struct sflow_fixture fixture;
	struct error error = {0};
	struct sflow_seen seen;
	struct sflow_counts counts = {0};

	(void)state;
	sflow_fixture_init(&fixture, &options);
	sflow_seen_init(&seen, 64);
	assert_int_equal(sflow_agent_start(fixture.agent, NULL, &error), 0);
	fake_observer.take(fake_observer.context, &seen.observed, 0);
	for (int i = 0; i < 100 && counts.sent < 2; i++) { /* the first counters, and the flow */
		usleep(50000);
		sflow_agent_counts(fixture.agent, &counts);
	}
	assert_true(counts.sent >= 1);
	assert_int_equal(counts.counters, 1);
	assert_int_equal(counts.flows, 1);
	sflow_fixture_clear(&fixture);
}

static void answers_cut_short(void **state)
{
	_Alignas(4) uint8_t message[] = {
		44, 0, 0, 0, 16,  0,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0, /* RTM_NEWLINK */
		0,  0, 1, 0, 7,	  0,   0,   0, 1, 0, 1, 0, 0, 0, 0, 0, /* Ethernet, 7, up and with carrier */
		8,  0, 3, 0, 'u', 'p', '0', 0,			       /* IFLA_IFNAME */
		4,  0, 1, 0,
	};
	struct sflow_interface interface = {0};

	(void)state;
	assert_int_equal(link_counters_parse(message, sizeof(message), &interface), 0);
	assert_int_equal(interface.ifindex, 7);
	assert_int_equal(interface.type, 6);
	assert_true(interface.admin_up && interface.oper_up);
	assert_string_equal(interface.name, "up0");
	for (size_t i = 0; i < sizeof(message); i++)
		assert_int_equal(link_counters_parse(message, i, &interface), -EBADMSG);
	message[32] = 3; /* an attribute shorter than its header, */
	assert_int_equal(link_counters_parse(message, sizeof(message), &interface), -EBADMSG);
	message[32] = 13; /* and one beyond the message */
	assert_int_equal(link_counters_parse(message, sizeof(message), &interface), -EBADMSG);
}

int sflow_agent_run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_fill_datagrams), cmocka_unit_test(interfaces_count_for_themselves),
		cmocka_unit_test(where_packets_went),	  cmocka_unit_test(tags_are_seen),
		cmocka_unit_test(tunnels_are_seen),	  cmocka_unit_test(the_largest_sample_fits),
		cmocka_unit_test(losses_are_counted),	  cmocka_unit_test(each_port_once_in_an_interval),
		cmocka_unit_test(the_thread_sends),	  cmocka_unit_test(answers_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
