/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets of HTTP. */
#ifndef SLUICE_WEB_LISTEN_H
#define SLUICE_WEB_LISTEN_H

#include "vnf/rpc/listen_address.h"

/* A TCP socket bound to the address, which does not listen yet; beyond loopback by the device only, where it is not
 * NULL: SO_BINDTODEVICE, socket(7). The descriptor, or -errno. */
int web_bind(const union listen_endpoint *endpoint, const char *device);

/* The port that it is bound to, host order; 0: it is not. */
unsigned int web_bound_port(int fd);

#endif
