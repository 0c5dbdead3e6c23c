/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/remedy.h"

#include <stddef.h>
#include <string.h>

/* What helps, by a word of the kernel's reason. The last one is for whatever else. */
static const struct {
	const char *word, *remedy;
} remedies[] = {
	{"GRO_HW",
	 "let the hypervisor offer ctrl_guest_offloads to the virtio NIC, or take guest TSO and checksum from it"},
	{"CSUM",
	 "let the hypervisor offer ctrl_guest_offloads to the virtio NIC, or take guest TSO and checksum from it"},
	{"LRO", "ethtool -K the device lro off"},
	{"rxvlan", "ethtool -K the device rxvlan off, then restart sluiced"},
	{"MTU", "lower the device's MTU"},
	{"queue", "give the device more queues: at least twice as many as CPUs"},
	{"not support", "use a driver with native XDP, such as virtio_net or veth"},
	{"", "see the kernel's log for the driver's reason"},
};

const char *xdp_remedy(const char *reason)
{
	size_t i = 0;

	while (!strstr(reason, remedies[i].word))
		i++;
	return remedies[i].remedy;
}
