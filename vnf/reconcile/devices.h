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

/* 0: attached, now or before, and again if the link has changed and the kernel has it no more; -EIO: it cannot be, and
 * is tried again when the link has changed; -ENOMEM. */
int devices_attach(struct devices *devices, uint32_t ifindex);
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
