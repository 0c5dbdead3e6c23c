/* SPDX-License-Identifier: Apache-2.0 */
/* In which order many entries of a delta are put into the maps of a snapshot. */
#ifndef SLUICE_CONTROL_CANDIDATE_ORDER_H
#define SLUICE_CONTROL_CANDIDATE_ORDER_H

#include <stdint.h>

#include "vnf/control/state/history.h"

#define CANDIDATE_ORDER_LEAST 4096 /* entries: with fewer it does not matter */

struct candidate_place {
	uint64_t rank; /* grows, in the main, as keys do */
	uint32_t entry;
};

/* The entries by rank: neighbours in the map follow each other then, and the way to each is in the processor's cache
 * since the one before. NULL: they are few, or in order already, or there is no memory, and any order is right, too.
 * free() it. */
struct candidate_place *candidate_order(const struct delta *delta);

#endif
