/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CORE_NAMESPACE_H
#define SLUICE_CORE_NAMESPACE_H

/* Moves this thread, and those that it starts from now on, into a network namespace: a name under /run/netns, or a
 * path. Sockets stay in the one that they were made in. Takes CAP_SYS_ADMIN, unless it is there already.
 * 0 or -errno. */
int namespace_enter(const char *name);

#endif
