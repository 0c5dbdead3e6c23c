/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the dataplane room: the program that is loaded, and its maps in memory. */
#ifndef SLUICE_DATAPLANE_INTERNAL_H
#define SLUICE_DATAPLANE_INTERNAL_H

#include "vnf/dataplane/connections/sweeper.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/quiesce/quiesce.h"
#include "vnf/dataplane/xdp/kept_maps.h"

struct dataplane {
	struct dp_limits limits;
	struct dp_now *now;   /* mapped, as the next three; NULL: not yet */
	uint64_t *mixed_salt; /* flow_salt_mixed() of the next */
	uint64_t flow_salt;
	uint64_t fib_words_held, fib_words_kept; /* noted for readers */
	struct bank bank[2];
	struct dp_counter *counters; /* for each possible CPU a block of counter_count */
	struct dp_pending *pending;  /* for each possible CPU */
	struct dp_tunnel_path *tunnel_paths;
	struct dp_limiter *limiters;
	struct connection_tables connections; /* mapped */
	struct sweeper *sweeper;	      /* of them; NULL: none */
	struct dp_limiter_set *limiter_sets, *ddos_sets;
	struct dp_member_load *member_loads; /* by id */
	uint32_t counter_count, cpus;
	int program, tc_program[TC_PROGRAMS]; /* descriptors; -1: not yet */
	struct quiesce quiesce;
	const struct map_store *store; /* borrowed; NULL: none */
	const char *loader;	       /* the same; NULL: there is the next, */
	int loader_socket;	       /* borrowed; 0: or this process loads for itself */
	struct loaded rest;	       /* the router's maps but for those that are kept, and its arrays of twins */
	struct kept_maps kept;
	struct attachments attachments;
};

/* Maps the counters of a program that is loaded. 0 or -errno. */
int counters_map(struct dataplane *dataplane, const struct loaded *loaded);
void counters_unmap(struct dataplane *dataplane);

/* Maps the connections. 0 or -errno. */
int conntrack_map(struct dataplane *dataplane, const struct loaded *loaded);
/* Chooses the secret of their hash, unless they are those of the daemon before, with theirs. 0 or -errno. */
int conntrack_begin(struct dataplane *dataplane);
void conntrack_unmap(struct dataplane *dataplane);

/* Maps the loads of members. 0 or -errno. */
int member_loads_map(struct dataplane *dataplane, const struct loaded *loaded);
void member_loads_unmap(struct dataplane *dataplane);

#endif
