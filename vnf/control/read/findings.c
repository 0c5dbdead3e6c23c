/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/dataplane/xdp/attach_choose.h"
#include "vnf/dataplane/xdp/remedy.h"

_Static_assert((int)XDP_NATIVE == SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE &&
		       (int)XDP_TC == SLUICE__V1__XDP_MODE__XDP_MODE_TC,
	       "sluice.v1.XdpMode");

#define KERNEL_MAJOR 6 /* the oldest that the program is tested on: 6.1 */
#define KERNEL_MINOR 1

/* Bytes of control state that a route takes while it is loaded, docs/performance.md. */
#define ROUTE_BYTES 220

/* Feature bits of a virtio network device: virtio 1.2, 5.1.3. What is meant by guest offloads is that the host hands
 * over frames that are merged or whose checksum is not finished. */
#define GUEST_CSUM	    (1ULL << 1)
#define CTRL_GUEST_OFFLOADS (1ULL << 2)
#define GUEST_MERGES	    (1ULL << 7 | 1ULL << 8 | 1ULL << 9 | 1ULL << 10 | 1ULL << 54 | 1ULL << 55)

/* virtio_net before Linux 6.3 takes XDP only while a frame fits a page with its headroom and skb_shared_info. */
#define VIRTIO_PAGE_MTU 3506

#define OK	SLUICE__V1__SEVERITY__SEVERITY_OK
#define WARNING SLUICE__V1__SEVERITY__SEVERITY_WARNING
#define ERROR	SLUICE__V1__SEVERITY__SEVERITY_ERROR

/* Drivers with native XDP, in 6.1, of devices that a VNF may meet. */
static const char *const native[] = {"virtio_net", "veth", "tun", "mlx5_core", "mlx4_en", "ena", "hv_netvsc",
				     "vif",	   "i40e", "ice", "ixgbe",     "ixgbevf", "igb", "igc",
				     "bnxt_en",	   "qede", "sfc", "nfp",       "bonding"};

static bool grow(struct findings *findings)
{
	size_t room = findings->room ? findings->room * 2 : 16;
	Sluice__V1__Finding **grown;

	if (findings->response->n_findings < findings->room)
		return true;
	grown = realloc(findings->response->findings, room * sizeof(Sluice__V1__Finding *));
	if (!grown)
		return false;
	findings->response->findings = grown;
	findings->room = room;
	return true;
}

/* `remedy` may be NULL. */
static void __attribute__((format(printf, 5, 6)))
add(struct findings *findings, const char *subject, Sluice__V1__Severity severity, const char *remedy,
    const char *format, ...)
{
	Sluice__V1__Finding *finding;
	char what[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	if (findings->failed)
		return;
	finding = grow(findings) ? message_new(&sluice__v1__finding__descriptor) : NULL;
	findings->failed = !finding;
	if (!finding)
		return;
	findings->response->findings[findings->response->n_findings++] = finding;
	finding->severity = severity;
	findings->failed = encode_text(&finding->subject, subject) || encode_text(&finding->what, what) ||
			   (remedy && encode_text(&finding->remedy, remedy));
}

static bool older(const struct probe_machine *machine, unsigned int major, unsigned int minor)
{
	return machine->major < major || (machine->major == major && machine->minor < minor);
}

static void judge_kernel(struct findings *findings, const struct probe_machine *machine)
{
	if (older(machine, KERNEL_MAJOR, KERNEL_MINOR))
		add(findings, "kernel", ERROR, "run a kernel from 6.1 on", "release %s is older than 6.1",
		    machine->release);
	else
		add(findings, "kernel", OK, NULL, "release %s, the packet programs are loaded", machine->release);
	if (!machine->btf)
		add(findings, "kernel", ERROR, "run a kernel built with CONFIG_DEBUG_INFO_BTF, as Debian's are",
		    "no BTF in /sys/kernel/btf/vmlinux");
	if (!machine->jit)
		add(findings, "kernel", WARNING, "sysctl net.core.bpf_jit_enable=1, then restart sluiced",
		    "the packet programs are interpreted, not compiled: several times slower");
	if (machine->statistics)
		add(findings, "kernel", WARNING, "sysctl kernel.bpf_stats_enabled=0",
		    "statistics of BPF programs are on: they cost time on each packet");
}

void findings_machine(struct findings *findings, const struct probe_machine *machine, uint64_t routes)
{
	uint64_t mebibytes = machine->memory_available >> 20, needed = (routes * ROUTE_BYTES) >> 20;

	judge_kernel(findings, machine);
	if (!machine->clock_known)
		add(findings, "clock", WARNING, "allow adjtimex to sluiced", "its state cannot be asked for");
	else if (!machine->clock_synchronised)
		add(findings, "clock", WARNING, "run a time service: systemd-timesyncd, chrony",
		    "not synchronised: certificates may seem invalid, and logs do not compare");
	else
		add(findings, "clock", OK, NULL, "synchronised");
	if (machine->memory_available && mebibytes < needed)
		add(findings, "memory", WARNING, "give the machine more, or lower limits.max_routes",
		    "%" PRIu64 " MiB available: %" PRIu64 " routes more, as limits.max_routes allows, need %" PRIu64
		    " MiB",
		    mebibytes, routes, needed);
	else
		add(findings, "memory", OK, NULL, "%" PRIu64 " MiB available", mebibytes);
}

void findings_neighbours(struct findings *findings, const struct probe_machine *machine, uint64_t next_hops)
{
	char remedy[192];

	snprintf(remedy, sizeof(remedy),
		 "sysctl net.ipv4.neigh.default.gc_thresh3=%" PRIu64 " net.ipv6.neigh.default.gc_thresh3=%" PRIu64
		 ", or lower limits.max_next_hops",
		 next_hops, next_hops);
	if (machine->neighbours && machine->neighbours < next_hops)
		add(findings, "neighbours", WARNING, remedy,
		    "the kernel's table holds %" PRIu64 ", and limits.max_next_hops is %" PRIu64
		    ": gateways beyond it are not resolved",
		    machine->neighbours, next_hops);
	else if (machine->neighbours)
		add(findings, "neighbours", OK, NULL, "the kernel's table holds %" PRIu64, machine->neighbours);
	else
		add(findings, "neighbours", OK, NULL,
		    "this namespace does not show net.ipv4.neigh.default.gc_thresh3: %" PRIu64
		    " or more, as limits.max_next_hops allows, see to it in the first one",
		    next_hops);
}

/* Which routes keep the mark by which a source acknowledges them. */
void findings_acknowledgements(struct findings *findings, const struct probe_machine *machine, bool wanted)
{
	if (!wanted)
		return;
	if (machine->nexthop_compat)
		add(findings, "acknowledgements", WARNING,
		    "sysctl net.ipv4.nexthop_compat_mode=0, and a daemon that uses nexthop objects, as zebra does",
		    "the kernel keeps them for IPv4 routes with two or more next hops only: a daemon waits in vain "
		    "for those of the others");
	else
		add(findings, "acknowledgements", OK, NULL,
		    "the kernel keeps them for IPv4 routes whose daemon uses nexthop objects; for IPv6 there are none");
}

void findings_fragments(struct findings *findings, uint64_t fragments)
{
	if (!fragments)
		return;
	add(findings, "tunnels", WARNING,
	    "raise the MTU of the underlay, or lower that of the tenants behind the peers by the tunnel's headers: "
	    "VXLAN "
	    "takes 50 bytes over IPv4, 70 over IPv6",
	    "%" PRIu64 " fragments of tunnel packets were dropped: they are not put together again", fragments);
}

void findings_missing(struct findings *findings, const char *name)
{
	add(findings, name, ERROR, "see ip link show, in the dataplane's network namespace", "there is no such device");
}

void findings_management(struct findings *findings, const char *name)
{
	add(findings, name, ERROR, "name another device, or change management.interface in sluice.yaml",
	    "the management interface is never a port");
}

static bool is_native(const char *driver)
{
	for (size_t i = 0; i < sizeof(native) / sizeof(*native); i++) {
		if (!strcmp(driver, native[i]))
			return true;
	}
	return false;
}

/* Why the device could not have native XDP, as far as that shows from outside; NULL: nothing is against it. */
static const char *obstacle(const struct probe_device *device, const struct probe_machine *machine)
{
	bool offloads = device->virtio_features & (GUEST_CSUM | GUEST_MERGES);

	if (!is_native(device->driver))
		return "the driver is not known to support native XDP";
	if (device->virtio && offloads && !(device->virtio_features & CTRL_GUEST_OFFLOADS))
		return "the host does GRO_HW/CSUM and does not let the guest turn it off";
	if (device->lro)
		return "LRO is on";
	if (device->virtio && device->mtu > VIRTIO_PAGE_MTU && older(machine, 6, 3))
		return "the MTU is too large for virtio_net of a kernel before 6.3";
	return NULL;
}

/* A device for which the other program is the right one anyway has no fault. */
static void judge_tc(struct findings *findings, const struct probe_device *device, const char *driver, const char *why)
{
	struct probe_device otherwise = *device;
	bool right;

	otherwise.vlan_beside = false; /* which can be mended */
	right = xdp_objection(&otherwise, XDP_AUTO);
	add(findings, device->name, right ? OK : WARNING, right ? NULL : xdp_remedy(why), "%s, TC without XDP%s: %s",
	    driver, right ? "" : ", several times slower", why);
}

static void judge_mode(struct findings *findings, const struct probe_device *device, const struct device_facts *facts,
		       const struct probe_machine *machine)
{
	const char *driver = *device->driver ? device->driver : "no driver's name";
	const char *why = xdp_objection(device, XDP_AUTO);

	if (!why)
		why = obstacle(device, machine);
	if (facts->xdp_mode == SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE)
		add(findings, device->name, OK, NULL, "%s, XDP is attached in native mode", driver);
	else if (facts->xdp_mode == SLUICE__V1__XDP_MODE__XDP_MODE_TC)
		judge_tc(findings, device, driver, facts->reason);
	else if (*facts->reason)
		add(findings, device->name, ERROR, xdp_remedy(facts->reason), "%s, it cannot be a port: %s", driver,
		    facts->reason);
	else if (why)
		judge_tc(findings, device, driver, why);
	else
		add(findings, device->name, OK, NULL, "%s, XDP in native mode", driver);
}

/* virtio_net gives each CPU a queue of its own for what XDP sends, where there are as many; else they share by a lock.
 */
static void judge_queues(struct findings *findings, const struct probe_device *device,
			 const struct probe_machine *machine)
{
	char remedy[128];

	if (!device->virtio || device->max_queues >= 2 * machine->cpus)
		return;
	snprintf(remedy, sizeof(remedy), "give the NIC %u queues: hw_vif_multiqueue_enabled, <driver queues='%u'/>",
		 2 * machine->cpus, 2 * machine->cpus);
	add(findings, device->name, WARNING, remedy, "%u queue pairs for %u CPUs: XDP sends under a lock",
	    device->max_queues, machine->cpus);
}

/* XDP sends only by devices on which it is. */
static void judge_peer(struct findings *findings, const struct probe_device *device, const struct device_facts *facts)
{
	char remedy[64];

	if (strcmp(device->driver, "veth") != 0 || facts->xdp_mode != SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE ||
	    device->peer_receives)
		return;
	if (!device->peer) {
		add(findings, device->name, OK, NULL,
		    "its other end, in another namespace, needs an XDP program or GRO: ethtool -K DEVICE gro on");
		return;
	}
	snprintf(remedy, sizeof(remedy), "ethtool -K %s gro on", device->peer_name);
	add(findings, device->name, WARNING, remedy,
	    "its other end, %s, has neither an XDP program nor GRO: it drops what XDP sends to it", device->peer_name);
}

void findings_device(struct findings *findings, const struct probe_device *device, const struct device_facts *facts,
		     const struct probe_machine *machine)
{
	char remedy[64];

	if (!device->ethernet) {
		add(findings, device->name, ERROR, "name an Ethernet device", "not Ethernet: it cannot be a port");
		return;
	}
	judge_mode(findings, device, facts, machine);
	judge_queues(findings, device, machine);
	judge_peer(findings, device, facts);
	snprintf(remedy, sizeof(remedy), "ip link set dev %s up, and see to its carrier", device->name);
	if (!device->up)
		add(findings, device->name, WARNING, remedy, "the link is down");
}
