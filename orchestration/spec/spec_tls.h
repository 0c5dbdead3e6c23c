/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_ORCHESTRATION_SPEC_TLS_H
#define SLUICE_ORCHESTRATION_SPEC_TLS_H

#include "orchestration/spec/spec.h"

/* Are the certificates there, do they go with their keys, are they for the management addresses? Adds faults with the
 * spec's lines. */
void spec_check_tls(const struct spec *spec, struct error *error);

#endif
