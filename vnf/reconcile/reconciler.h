/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts revisions into the dataplane: compiles a snapshot and the kernel's facts (links, addresses, neighbours) into the
 * idle bank, flips, and later does the same to the other. Control thread only.
 */
#ifndef SLUICE_RECONCILE_RECONCILER_H
#define SLUICE_RECONCILE_RECONCILER_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/reconcile/shown_links.h"
#include "vnf/core/error.h"
#include "vnf/control/state/delta.h"
#include "vnf/control/state/snapshot.h"

struct blast_radius;
struct dataplane;
struct events;
struct health_targets;
struct health_key;
struct health_report;
struct health_verdict;
struct loop;
struct policy_costs;
struct reconciler;

/* NULL and *error on failure. Watches netlink on the loop; attaches XDP to the devices of interfaces. Borrows loop and
 * dataplane. */
struct reconciler *reconciler_new(struct loop *loop, struct dataplane *dataplane, struct error *error);
void reconciler_free(struct reconciler *reconciler); /* NULL is fine */

/* Has its subscribers told of resources that become programmed, or stop being it. Borrows events; NULL: tells nobody.
 */
void reconciler_report_to(struct reconciler *reconciler, const struct events *events);

/* Is asked when everything is in the idle bank and only the flip is left: not 0, with *error filled, and the commit is
 * undone. */
struct reconciler_gate {
	int (*pass)(void *context, struct error *error);
	void *context;
};

/* Generations go on behind this one; before the first commit. */
void reconciler_start_at(struct reconciler *reconciler, uint64_t generation);

/*
 * Makes `next` what packets meet: on return with 0 the generation shows it. `delta` holds every difference from the
 * snapshot before (routes are programmed from it; of the other kinds it tells which to compile again). Keeps `next`
 * (the caller keeps it alive) until the following call has returned, and the entries of `delta` until
 * reconciler_sync_banks has with 0. Updates name->pending of everything it touches. On failure
 * (-errno, *error says why: a table is full, no memory) packets go on by the snapshot before, wholly.
 *
 * Names that `delta` removed keep their ids until then too. `gate` may be NULL.
 */
int reconciler_commit(struct reconciler *reconciler, const struct snapshot *next, const struct delta *delta,
		      const struct reconciler_gate *gate, struct error *error);

/* Waits until no packet reads the old bank and brings that up to date; nothing to do where that was done.
 * reconciler_commit does it first by itself; call it once the client has its answer, before resources of old revisions
 * are freed. 0, or -errno: that bank cannot take it now, try again. */
int reconciler_sync_banks(struct reconciler *reconciler);

/* What the last commit, or dry run, made the policy of the VRFs cost that it changed (policy_costs.h). */
const struct policy_costs *reconciler_policy_costs(const struct reconciler *reconciler);

/* What the commit at hand would do to connections (blast_radius.h): from within its gate. The radius is filled; 0 or
 * -ENOMEM. */
int reconciler_blast_radius(struct reconciler *reconciler, struct blast_radius *radius);

uint64_t reconciler_generation(const struct reconciler *reconciler); /* any thread */

/* What is to be probed, and what was found out (health.h). */
struct health_targets *reconciler_health(struct reconciler *reconciler);
/* Takes in what was found out, all of it in one flip: the same revision, a generation of its own. True: something is
 * different that is to be kept over a restart. */
bool reconciler_report_health(struct reconciler *reconciler, const struct health_report *report, size_t count);
/* Does somebody probe? Any thread. */
bool reconciler_is_probed(struct reconciler *reconciler);
/* As health_facts; any thread. */
bool reconciler_health_facts(struct reconciler *reconciler, const struct health_key *key,
			     struct health_verdict *verdict);

/* Facts about an interface's device and a next hop's neighbour for the state service. Any thread. */
struct device_facts {
	uint32_t ifindex; /* 0: there is no such device */
	uint32_t mtu;
	uint8_t mac[6];
	uint8_t up;
	uint8_t xdp_mode; /* sluice.v1.XdpMode */
	char name[16];
	char reason[160]; /* why XDP is not native */
};
void reconciler_device(struct reconciler *reconciler, const char *device, struct device_facts *facts);
/* The n-th device with XDP attached, in order of ifindex; -ENOENT past the end. */
int reconciler_port(struct reconciler *reconciler, size_t n, struct device_facts *facts);
/* The device, and the VLAN of it (0: untagged), that the kernel's device with this ifindex stands for: a VLAN device is
 * a VLAN of the one below it. -ENOENT: it is not known. */
int reconciler_place(struct reconciler *reconciler, uint32_t ifindex, char device[16], uint16_t *vlan_id);
/* 0 and the MAC, or -ENOENT while unresolved. */
int reconciler_neighbour(struct reconciler *reconciler, const char *device, const struct ip_address *address,
			 uint8_t mac[6]);

/* About the link of the interface with this id. Any thread. */
void reconciler_link(struct reconciler *reconciler, uint32_t interface, struct link_facts *facts);

/* What packets have found out about the tunnel with this id. Any thread. */
struct tunnel_facts {
	uint16_t path_mtu;  /* 0: nothing is known */
	uint32_t age;	    /* of that, in seconds */
	uint64_t fragments; /* that were dropped */
};
void reconciler_tunnel(struct reconciler *reconciler, uint32_t tunnel, struct tunnel_facts *facts);

/* About the pool's member with this id. Any thread. */
struct member_facts {
	uint16_t state;		      /* enum dp_member_state */
	uint16_t share;		      /* of new flows of its pool, in 1/1000 */
	uint64_t connections, opened; /* flows that it has, and has had */
};
void reconciler_member(struct reconciler *reconciler, uint32_t member, struct member_facts *facts);

/* The first generation in which the member with this id took no new flow; 0: it takes them. Any thread. */
uint64_t reconciler_member_drains(struct reconciler *reconciler, uint32_t member);

#endif
