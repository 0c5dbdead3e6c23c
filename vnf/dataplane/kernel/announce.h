/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Announcements of the router's own addresses to the hosts on a link, or behind a tunnel: as an ARP announcement (RFC
 * 5227 2.3 and 3) of an IPv4 address, as an unsolicited neighbour advertisement (RFC 4861 7.2.6) of an IPv6 address.
 * The kernel does not know these addresses, so frames are written here and sent through a packet socket. Control thread
 * only.
 */
#ifndef SLUICE_DATAPLANE_ANNOUNCE_H
#define SLUICE_DATAPLANE_ANNOUNCE_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

/* The tunnel that a frame goes into, over UDP. Host byte order. */
struct announcement_tunnel {
	uint8_t dst_mac[6], src_mac[6];	 /* of the outer frame */
	struct ip_address local, remote; /* remote of family 0: none, the frame goes onto the link as it is */
	uint16_t src_port, dst_port;
	uint8_t header[8]; /* of the tunnel, behind UDP's */
};

/* Host byte order. */
struct announcement {
	uint32_t ifindex;
	uint16_t vlan_id, inner_vlan_id; /* 0: no such tag; an inner one needs the outer one */
	uint8_t mac[6];			 /* by which hosts reach the address */
	struct ip_address address;
	struct announcement_tunnel tunnel; /* the tags are the outer frame's then */
};

/* Ethernet, two tags, IPv6, UDP, the tunnel's header; Ethernet, IPv6 and a neighbour advertisement with one option. */
#define ANNOUNCEMENT_MOST (14 + 2 * 4 + 40 + 8 + 8 + 14 + 40 + 32)

/* Returns the frame's bytes. */
size_t announcement_write(const struct announcement *announcement, uint8_t frame[ANNOUNCEMENT_MOST]);

/* A socket in the thread's network namespace, which receives nothing; or -errno: -EPERM without CAP_NET_RAW,
 * -EAFNOSUPPORT where a sandbox allows no packet sockets. */
int announce_open(void);
void announce_close(int fd); /* an error of announce_open is fine */
/* Does not block. 0 or -errno: -ENOBUFS, the device's queue is full; -ENXIO and -ENETDOWN, it is gone or down. */
int announce_send(int fd, const struct announcement *announcement);

#endif
