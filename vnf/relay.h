/* SPDX-License-Identifier: Apache-2.0 */
/* The TCP side of a sluiced that runs in the dataplane's network namespace, in a process of the management's. */
#ifndef SLUICE_RELAY_H
#define SLUICE_RELAY_H

#include "vnf/settings.h"

/* Waits for the daemon at the unix socket `path`, listens on the TCP addresses of the settings and becomes
 * systemd-socket-proxyd(8), which brings what connects to that socket. TLS is between the client and the daemon.
 * Returns only where no address is TCP, 0, or when it has logged why not, -1. */
int relay_run(const struct settings *settings, const char *path);

#endif
