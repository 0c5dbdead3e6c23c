/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts on links that are known: by interface, the oldest first, and by station. Internal to the table of hosts. */
#ifndef SLUICE_FEATURES_BASE_HOSTS_H
#define SLUICE_FEATURES_BASE_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/core/address.h"
#include "vnf/reconcile/id_array.h"

#define LINK_HOSTS  1024 /* of an interface: the oldest gives way */
#define HOSTS_ASKED 256	 /* more than are heard in the 3 s in which the kernel asks */

struct station {
	uint32_t ifindex; /* kernel's device; 0: none */
	struct ip_address address;
	uint8_t pad[3];
};

struct host {
	struct station station;
	uint32_t interface, vrf;
	uint32_t next, previous; /* of the interface's, the oldest first */
	uint32_t resolved;	 /* 0: it does not answer */
	uint32_t learned;	 /* 1: it was asked for because it was heard */
};

struct link_hosts {
	uint32_t first, last, count;
	uint32_t learned; /* of these */
	uint32_t refused; /* that made room for others, or found none; since the daemon's start */
};

struct hosts {
	struct id_pool host;		 /* struct host */
	struct id_index by_station;	 /* hosts */
	struct id_array of_link;	 /* struct link_hosts by interface */
	struct id_array remote;		 /* struct station by tunnel that asks for it */
	struct id_index by_remote;	 /* tunnels */
	struct station *heard, *loose;	 /* of this run: those that neighbour events were about, */
	size_t heard_count, loose_count; /* and those that it wanted or stopped wanting */
	size_t heard_capacity, loose_capacity;
	struct station *announced; /* of this run: those that were heard */
	size_t announced_count, announced_capacity;
	struct station asked[HOSTS_ASKED]; /* the last ones that were asked for because they were heard; a ring */
	uint32_t asked_next;
};

struct host host_at(const struct hosts *hosts, uint32_t id);
struct link_hosts link_hosts_at(const struct hosts *hosts, uint32_t interface);
struct station remote_station(const struct hosts *hosts, uint32_t tunnel);

uint32_t station_hash(const struct station *station);
bool station_equal(const struct station *a, const struct station *b);
/* Appends to a list that grows; false: out of memory. */
bool station_push(struct station **list, size_t *count, size_t *capacity, const struct station *station);

/* The interface's host; 0: it has none with this address. */
uint32_t hosts_find(const struct hosts *hosts, uint32_t interface, const struct station *station);
void hosts_set(struct hosts *hosts, struct undo_log *log, uint32_t id, const struct host *host);
void hosts_append(struct hosts *hosts, struct undo_log *log, uint32_t id, struct host *host);
/* Counts one more that made room, or found none. */
void hosts_refuse(struct hosts *hosts, struct undo_log *log, uint32_t interface);
/* One more of the interface's, or with -1 one less, was heard first. */
void hosts_count_learned(struct hosts *hosts, struct undo_log *log, uint32_t interface, int step);
void hosts_unlink(struct hosts *hosts, struct undo_log *log, uint32_t id, const struct host *host);

#endif
