/* SPDX-License-Identifier: Apache-2.0 */
/* What is probed: targets by the ids of the stream at hand and by names that outlive it, each with its probe. */
#ifndef SLUICE_HEALTH_TARGETS_H
#define SLUICE_HEALTH_TARGETS_H

#include <stdbool.h>

#include "sluice/v1/health_service.pb-c.h"
#include "vnf/health/config.h"
#include "vnf/health/probe.h"

struct targets;

/* Borrows all. Reports go out by `send`, which is false where that can't be done now. NULL: out of memory. */
struct targets *targets_new(struct prober *prober, const struct config *config,
			    bool (*send)(void *context, const Sluice__V1__HealthReports *reports), void *context);
void targets_free(struct targets *targets); /* NULL is fine */

/* A new stream begins: what it does not name until it is complete is no target any more. */
void targets_begin(struct targets *targets);
/* Takes the targets out of the message. */
void targets_take(struct targets *targets, Sluice__V1__HealthTargets *message);

#endif
