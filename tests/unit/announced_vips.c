/* SPDX-License-Identifier: Apache-2.0 */
/* When VIPs are announced on the ports of their VRF (vnf/features/base/announced_vip_tables.c). */
#include <event2/event.h>
#include <string.h>

#include "reconciler_fixture.h"
#include "service_fake.h"
#include "vnf/core/loop.h"

#define SOON 200 /* ms: what is due at once has been sent by then */

static void run_for(unsigned int ms)
{
	const struct timeval most = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	event_base_loopexit(loop_base(loop), &most);
	event_base_dispatch(loop_base(loop));
}

/* On eth0. */
static size_t count(const char *address)
{
	size_t found = 0;

	for (size_t i = 0; i < fake_announced_count; i++) {
		char text[IP_ADDRESS_TEXT];

		ip_address_format(&fake_announced[i].announcement.address, text);
		found += fake_announced[i].announcement.ifindex == 3 && strcmp(text, address) == 0;
	}
	return found;
}

/* A VIP when it is new, moves, or a port comes up; not while the kernel has it. */
static void test_vips(void **state)
{
	(void)state;
	change(fake_balancer("lb", "red", "10.9.0.1"));
	assert_int_equal(commit(), 0);
	run_for(SOON);
	assert_int_equal(count("10.9.0.1"), 1);
	change(fake_balancer("lb", "red", "2001:db8:9::1"));
	assert_int_equal(commit(), 0);
	run_for(1000 + SOON);
	assert_int_equal(count("10.9.0.1"), 1);
	assert_int_equal(count("2001:db8:9::1"), 2);
	fake_link(3, "eth0", false);
	run_for(2000);
	assert_int_equal(count("2001:db8:9::1"), 2);
	fake_link(3, "eth0", true);
	run_for(SOON);
	assert_int_equal(count("2001:db8:9::1"), 3);
	fake_address(3, "2001:db8:9::1");
	run_for(1000 + SOON);
	assert_int_equal(count("2001:db8:9::1"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vips, reconciler_set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
