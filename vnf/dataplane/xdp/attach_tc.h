/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of the clsact qdisc on a device. */
#ifndef SLUICE_DATAPLANE_ATTACH_TC_H
#define SLUICE_DATAPLANE_ATTACH_TC_H

#include "vnf/dataplane/xdp/attach.h"

/* 0, or -errno and in `reason` (size bytes) why, and some of them may be there. A Sluice's program that is there is
 * replaced in one step. */
int tc_attach(const struct attachments *attachments, uint32_t ifindex, char *reason, size_t size);
/* Our own programs only; 0 where there are others or none. */
int tc_detach(const struct attachments *attachments, uint32_t ifindex);
/* Puts this program in place of a Sluice's router, in one step. 0; -ENOENT: there is none; or another -errno. */
int tc_replace(const struct attachments *attachments, uint32_t ifindex, int program);
/* Takes a Sluice's programs off, whoever has put them there. The same. */
int tc_clear(const struct attachments *attachments, uint32_t ifindex);
/* All of them? */
bool tc_attached(const struct attachments *attachments, uint32_t ifindex);

#endif
