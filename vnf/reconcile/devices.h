/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that the packet programs are attached to: every one that an interface names, for as long as one does. The
 * control thread changes the list; other threads read it. Internal to vnf/reconcile and the table of interfaces.
 */
#ifndef SLUICE_RECONCILE_DEVICES_H
#define SLUICE_RECONCILE_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dataplane;
struct devices;

struct devices *devices_new(struct dataplane *dataplane); /* NULL: out of memory */
void devices_free(struct devices *devices);		  /* detaches all; NULL is fine */

/* 0: attached, or to be attached by devices_apply; -EIO: it could not be, and is tried again, now, when the link has
 * changed; -ENOMEM. */
int devices_want(struct devices *devices, uint32_t ifindex);
/* Attaches those that are wanted: once packets meet the tables that know them, so that none is taken for a stranger's;
 * and those again whose link has changed and that the kernel has no more. Calls `changed` for each that is not as
 * devices_want and devices_transmit_xdp had it. */
void devices_apply(struct devices *devices, void (*changed)(void *context, uint32_t ifindex), void *context);
/* Does XDP send by this device? Only where its own program is in the driver: a veth or a virtio NIC without loses what
 * is redirected to it, and so does a device without native XDP. */
bool devices_transmit_xdp(const struct devices *devices, uint32_t ifindex);
/* The next devices_sweep asks whether the device is still in use. One that is not in the list is fine. */
void devices_loosen(struct devices *devices, uint32_t ifindex);
/* Detaches those that are loose and not in use any more. */
void devices_sweep(struct devices *devices, bool (*in_use)(void *context, uint32_t ifindex), void *context);

/* The device may be another one, or have lost its program. */
void devices_link_changed(struct devices *devices, uint32_t ifindex);

/* Any thread. -ENOENT: not attached and not tried, past the end. `mode` is an enum xdp_mode. */
int devices_find(struct devices *devices, uint32_t ifindex, uint8_t *mode, char *reason, size_t size);
/* The n-th that is attached, in order of ifindex. */
int devices_nth(struct devices *devices, size_t n, uint32_t *ifindex, uint8_t *mode, char *reason, size_t size);

#endif
