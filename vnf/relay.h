/* SPDX-License-Identifier: Apache-2.0 */
/* Serves the TCP side of a sluiced that runs in the dataplane's network namespace, in a process of the management's. */
#ifndef SLUICE_RELAY_H
#define SLUICE_RELAY_H

#include "vnf/settings.h"

/* Waits for the daemon at the unix socket `path`, listens on the TCP addresses of the settings and becomes systemd-
 * socket-proxyd(8), which passes connections on to that socket. TLS is between the client and the daemon. Returns
 * only where no address is TCP, 0, or when it has logged the cause of its failure, -1. */
int relay_run(const struct settings *settings, const char *path);

#endif
