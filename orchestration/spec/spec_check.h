/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that need more than one field, or this machine's files. Each adds faults with the spec's lines. */
#ifndef SLUICE_ORCHESTRATION_SPEC_CHECK_H
#define SLUICE_ORCHESTRATION_SPEC_CHECK_H

#include "orchestration/spec/spec.h"

/* All of them, those of certificates and of the number of replicas included. */
void spec_check(const struct spec *spec, struct error *error);

/* Would this many replicas do? Adds a fault for every list that is too short. */
void spec_check_replicas(const struct spec *spec, uint32_t replicas, struct error *error);

#endif
