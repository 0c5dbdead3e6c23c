/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of each VRF that nobody has to look at a million routes for: they follow the commits. The control thread
 * keeps them, any thread reads them.
 */
#ifndef SLUICE_CONTROL_FIGURES_H
#define SLUICE_CONTROL_FIGURES_H

#include <stdatomic.h>
#include <stdint.h>

#include "vnf/control/state/events.h"

struct reconciler;
struct vrf_figures;

struct vrf_counts {
	_Atomic uint64_t routes, learned;
	_Atomic uint32_t policy_rules, policy_probes;
};

struct figures {
	struct subscriber subscriber;
	struct reconciler *reconciler; /* borrowed */
	struct vrf_counts *vrf;	       /* by id */
	uint32_t vrfs;		       /* ids */
};

/* Zeroed before; follows from now on what is published, which was nothing yet. 0 or -ENOMEM. */
int figures_init(struct figures *figures, struct events *events, struct reconciler *reconciler, uint32_t vrfs);
void figures_clear(struct figures *figures); /* a zeroed one is fine */

void figures_read(const struct figures *figures, uint32_t vrf, struct vrf_figures *reading);

#endif
