/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_RPC_LISTEN_DEVICE_H
#define SLUICE_RPC_LISTEN_DEVICE_H

#include "vnf/core/error.h"

/* Lets this process's TCP listeners on `port`, other than on loopback addresses, take connections that come in by the
 * device only: SO_BINDTODEVICE, socket(7). 0, or -1 and *error. */
int listen_bind_device(int port, const char *device, struct error *error);

#endif
