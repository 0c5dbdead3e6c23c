/* SPDX-License-Identifier: Apache-2.0 */
/* Packets counted by what becomes of them before a commit and after it. */
#ifndef SLUICE_CONTROL_REHEARSAL_OUTCOMES_H
#define SLUICE_CONTROL_REHEARSAL_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/observe.h"
#include "sluice/v1/change.pb-c.h"
#include "vnf/control/state/snapshot.h"

struct dp_limits;

/* Ids, 0: none. Packets that agree in all of it share an outcome. No padding: it is compared as bytes. */
struct outcome {
	uint32_t rule;	 /* of the policy, the one that decided */
	uint32_t member; /* of a pool */
	uint16_t reason;
	uint16_t interface;
	uint16_t tunnel;
	uint16_t next_hop;
	uint16_t port_pair_group;
	uint16_t pad;
};

struct outcome outcome_of(const struct dp_observation *observation);
bool outcome_differs(const struct outcome *a, const struct outcome *b);

struct outcome_row {
	uint16_t vrf;
	struct outcome before, after;
	uint64_t samples, packets, connections;
	struct dp_step example; /* as it ended before */
};

/* Empty when zeroed. */
struct outcomes {
	struct outcome_row *row;
	size_t count, room;
	uint32_t *slot; /* hash table of row numbers + 1 */
	size_t slots;
};

/* The row of packets with these outcomes, made where there is none. NULL: out of memory. */
struct outcome_row *outcomes_row(struct outcomes *outcomes, const struct dp_observation *before,
				 const struct dp_observation *after);
void outcomes_clear(struct outcomes *outcomes);

/* The rows with the most packets first, as messages with the names of both snapshots. 0 or -ENOMEM. */
int outcomes_answer(struct outcomes *outcomes, const struct snapshot *before, const struct snapshot *after,
		    const struct dp_limits *limits, Sluice__V1__RehearsalResult *result);

#endif
