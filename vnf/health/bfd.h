/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets by which BFD's packets come in: one a device, family and port for all sessions there. */
#ifndef SLUICE_HEALTH_BFD_H
#define SLUICE_HEALTH_BFD_H

#include "vnf/health/probe.h"

struct bfd_packet;
struct bfd_socket;

struct bfd_sockets {
	struct bfd_socket *first;
	struct bfd *sessions; /* one between two systems (RFC 5881 3), however many monitors ask for it */
};

#define BFD_PORT_ONE_HOP  3784 /* RFC 5881 4 */
#define BFD_PORT_MULTIHOP 4784 /* RFC 5883 5 */

/* One who waits for packets from an address; embedded in a session. */
struct bfd_listener {
	struct bfd_listener *next;
	struct probe *probe;
	uint32_t discriminator;
	void (*received)(struct bfd_listener *listener, const struct bfd_packet *packet);
};

/* Joins the device's socket for the probe's address, or opens it. NULL and *error, -errno. */
struct bfd_socket *bfd_socket_join(struct bfd_listener *listener, int *error);
void bfd_socket_leave(struct bfd_socket *socket, struct bfd_listener *listener);

#endif
