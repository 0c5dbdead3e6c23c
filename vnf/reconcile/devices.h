/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that XDP is attached to: every one that an interface names, for as long as one does. The control thread
 * changes the list; other threads read it. Internal to reconciler.c and compile*.c.
 */
#ifndef SLUICE_RECONCILE_DEVICES_H
#define SLUICE_RECONCILE_DEVICES_H

#include <stddef.h>
#include <stdint.h>

struct dataplane;
struct devices;

struct devices *devices_new(struct dataplane *dataplane); /* NULL: out of memory */
void devices_free(struct devices *devices);		  /* detaches all; NULL is fine */

/* From devices_begin on, what devices_attach is called for is in use. */
void devices_begin(struct devices *devices);
/* 0: attached, now or before; -EIO: it cannot be, and is tried again when the link has changed; -ENOMEM. */
int devices_attach(struct devices *devices, uint32_t ifindex);
/* Detaches what is not in use since the last devices_begin. */
void devices_sweep(struct devices *devices);

void devices_link_changed(struct devices *devices, uint32_t ifindex);

/* Any thread. -ENOENT: not attached and not tried, past the end. `mode` is an enum xdp_mode. */
int devices_find(struct devices *devices, uint32_t ifindex, uint8_t *mode, char *reason, size_t size);
/* The n-th that is attached, in order of ifindex. */
int devices_nth(struct devices *devices, size_t n, uint32_t *ifindex, uint8_t *mode, char *reason, size_t size);

#endif
