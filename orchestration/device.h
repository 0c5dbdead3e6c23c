/* SPDX-License-Identifier: Apache-2.0 */
/* Network devices of the calling thread's namespace. */
#ifndef SLUICE_ORCHESTRATION_DEVICE_H
#define SLUICE_ORCHESTRATION_DEVICE_H

#include <stdbool.h>

#include "vnf/core/error.h"

/*
 * Makes the end of a veth pair fit for frames that XDP passes on: checksums are written where a packet is sent, and
 * with GRO a device takes redirected frames although it runs no XDP program itself. The kernel looks at the other end's
 * GRO when a device comes up, and refuses to redirect to one whose other end had none: prepare both ends before. 0, or
 * -1 and *error.
 */
int device_prepare(const char *device, struct error *error);

bool device_is_up(const char *device); /* and its link, too */
bool device_is_bridge(const char *device);

#endif
