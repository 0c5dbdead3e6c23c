/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mirrors tables of the kernel's routes. One thread with a netlink socket of its own follows all tables that sources
 * name (rtnetlink(7), RFC 3549), knows what of each was handed out, and hands out the difference in batches: a route
 * that goes and comes within a batch is one replacement. It knows nothing of resources, revisions or packets.
 *
 * A socket that overran, a dump that the kernel says was interrupted, and a link that goes down (the kernel then takes
 * IPv4 routes away without a message) lead to a resync: the table is read again, and what differs is a batch like any
 * other.
 */
#ifndef SLUICE_SOURCES_MIRROR_H
#define SLUICE_SOURCES_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

struct error;
struct mirror;

#define SOURCE_PROTOCOLS 32
#define SOURCE_RANGES	 1024
#define SOURCE_HOPS	 64 /* of a route; those beyond are left out, and its group says so */

struct source_range {
	struct ip_prefix prefix;
	uint8_t length_least, length_most;
};

/* What to follow. */
struct source_config {
	uint32_t source; /* chosen by the caller, unique among the configurations that there are; not 0 */
	uint32_t table;
	uint32_t max_routes;
	uint32_t protocols; /* how many; 0: all but RTPROT_KERNEL */
	uint8_t protocol[SOURCE_PROTOCOLS];
	bool allow_bogons, acknowledge;
	bool evpn;		    /* bridges with a vxlan device are followed */
	size_t ranges;		    /* 0: every prefix is allowed */
	struct source_range *range; /* sorted by prefix; the mirror takes it over (malloc) */
};

enum source_hop_kind {
	SOURCE_HOP_GATEWAY = 1, /* `gateway` on the device */
	SOURCE_HOP_LINK,	/* hosts on the device's link: a route with scope link that a daemon has made */
	SOURCE_HOP_TUNNEL,	/* EVPN: a VTEP behind a vxlan device */
	SOURCE_HOP_BLACKHOLE,	/* dropped */
	SOURCE_HOP_UNREACHABLE, /* dropped, the sender is told: host unreachable */
	SOURCE_HOP_PROHIBIT,	/* dropped, the sender is told: prohibited */
};

struct source_hop {
	enum source_hop_kind kind;
	uint32_t ifindex;	   /* of gateways and links */
	struct ip_address gateway; /* of either family, link-local too */
	uint8_t weight;		   /* 1 to 100: those of the kernel, 1 to 256, scaled down where one is above */
	/* Of tunnels: */
	struct ip_address local, remote;
	uint32_t vni;
	uint16_t udp_port; /* host byte order */
	uint8_t mac[6];	   /* the inner frame's destination */
};

/* A set of next hops, interned by content: equal sets of a source have one number for as long as a route uses it. */
struct source_group {
	uint32_t number; /* from 1 */
	bool cut;	 /* it had more than SOURCE_HOPS */
	size_t hops;
	struct source_hop *hop; /* in an order that follows from the content */
};

/* Why the guard keeps a route from counting. WITHHELD is the receiver's: it may say so of a change before mirror_done,
 * and the route is not acknowledged. */
enum source_guard { SOURCE_ALLOWED, SOURCE_NOT_ALLOWED, SOURCE_BOGON, SOURCE_WITHHELD };

struct source_change {
	struct ip_prefix prefix;
	uint32_t group; /* 0: the route is gone */
	uint32_t metric;
	uint8_t protocol;
	uint8_t guard; /* enum source_guard */
};

/* What one source has become since the batch before. The receiver has it until mirror_done, and changes nothing in it
 * but what is withheld.
 */
struct source_batch {
	struct source_batch *next; /* the receiver's to use */
	uint32_t source;
	bool first; /* the source has been read whole with this batch, for the first time */
	size_t groups;
	struct source_group *group; /* new ones, which the changes lead to */
	size_t changes;
	struct source_change *change; /* each prefix once, in order of prefix */
	size_t gone;
	uint32_t *gone_group; /* numbers that no route uses any more; they may come again with other content */
	uint64_t received_ns; /* CLOCK_MONOTONIC, when the first of its messages was read */
};

/* The numbers of sluice.v1.SourceState. */
enum source_state {
	SOURCE_STARTING = 1,
	SOURCE_FOLLOWING,
	SOURCE_RESYNCING,
	SOURCE_FROZEN,
	SOURCE_FAILED,
};

/* For people and for the state service. */
struct source_facts {
	enum source_state state;
	char reason[160]; /* why it is FROZEN, RESYNCING or FAILED, with the remedy */
	uint64_t routes, guarded, groups, updates, resyncs, acknowledged;
	char last_resync[96];
	uint64_t last_resync_ms; /* CLOCK_MONOTONIC; 0: never but at the start */
};

struct mirror_ops {
	/* On the mirror's thread: a batch is ready. Of a source there is one at a time: until mirror_done further
	 * changes gather, the newest of a prefix counts. */
	void (*ready)(void *context, struct source_batch *batch);
	void *context;
	/* Bytes of the socket's receive buffer; 0: MIRROR_BUFFER. For tests. */
	size_t buffer;
	/* Milliseconds for which changes gather; 0: MIRROR_GATHER_MS. */
	unsigned int gather_ms;
};
#define MIRROR_BUFFER	 (64 << 20)
#define MIRROR_GATHER_MS 2
#define MIRROR_CHANGES	 65536 /* in a batch at most, but for the first one of a source */

/* Starts the thread, in the calling thread's network namespace; it follows nothing yet. NULL and a fault. */
struct mirror *mirror_new(const struct mirror_ops *ops, struct error *error);
/* Stops and joins it; batches that are out become invalid. NULL is fine. */
void mirror_free(struct mirror *mirror);

/* Any thread. From now on exactly these are followed: a source that is new, or whose table, protocols or guard changed,
 * is read whole. One that is not in the list any more says nothing more; its routes are the caller's to forget. Takes
 * over the ranges, also where it fails. 0 or -ENOMEM: the list before counts. */
int mirror_follow(struct mirror *mirror, const struct source_config *config, size_t count);

/* Any thread: the receiver is through with the batch, which is freed. `programmed`: packets meet it, and it is
 * acknowledged to the kernel where that is asked for. Not so: nothing of it was taken in; it is handed out again, with
 * what came since, after a second. */
void mirror_done(struct mirror *mirror, struct source_batch *batch, bool programmed);

/* Any thread: IPv4 routes at or below the prefix, of sources that acknowledge, are handed out again as they are:
 * whether packets meet them may have changed. */
void mirror_again(struct mirror *mirror, const struct ip_prefix *prefix);

/* Any thread: 0, or -ENOENT: the source is not followed. */
int mirror_facts(struct mirror *mirror, uint32_t source, struct source_facts *facts);

/* Waits until a first batch of each source that is followed was handed out, or `deadline_ms` of CLOCK_MONOTONIC has
 * come. True: all were. A source without routes hands out an empty one. */
bool mirror_wait_first(struct mirror *mirror, uint64_t deadline_ms);

#endif
