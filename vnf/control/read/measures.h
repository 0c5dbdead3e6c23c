/* SPDX-License-Identifier: Apache-2.0 */
/* What control.h gives to who measures the router. */
#ifndef SLUICE_CONTROL_READ_MEASURES_H
#define SLUICE_CONTROL_READ_MEASURES_H

#include <stdint.h>

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/core/histogram.h"

/* A resource, borrowed. */
typedef void control_see(void *context, const Sluice__V1__ResourceState *state);

struct vrf_figures {
	uint64_t routes, learned; /* of clients, and candidates of route sources */
	uint32_t policy_rules;
	uint32_t policy_probes; /* that a packet may take at worst */
};
typedef void control_see_vrf(void *context, const char *vrf, const struct vrf_figures *figures);

/* As of now or, where counting them takes long, of a few seconds ago. */
struct connection_figures {
	uint64_t embryonic, established, over;
	uint64_t ipv6;	   /* of all of them */
	uint64_t capacity; /* of IPv4; of IPv6 half as many */
};

/* How long commits took from when they were taken on until they were answered: packets meet them then. */
enum commit_outcome {
	COMMIT_PROGRAMMED,
	COMMIT_UNCHANGED, /* it asked for what is there */
	COMMIT_REFUSED,
	COMMIT_OUTCOMES
};

#endif
