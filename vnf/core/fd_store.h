/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that outlive the process with systemd, which gives them to the next one (FileDescriptorStoreMax= in
 * systemd.service(5)). Where there is no such service manager, nothing is kept and nothing found. */
#ifndef SLUICE_CORE_FD_STORE_H
#define SLUICE_CORE_FD_STORE_H

/* Is there a service manager to ask? Whether its unit has a store is not known. */
int fd_store_is_there(void);

/* Keeps a duplicate under the name, which has no colon, in the place of what had it. 0 or -errno: it cannot be asked.
 */
int fd_store_put(const char *name, int fd);
void fd_store_remove(const char *name);

/* A duplicate of the one that this process was started with; the caller's. -ENOENT: there is none, or -errno. */
int fd_store_get(const char *name);

/* Where the name is in a list of them with colons between, as in LISTEN_FDNAMES: from 0 on, or -ENOENT. */
int fd_names_find(const char *names, const char *name);

#endif
