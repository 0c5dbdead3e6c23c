/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_LISTEN_DEVICE_H
#define SLUICE_RPC_LISTEN_DEVICE_H

#include <stdbool.h>

#include "vnf/core/error.h"

/* Lets this process's TCP listeners on `port`, other than on loopback addresses, take connections that come in by the
 * device only: SO_BINDTODEVICE, socket(7). 0, or -1 and *error. */
int listen_bind_device(int port, const char *device, struct error *error);

/* Lets another process of this user listen on the port beside this one, or no more: SO_REUSEPORT. Logs a failure. */
void listen_share_port(int port, bool share);
/* Ends listening on the port, at the sockets; for a process that ends soon. */
void listen_end(int port);

#endif
