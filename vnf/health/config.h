/* SPDX-License-Identifier: Apache-2.0 */
/* The file that names, for each VRF, the device and the source addresses by which probes go out (sluice-health(8)). */
#ifndef SLUICE_HEALTH_CONFIG_H
#define SLUICE_HEALTH_CONFIG_H

#include <stddef.h>

#include "vnf/core/address.h"
#include "vnf/core/error.h"

#define CONFIG_VRFS 4096

struct config_vrf {
	char name[257];
	char device[16];
	struct ip_address ipv4_source, ipv6_source; /* family 0: the kernel's choice */
};

struct config {
	char target[256]; /* of sluiced; "": the option's */
	struct config_vrf *vrf;
	size_t vrfs;
};

/* 0, or -1 with *error. Free it in any case. */
int config_read(const char *path, struct config *config, struct error *error);
void config_free(struct config *config);					    /* frees what it points to */
const struct config_vrf *config_find(const struct config *config, const char *vrf); /* NULL: it has no entry */

#endif
