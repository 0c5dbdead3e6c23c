/* SPDX-License-Identifier: Apache-2.0 */
/* A machine and devices with nothing wrong, but for one that is nowhere; facts about links and tunnels. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/xdp/probe.h"
#include "vnf/dataplane/xdp/remedy.h"
#include "vnf/reconcile/reconciler.h"

int probe_device(const char *name, struct probe_device *device)
{
	*device = (struct probe_device){.driver = "veth", .ethernet = true, .up = true, .mtu = 1500};
	snprintf(device->name, sizeof(device->name), "%s", name);
	return strcmp(name, "nowhere") ? 0 : -ENODEV;
}

int probe_candidate(size_t n, char name[16])
{
	if (n > 1)
		return -ENOENT;
	snprintf(name, 16, "eth%zu", n);
	return 0;
}

void probe_machine(int program, struct probe_machine *machine)
{
	(void)program;
	*machine =
		(struct probe_machine){.release = "6.1.0", .major = 6, .minor = 1, .cpus = 2, .btf = true, .jit = true};
}

const char *xdp_remedy(const char *reason)
{
	(void)reason;
	return "the remedy";
}

void reconciler_link(struct reconciler *reconciler, uint32_t interface, struct link_facts *facts)
{
	(void)reconciler;
	*facts = interface == 1 ? (struct link_facts){LINK_LACKS_VLAN_DEVICE, 0, 0, 0}
				: (struct link_facts){LINK_LACKS_NOTHING, 1024, 0, 10000000000};
}

/* Of ids from 2 on. */
uint64_t reconciler_member_drains(struct reconciler *reconciler, uint32_t member)
{
	(void)reconciler;
	return member > 1 ? 5 : 0;
}

void reconciler_tunnel(struct reconciler *reconciler, uint32_t tunnel, struct tunnel_facts *facts)
{
	(void)reconciler;
	*facts = (struct tunnel_facts){.path_mtu = 1400, .age = 59, .fragments = 10000000000 * (tunnel > 0)};
}

void reconciler_member(struct reconciler *reconciler, uint32_t member, struct member_facts *facts)
{
	(void)reconciler;
	*facts = (struct member_facts){.state = 3, .share = 250, .connections = member, .opened = 10000000000};
}

uint64_t dataplane_fib_words_kept(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 0;
}

uint64_t dataplane_fib_words(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 7;
}
