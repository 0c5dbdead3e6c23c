/* SPDX-License-Identifier: Apache-2.0 */
/* An address as it is put on a device: with the length of its network, "192.0.2.10/24". */
#ifndef SLUICE_ORCHESTRATION_INTERFACE_ADDRESS_H
#define SLUICE_ORCHESTRATION_INTERFACE_ADDRESS_H

#include "vnf/core/address.h"

struct interface_address {
	struct ip_address address;
	uint8_t length;
};

/* 0, or -EINVAL. */
int interface_address_parse(const char *text, struct interface_address *address);

#endif
