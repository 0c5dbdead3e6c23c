/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The salt of the flow hash: routers that hash alike would each use only part of what the one before them leaves to
 * them, and whoever knows how a router hashes can send all flows to one instance.
 */
#ifndef SLUICE_DATAPLANE_FLOW_SALT_H
#define SLUICE_DATAPLANE_FLOW_SALT_H

#include <stdint.h>

/*
 * `configured`, or where that is 0 the one that `file` keeps from the daemon before, so that flows stay where they are
 * over a restart, or else a random one, which is put into the file. NULL: there is no file. Never 0; a file that cannot
 * be read or written costs a warning in the log.
 */
uint64_t flow_salt(uint64_t configured, const char *file);

/* What the programs take (bpf/flow.h): near salts must not give hashes that have to do with each other. */
uint64_t flow_salt_mixed(uint64_t salt);

#endif
