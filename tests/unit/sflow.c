/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in sFlow's datagrams, byte by byte; and how collectors are written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sflow_fixture.h"
#include "vnf/sflow/drop_code.h"
#include "vnf/sflow/samples.h"

/* From pairs of hex digits, with blanks between them where it is easier to read. */
static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t count = 0;

	while (*hex) {
		char pair[3] = {hex[0], hex[1], 0}, *end;

		if (*hex == ' ') {
			hex++;
			continue;
		}
		bytes[count++] = (uint8_t)strtoul(pair, &end, 16);
		assert_ptr_equal(end, pair + 2);
		hex += 2;
	}
	return count;
}

static void assert_written(const struct xdr *xdr, const char *hex)
{
	uint8_t expected[SFLOW_DATAGRAM];
	size_t length = from_hex(hex, expected);

	assert_false(xdr->full);
	assert_int_equal(xdr->length, length);
	assert_memory_equal(xdr->byte, expected, length);
}

static void units_of_four_bytes(void **state)
{
	uint8_t bytes[24];
	struct xdr xdr = {.byte = bytes, .size = sizeof(bytes)};
	size_t begun;

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	begun = xdr_begin(&xdr);
	xdr_u64(&xdr, 0x0102030405060708);
	xdr_opaque(&xdr, "abcde", 5);
	xdr_end(&xdr, begun);
	assert_written(&xdr, "00000014 0102030405060708 00000005 6162636465000000");
	xdr_u32(&xdr, 1);
	assert_true(xdr.full);
	assert_int_equal(xdr.length, sizeof(bytes));
	xdr_opaque(&xdr, "", 0); /* it stays full */
	assert_int_equal(xdr.length, sizeof(bytes));
}

static void a_routed_packet(void **state)
{
	uint8_t bytes[SFLOW_DATAGRAM];
	struct xdr xdr = {.byte = bytes, .size = sizeof(bytes)};
	const struct sflow_flow flow = {.sequence = 5,
					.ifindex = 7,
					.sampling = 1000,
					.pool = 5123,
					.drops = 2,
					.input = 7,
					.output = 9,
					.header = (const uint8_t *)"\x02\x00\x00\x00\x00\x01",
					.kept = 6,
					.length = 60,
					.routed = true,
					.next_hop = {.family = 4, .byte = {192, 0, 2, 1}},
					.destination_mask = 24};

	(void)state;
	sflow_put_flow(&xdr, &flow);
	assert_written(&xdr, "00000001 00000058" /* flow_sample */
			     "00000005 00000007 000003e8 00001403 00000002 00000007 00000009 00000002"
			     "00000001 00000018 00000001 00000040 00000004 00000006 020000000001 0000"
			     "000003ea 00000010 00000001 c0000201 00000000 00000018");
}

static void a_packet_from_tunnel_to_tunnel(void **state)
{
	uint8_t bytes[SFLOW_DATAGRAM];
	struct xdr xdr = {.byte = bytes, .size = sizeof(bytes)};
	const struct sflow_flow flow = {
		.sequence = 1,
		.ifindex = 7,
		.sampling = 1,
		.pool = 1,
		.input = 7,
		.output = 9,
		.header = (const uint8_t *)"\x02\x00\x00\x00",
		.kept = 4,
		.length = 200,
		.tagged = true,
		.in_vlan = 100,
		.in_priority = 5,
		.out_vlan = 200,
		.decapsulated = true,
		.inner = 54,
		.has_vni = true,
		.vni = 4096,
		.encapsulated = true,
		.tunnel = {.local = {.family = 6, .byte = {0x20, 1, [15] = 1}},
			   .remote = {.family = 6, .byte = {0x20, 1, [15] = 2}},
			   .protocol = 17,
			   .udp_port = 4789,
			   .length = 186,
			   .has_vni = true,
			   .vni = 4097},
	};

	(void)state;
	sflow_put_flow(&xdr, &flow);
	assert_written(&xdr, "00000001 000000b8"
			     "00000001 00000007 00000001 00000001 00000000 00000007 00000009 00000006"
			     "00000001 00000014 00000001 000000cc 00000004 00000004 02000000"
			     "000003e9 00000010 00000064 00000005 000000c8 00000000" /* extended_switch */
			     "00000403 00000004 00000036"			     /* extended_decapsulate_egress */
			     "00000406 00000004 00001000"			     /* extended_vni_ingress */
			     "00000401 00000038 000000ba 00000011"		     /* extended_ipv6_tunnel_egress */
			     "20010000000000000000000000000001 20010000000000000000000000000002"
			     "00000000 000012b5 00000000 00000000"
			     "00000405 00000004 00001001"); /* extended_vni_egress */
}

static void the_counters_of_an_interface(void **state)
{
	uint8_t bytes[SFLOW_DATAGRAM];
	struct xdr xdr = {.byte = bytes, .size = sizeof(bytes)};
	const struct sflow_interface interface = {.sequence = 3,
						  .ifindex = 7,
						  .type = 6,
						  .speed = 10000000000,
						  .direction = 1,
						  .admin_up = true,
						  .oper_up = true,
						  .in_octets = 0x100000001,
						  .out_octets = 2,
						  .in_unicast = 3,
						  .in_multicast = 4,
						  .in_discards = 5,
						  .in_errors = 6,
						  .in_unknown = 7,
						  .out_unicast = 8,
						  .out_discards = 9,
						  .out_errors = 10,
						  .promiscuous = true,
						  .name = "up0"};

	(void)state;
	sflow_put_interface(&xdr, &interface);
	assert_written(&xdr, "00000002 0000007c 00000003 00000007 00000002"
			     "00000001 00000058 00000007 00000006 00000002540be400 00000001 00000003"
			     "0000000100000001 00000003 00000004 ffffffff 00000005 00000006 00000007"
			     "0000000000000002 00000008 ffffffff ffffffff 00000009 0000000a 00000001"
			     "000003ed 00000008 00000003 75703000"); /* port_name */
}

static void put_word(struct xdr *xdr, const void *sample)
{
	xdr_u32(xdr, *(const uint32_t *)sample);
}

static void datagrams_count(void **state)
{
	static const char *const headers[] = {
		"00000005 00000001 c0000201 00000000 00000001 000003e8 00000002 0000002a 0000002a",
		"00000005 00000002 20010db8000000000000000000000001 00000000 00000001 000003e8 00000002 0000002a "
		"0000002a",
	};
	static const struct ip_address agents[] = {
		{.family = 4, .byte = {192, 0, 2, 1}},
		{.family = 6, .byte = {0x20, 1, 0x0d, 0xb8, [15] = 1}},
	};
	const uint32_t sample = 42;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sflow_datagram datagram = {0};
		uint8_t expected[64];

		sflow_datagram_init(&datagram, &agents[i]);
		assert_int_equal(sflow_datagram_finish(&datagram, 0), 0); /* of nothing there is none */
		assert_true(sflow_datagram_add(&datagram, put_word, &sample));
		assert_true(sflow_datagram_add(&datagram, put_word, &sample));
		assert_int_equal(sflow_datagram_finish(&datagram, 1000), from_hex(headers[i], expected));
		assert_memory_equal(datagram.byte, expected, from_hex(headers[i], expected));
		assert_int_equal(sflow_datagram_finish(&datagram, 1000), 0);
		while (sflow_datagram_add(&datagram, put_word, &sample))
			continue;
		assert_int_equal(sflow_datagram_finish(&datagram, 1000), SFLOW_DATAGRAM);
		assert_int_equal(sflow_word(datagram.byte + datagram.header - 12), 2); /* its sequence number */
		assert_int_equal(sflow_word(datagram.byte + datagram.header - 4),
				 (SFLOW_DATAGRAM - datagram.header) / 4);
	}
}

static void every_reason_has_a_code(void **state)
{
	(void)state;
	assert_int_equal(sflow_drop_code(DP_REASON_no_route), 6);
	assert_int_equal(sflow_drop_code(DP_REASON_denied), 258);
	assert_int_equal(sflow_drop_code(DP_REASON_ttl_expired), 257);
	assert_int_equal(sflow_drop_code(DP_REASON_too_big), 262);
	assert_int_equal(sflow_drop_code(DP_REASON_inconsistent), 256);
	assert_int_equal(sflow_drop_code(DP_REASON_COUNT), 256);
	for (int reason = 0; reason < DP_REASON_COUNT; reason++)
		assert_in_range(sflow_drop_code((enum dp_reason)reason), 1, 288);
}

static void collectors_as_they_are_written(void **state)
{
	static const struct {
		const char *text;
		int family;
		uint16_t port;
	} good[] = {
		{"192.0.2.1", AF_INET, 6343},	   {"192.0.2.1:9999", AF_INET, 9999}, {"2001:db8::1", AF_INET6, 6343},
		{"[2001:db8::1]", AF_INET6, 6343}, {"[2001:db8::1]:1", AF_INET6, 1},
	};
	static const char *const bad[] = {
		"",
		"host",
		"192.0.2.1:",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"192.0.2.1:x",
		"[192.0.2.1]:5",
		"[::1",
		"[2001:db8::1]x",
		"[2001:db8::1]:",
		"192.0.2.256:1",
		"[]:1",
		":6343",
		"2001:db8:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1",
	};
	union sflow_collector collector;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(sflow_collector_parse(good[i].text, &collector), 0);
		assert_int_equal(collector.any.sa_family, good[i].family);
		assert_int_equal(ntohs(collector.v4.sin_port), good[i].port); /* where sin6_port is, too */
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(sflow_collector_parse(bad[i], &collector), -EINVAL);
}

int sflow_agent_run(void); /* sflow_agent.c */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_of_four_bytes),
		cmocka_unit_test(a_routed_packet),
		cmocka_unit_test(a_packet_from_tunnel_to_tunnel),
		cmocka_unit_test(the_counters_of_an_interface),
		cmocka_unit_test(datagrams_count),
		cmocka_unit_test(every_reason_has_a_code),
		cmocka_unit_test(collectors_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) | sflow_agent_run();
}
