/* SPDX-License-Identifier: Apache-2.0 */
/* A VRF's routes as they vie: those of clients and those of route sources, ordered by VRF and prefix. */
#ifndef SLUICE_CTL_CANDIDATES_H
#define SLUICE_CTL_CANDIDATES_H

#include <stdbool.h>

#include "vnf/ctl/listing.h"

/* list_resources() of both kinds. */
int list_candidates(struct session *session, struct listing *listing);

/* Has a route source learned it, so that no client can write it? */
bool is_learned(const Sluice__V1__ResourceState *state);

#endif
