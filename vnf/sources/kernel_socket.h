/* SPDX-License-Identifier: Apache-2.0 */
/* The mirror's netlink sockets: one for the kernel's announcements, one for questions. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_KERNEL_SOCKET_H
#define SLUICE_SOURCES_KERNEL_SOCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

#define KERNEL_BUFFER 65536

struct kernel_sockets {
	int announcements, questions; /* do not block; block for up to 10 s */
	uint32_t port;		      /* of the questions */
	uint32_t sequence;
	uint8_t *buffer;	 /* of KERNEL_BUFFER bytes */
	const atomic_bool *stop; /* ends readings early */
};

typedef int kernel_message(void *context, const struct nlmsghdr *message);

/* In the thread's network namespace. `receive`: bytes for announcements that are not read yet. 0 or -errno. */
int kernel_sockets_open(struct kernel_sockets *sockets, size_t receive, const atomic_bool *stop);
void kernel_sockets_close(struct kernel_sockets *sockets);

/* Calls `take` for each announcement that is there, but for `most` datagrams: 1: none are left; 0: some are; -ENOBUFS:
 * none are, and some were lost. */
int kernel_sockets_receive(struct kernel_sockets *sockets, size_t most, kernel_message *take, void *context);

/* Announcements of neighbours and of bridges' forwarding databases from now on, or no more. 0 or -errno. */
int kernel_sockets_hear_neighbours(struct kernel_sockets *sockets, bool hear);

/* Calls `take` for each of a dump: the routes of a family in a table (RTM_GETROUTE); all nexthop objects
 * (RTM_GETNEXTHOP), links (RTM_GETLINK) or neighbours of a family (RTM_GETNEIGH; AF_BRIDGE: forwarding databases),
 * where the table is 0. 0; 1: complete, but the kernel says that it changed meanwhile; else -errno, also what `take`
 * returns; -ECANCELED: stopped. */
int kernel_sockets_dump(struct kernel_sockets *sockets, uint16_t type, uint8_t family, uint32_t table,
			kernel_message *take, void *context);

/* Has the kernel do what the first bytes of the buffer ask for; its errors are passed over. */
void kernel_sockets_order(struct kernel_sockets *sockets, size_t size);

/* Returns once the kernel is through with changes of links that it has announced: it announces that one goes down
 * before it removes the routes. */
void kernel_sockets_wait_links(struct kernel_sockets *sockets);

#endif
