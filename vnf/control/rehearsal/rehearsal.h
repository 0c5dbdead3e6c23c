/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rehearsals: what would become of packets after a commit. Sampled packets, and one of each connection, are explained
 * (vnf/observe) over the tables that packets meet and over those that the commit leads to, which stand in the idle bank
 * while a dry run is looked at. Control thread only.
 */
#ifndef SLUICE_CONTROL_REHEARSAL_H
#define SLUICE_CONTROL_REHEARSAL_H

#include <stdint.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/commit/options.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/core/error.h"

struct dataplane;
struct observer;

struct rehearsal {
	struct observer *observer;
	struct dataplane *dataplane;
	const struct snapshot *newest;
	struct rehearsal_wish wish;
};

/* As commit_look: the context is a struct rehearsal. The result gets its `rehearsal`. */
int rehearsal_look(void *context, const struct snapshot *next, Sluice__V1__WriteResult *result, struct error *error);

#endif
