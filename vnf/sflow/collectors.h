/* SPDX-License-Identifier: Apache-2.0 */
/* Whom datagrams are sent to: addresses, and a socket for each. */
#ifndef SLUICE_SFLOW_COLLECTORS_H
#define SLUICE_SFLOW_COLLECTORS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"
#include "vnf/core/error.h"

#define SFLOW_COLLECTORS 4
#define SFLOW_PORT	 6343

union sflow_collector {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "192.0.2.1", "192.0.2.1:6343", "2001:db8::1" or "[2001:db8::1]:6343", port 6343 where there is none. 0 or -EINVAL. */
int sflow_collector_parse(const char *text, union sflow_collector *collector);

struct sflow_sockets {
	int fd[SFLOW_COLLECTORS]; /* not blocking */
	union sflow_collector collector[SFLOW_COLLECTORS];
	size_t count;
	uint64_t sent, lost; /* datagrams, those to each collector */
	int error;	     /* errno of the last that was lost */
};

/* In the network namespace of the thread; with a device, collectors beyond loopback are reached by that one only. 0, or
 * -1 and *error. */
int sflow_sockets_open(struct sflow_sockets *sockets, const union sflow_collector *collector, size_t count,
		       const char *device, struct error *error);
void sflow_sockets_close(struct sflow_sockets *sockets); /* a zeroed or closed one is fine */

/* The address from which the first collector is reached now; family 0: it is not. */
void sflow_sockets_local(const struct sflow_sockets *sockets, struct ip_address *address);

/* To every collector; one that cannot take it now has lost it. Never blocks. */
void sflow_sockets_send(struct sflow_sockets *sockets, const void *bytes, size_t length);

#endif
