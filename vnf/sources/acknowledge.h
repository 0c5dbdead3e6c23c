/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the kernel of IPv4 routes that packets meet (RTM_F_OFFLOAD), for daemons that advertise only these: each is
 * written once more as it is, with that mark. Netlink has no compare-and-swap: a route that its daemon changes in the
 * same instant may be put back. The kernel's announcement of what was written then comes behind that of the daemon's
 * change, so it is found out, and the daemon's route is written with the next acknowledgement. Internal to vnf/sources.
 */
#ifndef SLUICE_SOURCES_ACKNOWLEDGE_H
#define SLUICE_SOURCES_ACKNOWLEDGE_H

#include "vnf/sources/batch.h"
#include "vnf/sources/kernel_socket.h"

/* Changes that packets meet; a batch's, which it gave up. */
struct acknowledgement {
	struct acknowledgement *next;
	size_t changes, done;
	struct source_change *change;
};

/* Queues the batch's changes, which are taken from it. Without memory for that it is only logged: the daemon waits for
 * these until they change, or the source's configuration does. */
void acknowledge_queue(struct source *source, struct batch *batch);
void acknowledge_end(struct source *source);

/* Writes some of what is queued. Routes that have changed since are left to their own batch. True: more are queued. */
bool acknowledge_some(struct source *source, struct kernel_sockets *sockets);

/* The kernel's announcement of what was written. */
void acknowledge_take_echo(struct source *source, const struct route_message *message, uint64_t now_ns);

/* The message that writes the route: its bytes, at most `room`; 0: it can't be written as it is, or the kernel would
 * forget the mark (one next hop, no nexthop object); metric 0. */
size_t acknowledge_write(const struct source *source, const struct ip_prefix *prefix, const struct route *route,
			 uint8_t *bytes, size_t room);

#endif
