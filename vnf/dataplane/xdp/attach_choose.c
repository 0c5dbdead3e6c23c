/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XDP sees a frame's bytes and nothing else. What the kernel hands from device to device without a wire between them
 * has checksums that are not finished, segments that are not cut and tags that are not in the frame, and XDP on such a
 * port would send it on as it is.
 */
#include "vnf/dataplane/xdp/attach_choose.h"

#include <string.h>

/* Drivers of devices whose frames come from the kernel of the same machine, and why that matters. */
static const struct {
	const char *driver, *why;
} local[] = {
	{"veth", "a veth hands over unfinished checksums, segments and VLAN tags"},
	{"tun", "a tap hands over unfinished checksums and segments"},
	{"bridge", "a bridge has no native XDP"},
	{"macvlan", "a macvlan has no native XDP"},
};

const char *xdp_objection(const struct probe_device *device, enum xdp_choice choice)
{
	if (choice == XDP_NEVER)
		return "dataplane.xdp says never";
	if (choice == XDP_ALWAYS)
		return NULL;
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		if (!strcmp(device->driver, local[i].driver))
			return local[i].why;
	if (device->vlan_beside)
		return "the NIC takes VLAN tags out of frames (rxvlan)";
	return NULL;
}
