/* SPDX-License-Identifier: Apache-2.0 */
/* The programs that a daemon before this one has left on devices of this namespace: those that are no port of ours. */
#ifndef SLUICE_DATAPLANE_STRAYS_H
#define SLUICE_DATAPLANE_STRAYS_H

#include "vnf/dataplane/xdp/attach.h"

/* They are nobody's any more: takes them off. */
void strays_detach(const struct attachments *attachments);

/* Nobody knows what they forward: they are replaced by a program that drops every packet, and counts it as
 * closed_program.h does, until the device is a port again. 0, or -1 and has logged why: a port may go on forwarding. */
int strays_close(const struct attachments *attachments, int counters, uint32_t per_cpu);

#endif
