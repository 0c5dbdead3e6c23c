/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path MTUs of tunnels, which packets find out and leave in memory (api/dp/tunnel.h): a provider of facts. The
 * control thread looks whether there are changes. Internal to vnf/reconcile and the table of tunnels.
 */
#ifndef SLUICE_RECONCILE_PATHS_H
#define SLUICE_RECONCILE_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/reconcile/facts.h"

struct dataplane;
struct paths;
struct tunnel_facts;

struct paths *paths_new(struct dataplane *dataplane); /* NULL: out of memory. Borrows the dataplane. */
void paths_free(struct paths *paths);		      /* NULL is fine */

/* Pushes a FACT_PATH for each tunnel whose path MTU is another one now than when it was last asked for here, or was
 * heard of too long ago. False: there was none. Where nothing has changed it costs no more than to read one word. */
bool paths_look(struct paths *paths, struct facts *facts);

/* What is known of the path, in bytes; 0: nothing. */
uint16_t paths_mtu(const struct paths *paths, uint32_t tunnel);
/* The same with all that is known of the tunnel; any thread. */
void paths_facts(const struct paths *paths, uint32_t tunnel, struct tunnel_facts *facts);
/* Until it is called with false: tunnels that are new are those of the daemon before, and so are their paths, if they
 * are there. */
void paths_resume(struct paths *paths, bool resuming);
/* The id stands for another tunnel from now on. */
void paths_forget(struct paths *paths, uint32_t tunnel);

#endif
