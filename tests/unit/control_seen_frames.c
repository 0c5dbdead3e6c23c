/* SPDX-License-Identifier: Apache-2.0 */
/* Packets by their fields: the frames that are explained, byte by byte. */
#include <stdio.h>
#include <string.h>

#include "control_fixture.h"
#include "control_fixture_observer.h"
#include "vnf/control/kinds/encode.h"

static const char *const base[] = {
	"upsert vrf name=under",
	"upsert vrf name=red router_mac=02:00:00:00:00:aa",
	"upsert vrf name=plain",
	"upsert interface name=up device=eth0 vrf=under",
	"upsert interface name=tagged device=eth0 vrf=under vlan_id=5 inner_vlan_id=6",
	"upsert tunnel_endpoint name=vx kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	"vni_bindings[0].vni=100 vni_bindings[0].vrf=red vni_bindings[1].vni=300 vni_bindings[1].vrf=red",
	"upsert tunnel_endpoint name=gn kind=2 local_address=2001:db8:2::1 remote_address=2001:db8:2::2 "
	"underlay_vrf=under vni_bindings[0].vni=200 vni_bindings[0].vrf=plain",
	"upsert tunnel_endpoint name=g2 kind=2 local_address=2001:db8:2::1 remote_address=2001:db8:2::3 "
	"underlay_vrf=under vni_bindings[0].vni=300 vni_bindings[0].vrf=plain",
	"upsert tunnel_endpoint name=ip kind=3 local_address=192.0.2.1 remote_address=192.0.2.3 underlay_vrf=under "
	"vni_bindings[0].vrf=red",
	"upsert tunnel_endpoint name=gue kind=4 local_address=192.0.2.1 remote_address=192.0.2.4 underlay_vrf=under "
	"vni_bindings[0].vrf=red",
	NULL,
};

static struct fixture fixture;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	fake_observer_give(fixture.control);
	must_apply(&fixture, base);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static int explain(const char *line)
{
	Sluice__V1__ExplainRequest *request = message_of(&sluice__v1__explain_request__descriptor, line);
	Sluice__V1__ExplainResponse *response = message_new(&sluice__v1__explain_response__descriptor);
	int result;

	error = (struct error){0};
	result = control_explain(fixture.control, request, response, &error);
	if (!result) {
		assert_int_equal(response->frame.len, fake_observer.length);
		assert_memory_equal(response->frame.data, fake_observer.frame, fake_observer.length);
	}
	message_free(request);
	message_free(response);
	return result;
}

/* The frame that the line leads to, in hex. */
static void must_make(const char *line, const char *expected)
{
	char text[2 * OBSERVER_FRAME + 1];

	if (explain(line))
		fail_msg("%s: %s: %s", line, error.fault[0].field, error.fault[0].message);
	for (size_t i = 0; i < fake_observer.length; i++)
		snprintf(text + 2 * i, 3, "%02x", fake_observer.frame[i]);
	assert_string_equal(text, expected);
}

static void must_fault(const char *line, enum error_code code, const char *field, const char *text)
{
	const unsigned int asked = fake_observer.asked;

	assert_int_equal(explain(line), -1);
	assert_int_equal(error.code, code);
	assert_string_equal(error.fault[0].field, field);
	if (!strstr(error.fault[0].message, text))
		fail_msg("%s: \"%s\" has no \"%s\"", line, error.fault[0].message, text);
	assert_int_equal(fake_observer.asked, asked);
}

#define IPV4 "interface=up fields.source=10.0.0.10 fields.destination=198.51.100.10 "
#define IPV6 "interface=up fields.source=2001:db8::a fields.destination=2001:db8:1::b "

static void test_plain(void **state)
{
	(void)state;
	must_make(IPV4 "fields.destination_port=443",
		  "02000000000702534cfffffe08004500002800004000400606890a00000ac633640ac00001bb0000000100000000"
		  "5002ffffb9de0000");
	assert_int_equal(fake_observer.ifindex, 7);
	must_make(IPV4 "fields.length=30",
		  "02000000000702534cfffffe08004500001e00004000400106980a00000ac633640a0800f7fd000100010000");
	/* an odd length, a traffic class and a TTL */
	must_make(IPV4 "fields.protocol=17 fields.source_port=1000 fields.destination_port=53 fields.ttl=1 "
		       "fields.traffic_class=184 fields.length=31",
		  "02000000000702534cfffffe080045b8001f00004000011144cf0a00000ac633640a03e80035000bc773000000");
	must_make("interface=tagged fields.source=2001:db8::a fields.destination=2001:db8:1::b "
		  "fields.traffic_class=32",
		  "02000000000702534cfffffe88a800058100000686dd6200000000083a4020010db800000000000000000000000a"
		  "20010db800010000000000000000000b8000243300010001");
	must_make(IPV4 "fields.protocol=47",
		  "02000000000702534cfffffe08004500001c00004000402f066c0a00000ac633640a0000000000000000");
}

static void test_tunnels(void **state)
{
	(void)state;
	must_make(IPV4 "fields.destination_port=443 fields.vni=100",
		  "02000000000702534cfffffe08004500005a000040004011b68fc0000202c0000201c00012b50046000008000000"
		  "000064000200000000aa02534cfffffe08004500002800004000400606890a00000ac633640ac00001bb00000001"
		  "000000005002ffffb9de0000");
	/* over IPv6 the outer UDP has a checksum */
	must_make(IPV6 "fields.protocol=17 fields.destination_port=53 fields.vni=200 fields.tunnel=gn",
		  "02000000000702534cfffffe86dd60000000004e114020010db800020000000000000000000220010db8000200000000"
		  "000000000001c00017c1004e090c000065580000c80002534c00000102534cfffffe86dd600000000008114020010db8"
		  "00000000000000000000000a20010db800010000000000000000000bc00000350008e420");
	must_make(IPV4 "fields.tunnel=ip",
		  "02000000000702534cfffffe080045000030000040004004b6c5c0000203c00002014500001c000040004001069a"
		  "0a00000ac633640a0800f7fd00010001");
	must_make(IPV6 "fields.tunnel=ip",
		  "02000000000702534cfffffe080045000044000040004029b68cc0000203c00002016000000000083a4020010db8"
		  "00000000000000000000000a20010db800010000000000000000000b8000243300010001");
	must_make(IPV4 "fields.tunnel=gue",
		  "02000000000702534cfffffe080045000038000040004011b6afc0000204c0000201c00017c00024000045000"
		  "01c000040004001069a0a00000ac633640a0800f7fd00010001");
	/* a VNI that the endpoint does not bind: for the router to refuse */
	assert_int_equal(explain(IPV4 "fields.tunnel=vx fields.vni=999"), 0);
	assert_memory_equal(fake_observer.frame + 14 + 20 + 8, "\x08\0\0\0\0\x03\xe7\0", 8);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(explain(IPV4 "fields.length=9000 fields.vni=100"), 0);
	assert_int_equal(fake_observer.length, 9000 + 50 + 14);
	assert_int_equal(explain(IPV4 "fields.length=28"), 0);
	must_fault(IPV4 "fields.length=27", ERROR_INVALID_ARGUMENT, "fields.length", "28 to 9000");
	must_fault(IPV4 "fields.length=9001", ERROR_INVALID_ARGUMENT, "fields.length", "28 to 9000");
	must_fault(IPV4 "fields.length=39 fields.protocol=6", ERROR_INVALID_ARGUMENT, "fields.length", "40 bytes");
	must_fault(IPV6 "fields.length=47", ERROR_INVALID_ARGUMENT, "fields.length", "48 bytes");
}

static void test_faults(void **state)
{
	(void)state;
	must_fault("interface=up fields.source=10.0.0.1", ERROR_INVALID_ARGUMENT, "fields.destination", "is needed");
	must_fault("interface=up fields.source=10.0.0.1/8 fields.destination=10.0.0.2", ERROR_INVALID_ARGUMENT,
		   "fields.source", "not an IP address");
	must_fault("interface=up fields.source=10.0.0.1 fields.destination=2001:db8::1", ERROR_INVALID_ARGUMENT,
		   "fields.destination", "family");
	must_fault(IPV4 "fields.ttl=256", ERROR_INVALID_ARGUMENT, "fields.ttl", "255");
	must_fault(IPV4 "fields.traffic_class=256", ERROR_INVALID_ARGUMENT, "fields.traffic_class", "255");
	must_fault(IPV4 "fields.protocol=256", ERROR_INVALID_ARGUMENT, "fields.protocol", "255");
	must_fault(IPV4 "fields.protocol=58", ERROR_INVALID_ARGUMENT, "fields.protocol", "IPv6");
	must_fault(IPV6 "fields.protocol=1", ERROR_INVALID_ARGUMENT, "fields.protocol", "IPv4");
	must_fault(IPV4 "fields.source_port=65536", ERROR_INVALID_ARGUMENT, "fields.source_port", "65535");
	must_fault(IPV4 "fields.destination_port=1 fields.protocol=1", ERROR_INVALID_ARGUMENT,
		   "fields.destination_port", "no ports");
	must_fault(IPV4 "fields.tcp_flags=2 fields.protocol=17", ERROR_INVALID_ARGUMENT, "fields.tcp_flags", "TCP");
	must_fault(IPV4 "fields.vni=16777216", ERROR_INVALID_ARGUMENT, "fields.vni", "16777215");
	must_fault(IPV4 "fields.vni=7", ERROR_NOT_FOUND, "fields.vni", "there are: g2, gn, gue, ip, vx");
	must_fault(IPV4 "fields.vni=300", ERROR_INVALID_ARGUMENT, "fields.tunnel", "name the one");
	must_fault(IPV4 "fields.tunnel=none", ERROR_NOT_FOUND, "fields.tunnel", "there are:");
	must_fault(IPV4 "fields.tunnel=vx", ERROR_INVALID_ARGUMENT, "fields.vni", "is needed");
	must_fault(IPV4 "fields.tunnel=ip fields.vni=1", ERROR_INVALID_ARGUMENT, "fields.vni", "leave it 0");
}

static void test_interfaces(void **state)
{
	(void)state;
	must_fault("fields.source=10.0.0.1", ERROR_INVALID_ARGUMENT, "interface", "name the interface");
	must_fault("interface=none fields.source=10.0.0.1", ERROR_NOT_FOUND, "interface", "there are: tagged, up");
	must_fault("interface=up", ERROR_INVALID_ARGUMENT, "packet", "say which");
	must_fault("interface=up frame=0123456789abc", ERROR_INVALID_ARGUMENT, "frame", "13 bytes");
	assert_int_equal(explain("interface=up frame=0123456789abcd"), 0);
	assert_memory_equal(fake_observer.frame, "0123456789abcd", 14);
	fake_program.missing_device = "eth9";
	must_apply(&fixture, LINES("upsert interface name=gone device=eth9 vrf=under"));
	must_fault("interface=gone fields.source=10.0.0.1", ERROR_FAILED_PRECONDITION, "interface",
		   "does not exist in this network namespace");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tunnels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sizes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_faults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_interfaces, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
