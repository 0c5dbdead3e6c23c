/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps to one daemon a network namespace, and reports to its service manager. */
#ifndef SLUICE_CORE_INSTANCE_H
#define SLUICE_CORE_INSTANCE_H

#include <stddef.h>

#define INSTANCE_LOCKS 2

/*
 * Claims the network namespace for this process, until it ends: 0, -EADDRINUSE when another daemon has it, or -errno
 * (-EPERM: everybody may write to the directory). By a lock on a file in the runtime directory, which is there and
 * which only its owner and group may write to, so that no other user can take it; and by an abstract name, which
 * reaches daemons with another runtime directory. The name anybody can take: it only counts where root or this
 * process's user holds it.
 */
int instance_claim(const char *directory);

/* The descriptors of the claim, which stay this process's: whoever else has them open holds the claim, too. Returns
 * their number. */
size_t instance_locks(int fd[INSTANCE_LOCKS]);
/* The claim is another process's, which has sent its descriptors: they are this one's from now on. */
void instance_inherit(const int fd[], size_t count);

/* Sends a state such as "READY=1" to systemd (sd_notify(3)); nothing where there is none. */
void instance_notify(const char *state);
/* The same with a descriptor. 0; -ENOENT: there is no systemd; or another -errno. */
int instance_notify_fd(const char *state, int fd);

#endif
