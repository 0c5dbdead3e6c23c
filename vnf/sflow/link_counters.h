/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's counters of a device (rtnetlink, RFC 3549), as the ifTable has them. */
#ifndef SLUICE_SFLOW_LINK_COUNTERS_H
#define SLUICE_SFLOW_LINK_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct sflow_interface;

/* A socket in the thread's network namespace; -errno. Close it. */
int link_counters_open(void);
/* Asks for the device's, and waits for the answer, which the kernel gives at once. All but the sequence number. 0, or
 * -errno: -ENODEV there is no such device. */
int link_counters_read(int fd, uint32_t ifindex, struct sflow_interface *interface);

/* The answer itself, for tests. */
int link_counters_parse(const void *message, size_t size, struct sflow_interface *interface);

#endif
