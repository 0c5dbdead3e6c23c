/* SPDX-License-Identifier: Apache-2.0 */
/* The mirror, for the files that it is made of. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_MIRROR_STATE_H
#define SLUICE_SOURCES_MIRROR_STATE_H

#include <pthread.h>

#include "vnf/sources/batch.h"
#include "vnf/sources/kernel_socket.h"
#include "vnf/sources/mirror_evpn.h"

struct mirror {
	struct mirror_ops ops;
	pthread_t thread;
	int wake; /* eventfd */
	atomic_bool stop;

	/* Of the thread: */
	struct kernel_sockets sockets;
	struct nexthop_table nexthops;
	struct mirror_evpn evpn;
	struct hop_list list;
	struct route_message message;
	uint64_t now_ns;	/* CLOCK_MONOTONIC, when the thread woke up, or took in the last announcement */
	struct source *leaving; /* not followed any more, a batch of theirs is out */
	bool changed_ipv6;	/* an IPv6 route may have, since this was set to false */

	pthread_mutex_t lock;	/* of the rest, and of the list of sources */
	pthread_cond_t offered; /* a source's first batch was handed out */
	struct source *sources; /* those that are followed; the thread alone changes them */
	struct source *wanted;	/* those to follow from now on, if `follow` */
	bool follow;
	struct ip_prefix again; /* all that is to be handed out again lies below; no family: nothing is */
	struct batch *done;
};

/* Any thread: has the thread look for orders. */
void mirror_wake(struct mirror *mirror);
/* Takes in what other threads have asked for. */
void mirror_take_orders(struct mirror *mirror);

/* Takes in what the kernel has announced; false: there is more. */
bool mirror_receive(struct mirror *mirror);
/* Reads the tables again whose time has come. */
void mirror_resync(struct mirror *mirror);
/* That time, of CLOCK_MONOTONIC; UINT64_MAX: never, as it is. */
uint64_t mirror_resync_due_ms(const struct source *source);

/* All sources are to be read again at that time, if nothing sooner is planned. */
void mirror_plan_all(struct mirror *mirror, const char *why, uint64_t when_ms);

static inline uint64_t mirror_now_ms(const struct mirror *mirror)
{
	return mirror->now_ns / 1000000;
}

#endif
