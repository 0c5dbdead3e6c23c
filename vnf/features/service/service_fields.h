/* SPDX-License-Identifier: Apache-2.0 */
/* What several kinds of services decode alike. */
#ifndef SLUICE_FEATURES_SERVICE_FIELDS_H
#define SLUICE_FEATURES_SERVICE_FIELDS_H

#include "vnf/control/kinds/decode.h"
#include "vnf/features/service/service.h"

/* Address of one host that routers send packets to: not one of a link only (RFC 4291 2.5.6). */
void decode_routed_host(struct decoder *decoder, const char *field, const char *text, struct ip_address *address);
/* A number of at most `last`; 0 stands for `otherwise`, or is itself where that is 0. */
uint32_t decode_number(struct decoder *decoder, const char *field, uint32_t value, uint32_t first, uint32_t last,
		       uint32_t otherwise);
/* An enum value up to `last`; 0, UNSPECIFIED, stands for `otherwise`. */
uint8_t decode_choice(struct decoder *decoder, const char *field, unsigned int value, uint8_t last, uint8_t otherwise);

#endif
