/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Announces addresses that have become the router's own on a port or in a tunnel's VNI, its places: three times, a
 * second apart (RFC 5227 2.3 has two ARP announcements, RFC 4861 7.2.6 up to three advertisements), once packets meet
 * the tables that know them. Internal to vnf/reconcile and the tables of announcements. Control thread only.
 */
#ifndef SLUICE_RECONCILE_ANNOUNCER_H
#define SLUICE_RECONCILE_ANNOUNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/dataplane/kernel/announce.h"

#define ANNOUNCER_TIMES	      3
#define ANNOUNCER_INTERVAL_MS 1000 /* between two of one address on a port */
#define ANNOUNCER_MOST	      64   /* looked at in a tick: however many there are, other work is not held up */
#define ANNOUNCER_TICK_MS     10   /* between ticks at least */

struct announcer;
struct loop;

/* Where addresses are announced: who can say how, and its numbers for the place. */
struct announcer_place {
	bool (*look)(void *context, uint32_t id, uint32_t vni, const struct ip_address *address,
		     struct announcement *announcement);
	uint32_t id;  /* of the interface or tunnel endpoint */
	uint32_t vni; /* 0 on an interface */
};

/* NULL: out of memory. Borrows the loop. Without the right to open its socket it sends nothing, and the log says so
 * when there is something to announce. */
struct announcer *announcer_new(struct loop *loop);
void announcer_free(struct announcer *announcer); /* NULL is fine */

/* Notes an address that the run at hand makes the router's own at the place. 0 or -ENOMEM. Here and in
 * announcer_finish, NULL announces nothing. */
int announcer_note(struct announcer *announcer, const struct announcer_place *place, const struct ip_address *address);
/* The run is over: what it has noted is announced from the loop's next round on, or with `undone` forgotten. Asks the
 * place how, before each frame, between runs, until announcer_free: `look` returns false where the address is no longer
 * there, and leaves ifindex 0 while there is no way to send. */
void announcer_finish(struct announcer *announcer, bool undone, void *context);

#endif
