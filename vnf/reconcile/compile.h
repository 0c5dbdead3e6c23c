/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a snapshot and the kernel's facts to the tables of a bank, all but the routes. One file a table. A compile is a
 * function of what it reads, writes only what differs, and logs where: the same ranges are then copied between the
 * banks, forward to bring the other up to date, or back to undo.
 *
 * Everything is found by the ids of handles. Internal to reconciler.c and compile*.c.
 */
#ifndef SLUICE_RECONCILE_COMPILE_H
#define SLUICE_RECONCILE_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/core/error.h"
#include "vnf/dataplane/bank/bank.h"

struct delta;
struct devices;
struct netlink;

struct bank_range {
	enum dp_table table;
	uint32_t offset, size; /* in the table */
};

struct bank_changes {
	struct bank_range *range;
	size_t count, capacity;
	bool whole; /* there was no memory to note them all: anything may have changed */
};

/* An interface as packets meet it. */
struct interface_facts {
	uint32_t ifindex;    /* 0: no such device, or no XDP on it */
	uint32_t ip_ifindex; /* kernel device that has its addresses and neighbours; 0: none */
	uint16_t mtu, vrf, vlan_id, inner_vlan_id;
	uint16_t pair;	 /* port pair it belongs to; 0: none */
	bool is_egress;	 /* of that pair */
	uint8_t pending; /* enum pending_reason */
	uint8_t mac[6];
};

struct pair_facts {
	uint16_t ingress, egress; /* interfaces */
	uint16_t group;		  /* port pair group; 0: none */
	bool live;		  /* both interfaces are programmed */
};

/* Where a port pair group stands. */
struct stage_place {
	uint16_t chain; /* 0: in none */
	uint8_t index;
};

struct chain_layout {
	uint16_t vrf;
	uint8_t stages;
	bool symmetric;
	bool skip[DP_MAX_CHAIN_STAGES]; /* fail-open and no pair is live */
};

/* What a group was last compiled from: the same again means the same buckets. */
struct group_memory {
	uint64_t revision; /* of the resource; 0: not compiled */
	uint64_t live;	   /* bit per member */
};

/* Where a hash table has entries, in blocks of slots. */
#define HASH_BLOCK 128
struct hash_blocks {
	uint64_t held[DP_PORT_SLOTS / HASH_BLOCK / 64]; /* in the banks; bit per block */
	uint64_t now[DP_PORT_SLOTS / HASH_BLOCK / 64];	/* in this run */
	bool written;					/* in this run */
};
enum { HASH_PORTS, HASH_VTEPS, HASH_VNIS, HASH_TABLES };

/* Ids below these may be in use in the banks. */
struct table_ends {
	uint32_t vrfs, tunnels, next_hops, groups, stages, classifiers;
};

struct pending_update {
	struct handle *handle;
	uint32_t pending;
};

struct compile {
	/* Given. */
	const struct snapshot *snapshot;
	struct netlink *netlink;
	struct devices *devices;
	const struct bank *bank; /* the idle one */
	const struct dp_limits *limits;
	struct error *error;

	/* Made. */
	struct bank_changes changes;
	struct pending_update *updates;
	size_t update_count, update_capacity;
	bool no_memory; /* some of the updates are missing */

	struct interface_facts interface[DP_MAX_INTERFACES + 1];
	struct pair_facts pair[DP_MAX_PORT_PAIRS + 1];
	struct stage_place place[DP_MAX_PORT_PAIR_GROUPS + 1];
	struct chain_layout chain[DP_MAX_CHAINS + 1];
	uint8_t next_hop_pending[DP_MAX_NEXT_HOPS + 1];
	struct group_memory group[DP_MAX_GROUPS + 1];

	uint32_t classifier_first[DP_MAX_VRFS + 1]; /* in classifiers[]; by VRF */
	uint32_t classifier_count[DP_MAX_VRFS + 1];
	uint8_t features[DP_MAX_VRFS + 1]; /* DP_FEATURE_*; by VRF */
	struct table_ends end, end_before;  /* of the run */
	uint8_t used[DP_MAX_NEXT_HOPS + 1]; /* by the table at hand */
	struct hash_blocks hash[HASH_TABLES];
	struct bank *scratch; /* hash tables are built here first; zeros between compiles */
};

struct compile *compile_new(const struct dp_limits *limits); /* borrowed. NULL: out of memory */
void compile_free(struct compile *compile);		     /* NULL is fine */

/* Tables whose sources may have changed since the last run. */
enum {
	COMPILE_PORTS = 1, /* with interfaces, chains and VRFs; also whenever the kernel's facts have changed */
	COMPILE_VRFS = 2,
	COMPILE_TUNNELS = 4,
	COMPILE_ALL = 7,
};

/*
 * Brings these tables, next hops and groups up to the snapshot. 0, or -errno with *error filled, the tables then half
 * written: copy `changes` back. The updates are noted, not yet set.
 */
int compile_run(struct compile *compile, unsigned int tables);
/* The same where only next hops and groups differ, and these alone. A gateway that is not wanted any more is forgotten
 * by the second compile_run from now. */
int compile_rows(struct compile *compile, const struct delta *delta);
void compile_publish_pending(struct compile *compile); /* readers see them from now on */
/* Forgets updates; `undone`: also what the last run remembered of the bank, which is as before it. `changes` are kept.
 */
void compile_done(struct compile *compile, bool undone);

void bank_changes_clear(struct bank_changes *changes);
/* Makes `to` what `from` is wherever the changes say that they may differ. Never the FIB. */
void bank_changes_copy(const struct bank_changes *changes, const struct dp_limits *limits, const struct bank *to,
		       const struct bank *from);

/* For compile_*.c. `to` is in the bank. */
void compile_write(struct compile *compile, void *to, const void *from, size_t size);
/*
 * A hash table, which is built in the scratch bank first. `key` has gone into it: `words` of 64 bits, of `slots`.
 * compile_hash_write then brings the bank's table to it, looking only where entries are or were, and empties the
 * scratch one; with `failed` it does only the latter.
 */
void compile_hash_use(struct hash_blocks *blocks, const void *key, unsigned int words, uint32_t slots);
void compile_hash_write(struct compile *compile, struct hash_blocks *blocks, void *table, void *scratch, size_t size,
			bool failed);
void compile_hash_done(struct hash_blocks *blocks, bool undone);
void compile_pending(struct compile *compile, struct handle *handle, enum pending_reason pending);
/* Zeroes `size` bytes at table + id * stride for every id of 1 .. *end-1 that is not marked in `used`; no marks after.
 */
void compile_clear_unused(struct compile *compile, void *table, size_t stride, size_t size, uint32_t *end);
/* Marks `id` in `used` and stretches *end. */
void compile_use(struct compile *compile, uint32_t id, uint32_t *end);

/* The run's error, or -ENOMEM where updates could not be noted; in compile->error too where it is that. */
int compile_end(struct compile *compile, int error);

/* In this order; each 0 or -errno with the error filled. */
int compile_interfaces(struct compile *compile); /* facts */
int compile_chains(struct compile *compile);	 /* layouts, then stages[] */
int compile_vrfs(struct compile *compile);	 /* classifiers[], vrfs[] */
int compile_ports(struct compile *compile);	 /* ports[] */
int compile_tunnels(struct compile *compile);	 /* vteps[], vnis[], tunnels[], tunnel_ports[] */
int compile_next_hops(struct compile *compile);	 /* next_hops[] */
int compile_groups(struct compile *compile);	 /* groups[] */

/* One row. 0 or -ENOMEM. */
int compile_next_hop(struct compile *compile, const struct next_hop *next_hop);
void compile_group(struct compile *compile, const struct next_hop_group *group);

/* Id of the first stage from `index` on (step 1: forward, -1: reverse) that is not skipped; 0: none, on by the FIB. */
uint16_t chain_stage(const struct compile *compile, uint16_t chain, int index, int step);

/* The MAC of the router in the VRF. */
void vrf_router_mac(const struct vrf *vrf, uint8_t mac[6]);

/* Fills the buckets with member numbers. `live` has a bit per member; without any, every bucket is -1. */
void group_buckets(const struct next_hop_group *group, uint64_t live, int bucket[DP_GROUP_BUCKETS]);

/* An address of the router: a host route to the kernel. */
struct local_route {
	struct handle *vrf;
	struct ip_prefix prefix;
};

struct local_routes {
	struct local_route *local_route; /* sorted by VRF id and prefix, each once */
	size_t count;
};

/* The kernel's addresses of the interfaces, after compile_interfaces. 0 or -ENOMEM; the caller frees
 * local_routes->local_route. */
int compile_local_routes(const struct compile *compile, struct local_routes *local_routes);
int local_route_compare(const struct local_route *a, const struct local_route *b);
bool local_routes_contain(const struct local_routes *local_routes, const struct local_route *local_route);

#endif
