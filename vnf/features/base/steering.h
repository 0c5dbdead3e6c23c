/* SPDX-License-Identifier: Apache-2.0 */
/* What features that steer packets know of others' ways. */
#ifndef SLUICE_FEATURES_BASE_STEERING_H
#define SLUICE_FEATURES_BASE_STEERING_H

#include <stdint.h>

struct tables;

/* Of a port chain: the id of the stage that its packets come to first; 0: all its stages fail open and none is live, so
 * that packets go on by the FIB. By the feature chain, for tables behind port_chains. */
uint32_t chain_first_stage(const struct tables *tables, uint32_t chain);

#endif
