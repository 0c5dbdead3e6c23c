/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of packets by names. */
#include <string.h>

#include "api/dp/reason.h"
#include "control_fixture.h"
#include "control_reads_base.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/seen/filter.h"

static struct fixture fixture;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static uint32_t id_of(enum resource_kind kind, const char *name)
{
	const struct resource *resource = snapshot_find(history_newest(&fixture.control->history), kind, name);

	assert_non_null(resource);
	assert_true(resource_id(resource) > 0);
	return resource_id(resource);
}

static void address_of(const char *text, struct dp_address *address)
{
	struct ip_address parsed;

	assert_int_equal(ip_address_parse(text, &parsed), 0);
	ip_address_map(&parsed, address->byte);
}

static struct dp_observe_filter filter;

static int take_filter(const char *line)
{
	Sluice__V1__PacketFilter *message = message_of(&sluice__v1__packet_filter__descriptor, line);
	int result;

	error = (struct error){0};
	result = seen_filter(message, history_newest(&fixture.control->history), &filter, &error);
	message_free(message);
	return result;
}

static void must_fault(const char *line, enum error_code code, const char *field, const char *text)
{
	assert_int_equal(take_filter(line), -1);
	assert_int_equal(error.code, code);
	assert_string_equal(error.fault[0].field, field);
	if (!strstr(error.fault[0].message, text))
		fail_msg("%s: \"%s\" has no \"%s\"", line, error.fault[0].message, text);
}

static void test_filter(void **state)
{
	static const struct dp_observe_filter all;
	struct dp_address expected;

	(void)state;
	assert_int_equal(take_filter(""), 0);
	assert_memory_equal(&filter, &all, sizeof(all));
	assert_int_equal(seen_filter(NULL, history_newest(&fixture.control->history), &filter, &error), 0);
	assert_memory_equal(&filter, &all, sizeof(all));
	assert_int_equal(take_filter("interface=in out_interface=up vrf=red tunnel=t1 rule=sgr vni=100 protocol=6 "
				     "source_port=1 destination_port=443 either=1 reason=no_route verdicts[0]=3 "
				     "verdicts[1]=1"),
			 0);
	assert_int_equal(filter.interface, id_of(RESOURCE_INTERFACE, "in"));
	assert_int_equal(filter.out_interface, id_of(RESOURCE_INTERFACE, "up"));
	assert_int_equal(filter.vrf, id_of(RESOURCE_VRF, "red"));
	assert_int_equal(filter.tunnel, id_of(RESOURCE_TUNNEL_ENDPOINT, "t1"));
	assert_int_equal(filter.rule, id_of(RESOURCE_SECURITY_GROUP_RULE, "sgr"));
	assert_int_equal(filter.vni, 100);
	assert_int_equal(filter.protocol, 6);
	assert_int_equal(filter.src_port, 1);
	assert_int_equal(filter.dst_port, 443);
	assert_int_equal(filter.either, 1);
	assert_int_equal(filter.reason, DP_REASON_no_route + 1);
	assert_int_equal(filter.verdicts, 1 << DP_VERDICT_DROPPED | 1 << DP_VERDICT_FORWARDED);
	assert_int_equal(take_filter("rule=deny"), 0);
	assert_int_equal(filter.rule, id_of(RESOURCE_POLICY_RULE, "deny"));
	/* IPv4 is ::ffff:a.b.c.d, and its masks follow. */
	assert_int_equal(take_filter("source=10.1.0.0/17 destination=192.0.2.7"), 0);
	assert_int_equal(filter.family, 4);
	address_of("10.1.0.0", &expected);
	assert_memory_equal(&filter.src, &expected, 16);
	assert_memory_equal(&filter.src_mask, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\0", 16);
	assert_memory_equal(filter.dst_mask.byte + 12, "\xff\xff\xff\xff", 4);
	/* All of IPv6 is more than nothing: the family says so. */
	assert_int_equal(take_filter("source=::/0"), 0);
	assert_int_equal(filter.family, 6);
	assert_memory_equal(&filter.src_mask, &all.src_mask, 16);
}

static void test_filter_faults(void **state)
{
	(void)state;
	must_fault("interface=nope", ERROR_NOT_FOUND, "filter.interface", "there are: in, out, up");
	must_fault("out_interface=nope", ERROR_NOT_FOUND, "filter.out_interface", "there are: in, out, up");
	must_fault("vrf=nope", ERROR_NOT_FOUND, "filter.vrf", "there are: red, under");
	must_fault("tunnel=nope", ERROR_NOT_FOUND, "filter.tunnel", "there are: t1");
	must_fault("rule=nope", ERROR_NOT_FOUND, "filter.rule", "no policy rule");
	must_fault("source=10.0.0.1/8", ERROR_INVALID_ARGUMENT, "filter.source", "bits beyond");
	must_fault("source=10.0.0", ERROR_INVALID_ARGUMENT, "filter.source", "neither an address");
	must_fault("source=10.0.0.0/33", ERROR_INVALID_ARGUMENT, "filter.source", "neither an address");
	must_fault("source=10.0.0.1 destination=::1", ERROR_INVALID_ARGUMENT, "filter.destination", "family");
	must_fault("protocol=256", ERROR_INVALID_ARGUMENT, "filter.protocol", "1 to 255");
	must_fault("source_port=65536 protocol=6", ERROR_INVALID_ARGUMENT, "filter.source_port", "1 to 65535");
	must_fault("source_port=1", ERROR_INVALID_ARGUMENT, "filter.source_port", "needs filter.protocol");
	must_fault("destination_port=1", ERROR_INVALID_ARGUMENT, "filter.destination_port", "needs filter.protocol");
	must_fault("destination_port=1 protocol=1", ERROR_INVALID_ARGUMENT, "filter.destination_port", "no ports");
	must_fault("vni=16777216", ERROR_INVALID_ARGUMENT, "filter.vni", "16777215");
	must_fault("reason=nope", ERROR_INVALID_ARGUMENT, "filter.reason", "lists them");
	must_fault("verdicts[0]=0", ERROR_INVALID_ARGUMENT, "filter.verdicts", "FORWARDED");
	must_fault("verdicts[0]=5", ERROR_INVALID_ARGUMENT, "filter.verdicts", "FORWARDED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_filter, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filter_faults, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
