/* SPDX-License-Identifier: Apache-2.0 */
/* A socket by which copies leave. */
#ifndef SLUICE_COPIES_DESTINATION_H
#define SLUICE_COPIES_DESTINATION_H

#include "vnf/copies/target.h"

struct copy_destination;

/* In the network namespace of the thread; with CAP_NET_RAW, but for VXLAN. NULL and *error (-errno). */
struct copy_destination *copy_destination_open(const struct copy_target *target, int *error);
void copy_destination_close(struct copy_destination *destination); /* NULL is fine */

/* Sends a copy of which the first `kept` of `length` bytes are there. 0, or -errno: it is lost. Never blocks. One
 * thread at a time. */
int copy_destination_send(struct copy_destination *destination, const uint8_t *frame, uint32_t kept, uint32_t length);

#endif
