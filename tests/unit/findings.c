/* SPDX-License-Identifier: Apache-2.0 */
/* What is found to be in the way, from facts that are made up, and that every such finding says what helps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/control/read/findings.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/dataplane/xdp/remedy.h"

#define OK	SLUICE__V1__SEVERITY__SEVERITY_OK
#define WARNING SLUICE__V1__SEVERITY__SEVERITY_WARNING
#define ERROR	SLUICE__V1__SEVERITY__SEVERITY_ERROR

#define CTRL_GUEST_OFFLOADS (1ULL << 2)
#define GUEST_TSO4	    (1ULL << 7)

static const struct probe_machine good_machine = {
	.release = "6.1.0-13-cloud-amd64",
	.major = 6,
	.minor = 1,
	.cpus = 2,
	.btf = true,
	.jit = true,
	.clock_known = true,
	.clock_synchronised = true,
	.memory_available = 1ULL << 30,
};

static const struct probe_device good_device = {
	.name = "eth1",
	.driver = "virtio_net",
	.ethernet = true,
	.up = true,
	.mtu = 1500,
	.queues = 2,
	.max_queues = 4,
	.virtio = true,
	.virtio_features = CTRL_GUEST_OFFLOADS | GUEST_TSO4,
};

const char *xdp_remedy(const char *reason)
{
	return *reason ? "what helps" : "";
}

static Sluice__V1__PreflightResponse *response;

static struct findings begin(void)
{
	response = message_new(&sluice__v1__preflight_response__descriptor);
	return (struct findings){.response = response};
}

/* Exactly one finding of this severity says so, none is worse, and none but OK is without a remedy. */
static void found(const struct findings *findings, Sluice__V1__Severity severity, const char *subject, const char *says)
{
	size_t count = 0;

	assert_false(findings->failed);
	for (size_t i = 0; i < response->n_findings; i++) {
		const Sluice__V1__Finding *finding = response->findings[i];

		assert_true(finding->severity <= severity);
		assert_int_equal(*finding->remedy != '\0', finding->severity != OK);
		if (finding->severity == severity && strcmp(finding->subject, subject) == 0 &&
		    strstr(finding->what, says))
			count++;
	}
	if (count != 1)
		fail_msg("%zu findings say \"%s\"", count, says);
	message_free(response);
}

static void machine_case(struct probe_machine machine, Sluice__V1__Severity severity, const char *subject,
			 const char *says)
{
	struct findings findings = begin();

	findings_machine(&findings, &machine, 1000000);
	found(&findings, severity, subject, says);
}

#define MACHINE(change, severity, subject, says)                                                                       \
	do {                                                                                                           \
		struct probe_machine machine = good_machine;                                                           \
		change;                                                                                                \
		machine_case(machine, severity, subject, says);                                                        \
	} while (0)

static void machines(void **state)
{
	(void)state;
	MACHINE((void)0, OK, "kernel", "release 6.1.0-13-cloud-amd64");
	MACHINE((void)0, OK, "clock", "synchronised");
	MACHINE((void)0, OK, "memory", "1024 MiB available");
	MACHINE(machine.major = 5, ERROR, "kernel", "older than 6.1");
	MACHINE(machine.minor = 0, ERROR, "kernel", "older than 6.1");
	MACHINE(machine.major = 7; machine.minor = 0, OK, "kernel", "release");
	MACHINE(machine.btf = false, ERROR, "kernel", "no BTF");
	MACHINE(machine.jit = false, WARNING, "kernel", "interpreted");
	MACHINE(machine.statistics = true, WARNING, "kernel", "statistics");
	MACHINE(machine.clock_synchronised = false, WARNING, "clock", "not synchronised");
	MACHINE(machine.clock_known = false, WARNING, "clock", "cannot be asked");
	MACHINE(machine.memory_available = 100 << 20, WARNING, "memory", "100 MiB available: 1000000 routes more");
	MACHINE(machine.memory_available = 0, OK, "memory", "available");
}

static void neighbour_case(uint64_t room, Sluice__V1__Severity severity, const char *says)
{
	struct probe_machine machine = good_machine;
	struct findings findings = begin();

	machine.neighbours = room;
	findings_neighbours(&findings, &machine, 4096);
	found(&findings, severity, "neighbours", says);
}

static void neighbour_tables(void **state)
{
	(void)state;
	neighbour_case(1024, WARNING, "holds 1024, and limits.max_next_hops is 4096");
	neighbour_case(4096, OK, "holds 4096");
	neighbour_case(0, OK, "does not show");
}

static void acknowledgements(void **state)
{
	struct probe_machine machine = good_machine;
	struct findings findings = begin();

	(void)state;
	findings_acknowledgements(&findings, &machine, false);
	assert_int_equal(response->n_findings, 0);
	findings_acknowledgements(&findings, &machine, true);
	found(&findings, OK, "acknowledgements", "nexthop objects");
	findings = begin();
	machine.nexthop_compat = true;
	findings_acknowledgements(&findings, &machine, true);
	found(&findings, WARNING, "acknowledgements", "two or more next hops only");
}

static void tunnel_fragments(void **state)
{
	struct findings findings = begin();

	(void)state;
	findings_fragments(&findings, 7);
	found(&findings, WARNING, "tunnels", "7 fragments of tunnel packets");
	findings = begin();
	findings_fragments(&findings, 0);
	assert_int_equal(response->n_findings, 0);
	message_free(response);
}

static void device_case(struct probe_device device, struct device_facts facts, struct probe_machine machine,
			Sluice__V1__Severity severity, const char *says)
{
	struct findings findings = begin();

	findings_device(&findings, &device, &facts, &machine);
	found(&findings, severity, "eth1", says);
}

#define DEVICE(change, severity, says)                                                                                 \
	do {                                                                                                           \
		struct probe_device device = good_device;                                                              \
		struct probe_machine machine = good_machine;                                                           \
		struct device_facts facts = {.ifindex = 2};                                                            \
		change;                                                                                                \
		device_case(device, facts, machine, severity, says);                                                   \
	} while (0)

static void veth(struct probe_device *device, bool peer, bool receives)
{
	device->virtio = false;
	strcpy(device->driver, "veth");
	device->peer = peer;
	strcpy(device->peer_name, "eth9");
	device->peer_receives = receives;
}

/* By dataplane.xdp: always. */
static void asked_for(struct device_facts *facts)
{
	facts->xdp_mode = SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE;
}

static void devices(void **state)
{
	(void)state;
	DEVICE((void)0, OK, "virtio_net, XDP in native mode");
	DEVICE(facts.xdp_mode = SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE, OK, "attached in native mode");
	DEVICE(facts.xdp_mode = SLUICE__V1__XDP_MODE__XDP_MODE_TC;
	       strcpy(facts.reason, "too old"), WARNING, "TC without XDP, several times slower: too old");
	DEVICE(strcpy(facts.reason, "another's program"), ERROR, "cannot be a port: another's program");
	DEVICE(device.virtio_features = GUEST_TSO4, WARNING, "the host does GRO_HW/CSUM");
	DEVICE(device.virtio_features = 0, OK, "XDP in native mode");
	DEVICE(device.max_queues = 3, WARNING, "3 queue pairs for 2 CPUs");
	DEVICE(device.mtu = 9000, WARNING, "MTU is too large");
	DEVICE(device.mtu = 9000; machine.minor = 6, OK, "XDP in native mode");
	DEVICE(device.lro = true, WARNING, "LRO is on");
	DEVICE(device.up = false, WARNING, "the link is down");
	DEVICE(device.ethernet = false, ERROR, "not Ethernet");
	DEVICE(strcpy(device.driver, "e1000e"), WARNING, "e1000e, TC without XDP, several times slower: the driver");
	DEVICE(device.driver[0] = '\0', WARNING, "no driver's name, TC without XDP");
	DEVICE(device.vlan_beside = true, WARNING, "takes VLAN tags out of frames");
	DEVICE(strcpy(device.driver, "bridge"), OK, "bridge, TC without XDP: a bridge has no native XDP");
	DEVICE(veth(&device, true, false), OK, "veth, TC without XDP: a veth hands over");
	DEVICE(veth(&device, true, true); asked_for(&facts), OK, "veth, XDP is attached in native mode");
	DEVICE(veth(&device, true, false); asked_for(&facts), WARNING, "its other end, eth9, has neither");
	DEVICE(veth(&device, false, false); asked_for(&facts), OK, "in another namespace");
}

static void no_ports(void **state)
{
	struct findings findings = begin();

	(void)state;
	findings_missing(&findings, "eth1");
	found(&findings, ERROR, "eth1", "no such device");
	findings = begin();
	findings_management(&findings, "eth0");
	found(&findings, ERROR, "eth0", "never a port");
}

static void many(void **state)
{
	struct findings findings = begin();

	(void)state;
	for (size_t i = 0; i < 100; i++)
		findings_missing(&findings, "eth1");
	assert_false(findings.failed);
	assert_int_equal(response->n_findings, 100);
	message_free(response);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines),	    cmocka_unit_test(neighbour_tables),
		cmocka_unit_test(tunnel_fragments), cmocka_unit_test(devices),
		cmocka_unit_test(no_ports),	    cmocka_unit_test(many),
		cmocka_unit_test(acknowledgements),
	};

	return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
