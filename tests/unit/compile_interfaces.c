/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces and their ports: which devices are attached to, and why others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compile_fixture.h"
#include "vnf/reconcile/devices.h"

static int run(void)
{
	return fake_run(fake, &snapshot);
}

static void run_well(void)
{
	if (run())
		fail_msg("%s", fake->error.fault[0].message);
}

static const struct dp_port *port(uint32_t ifindex, uint16_t vlan_id)
{
	for (size_t i = 0; i < bank_rows(&fake_limits, DP_TABLE_ports); i++)
		if (fake->bank->ports[i].ifindex == ifindex && fake->bank->ports[i].vlan_id == vlan_id)
			return &fake->bank->ports[i];
	return NULL;
}

static void interfaces_wait_for_their_devices(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_interface("b", "eth1", "red", 7));
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_DEVICE);

	fake_link(3, "eth0", false);
	fake_link(4, "eth1", true);
	fake_link(5, "eth2", true);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_DOWN);
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "b"), PENDING_NONE);
	assert_true(fake_is_attached(3));
	assert_false(fake_is_attached(5)); /* no interface names it */
	assert_int_equal(port(4, 7)->vrf, fake_id(RESOURCE_VRF, "red"));
	assert_int_equal(port(4, 7)->interface, fake_id(RESOURCE_INTERFACE, "b"));
	assert_int_equal(port(4, 7)->from_stage, 0);
	assert_memory_equal(port(4, 7)->mac, "\x02\0\0\0\0\x04", 6);

	fake_remove(&snapshot, RESOURCE_INTERFACE, "b");
	fake_link(3, "eth0", true);
	run_well();
	tables_settle(fake->tables);
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_NONE);
	assert_null(port(4, 7));
	assert_false(fake_is_attached(4));
}

/* What the packet programs know of the kernel's own way out: the device itself, or that of the VLAN. */
static void the_kernels_devices_are_known(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_put(&snapshot, fake_interface("b", "eth0", "red", 7));
	fake_link(3, "eth0", true);
	fake_mtu(3, 1400);
	run_well();
	assert_int_equal(port(3, 0)->mtu, 1400);
	assert_null(port(8, DP_PORT_VLAN_DEVICE));

	fake_vlan(8, "eth0.7", 3, 7);
	run_well();
	assert_null(port(3, DP_PORT_VLAN_DEVICE));
	assert_int_equal(port(3, 7)->interface, fake_id(RESOURCE_INTERFACE, "b"));
	assert_int_equal(port(8, DP_PORT_VLAN_DEVICE)->interface, fake_id(RESOURCE_INTERFACE, "b"));
	assert_int_equal(port(8, DP_PORT_VLAN_DEVICE)->vrf, fake_id(RESOURCE_VRF, "red"));
	assert_int_equal(port(8, DP_PORT_VLAN_DEVICE)->mtu, 1400);
	assert_int_equal(port(8, DP_PORT_VLAN_DEVICE)->tc_only, 1);

	fake_mtu(3, 1300);
	run_well();
	assert_int_equal(port(3, 0)->mtu, 1300);
	assert_int_equal(port(8, DP_PORT_VLAN_DEVICE)->mtu, 1300);
	fake_link_gone(8);
	run_well();
	assert_null(port(8, DP_PORT_VLAN_DEVICE));
	assert_non_null(port(3, 7));
	fake_vlan(9, "eth0.7", 3, 7);
	run_well();
	assert_non_null(port(9, DP_PORT_VLAN_DEVICE));
	fake_remove(&snapshot, RESOURCE_INTERFACE, "b");
	run_well();
	assert_null(port(9, DP_PORT_VLAN_DEVICE));
	assert_null(port(3, 7));
}

static void a_vrf_falls_back_to_the_kernel(void **state)
{
	struct vrf *vrf = (struct vrf *)fake_vrf("red", NULL);
	const struct dp_vrf *row;

	(void)state;
	fake_put(&snapshot, &vrf->resource);
	run_well();
	row = &fake->bank->vrfs[fake_id(RESOURCE_VRF, "red")];
	assert_int_equal(row->fallback, 0);
	vrf = (struct vrf *)fake_vrf("red", NULL);
	vrf->fallback = true;
	vrf->fallback_table = 77;
	fake_put(&snapshot, &vrf->resource);
	run_well();
	assert_int_equal(row->fallback, 1);
	assert_int_equal(row->fallback_table, 77);
	fake_put(&snapshot, fake_vrf("red", NULL));
	run_well();
	assert_int_equal(row->fallback, 0);
	assert_int_equal(row->fallback_table, 0);
}

static void a_port_is_an_ethernet_device(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "tun0", "red", 0));
	fake_link(3, "tun0", true);
	fake_not_ethernet(3);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_ETHERNET);
	assert_false(fake_is_attached(3));
	assert_null(port(3, 0));
	fake_link(3, "tun0", true); /* a tap of this name, in its place */
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_NONE);
}

static void an_attach_that_fails_is_tried_again_after_a_change(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_link(3, "eth0", true);
	fake_attach_fails = 3;
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_ATTACH);
	assert_null(port(3, 0));
	fake_attach_fails = 0;
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_ATTACH);
	devices_link_changed(fake->tables->devices, 3);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_NONE);
}

static void a_program_that_was_taken_off_is_put_back(void **state)
{
	(void)state;
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_interface("a", "eth0", "red", 0));
	fake_link(3, "eth0", true);
	run_well();
	fake_taken_off(3);
	devices_link_changed(fake->tables->devices, 3);
	run_well();
	assert_true(fake_is_attached(3));
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_NONE);

	/* Something else has its place. */
	fake_taken_off(3);
	fake_attach_fails = 3;
	devices_link_changed(fake->tables->devices, 3);
	run_well();
	assert_int_equal(fake_wait(RESOURCE_INTERFACE, "a"), PENDING_ATTACH);
	assert_null(port(3, 0));
	fake_attach_fails = 0;
	devices_link_changed(fake->tables->devices, 3);
	run_well();
	assert_non_null(port(3, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(interfaces_wait_for_their_devices, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(the_kernels_devices_are_known, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_vrf_falls_back_to_the_kernel, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_port_is_an_ethernet_device, fake_run_setup, fake_run_teardown),
		cmocka_unit_test_setup_teardown(an_attach_that_fails_is_tried_again_after_a_change, fake_run_setup,
						fake_run_teardown),
		cmocka_unit_test_setup_teardown(a_program_that_was_taken_off_is_put_back, fake_run_setup,
						fake_run_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
