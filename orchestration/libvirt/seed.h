/* SPDX-License-Identifier: Apache-2.0 */
/* The NoCloud disk, from which cloud-init takes the address, sluice.yaml, the ports' addresses and day 0. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_SEED_H
#define SLUICE_ORCHESTRATION_LIBVIRT_SEED_H

#include "orchestration/libvirt/metadata.h"

/* The texts, for tests too; free() them; NULL and *error. */
char *seed_user_data(const struct spec *spec, const struct instance *instance, const struct metadata *metadata,
		     struct error *error);
char *seed_network_config(const struct spec *spec, const struct instance *instance, const struct metadata *metadata,
			  struct error *error);

/* Removes the volume, and the files of one that a crash left half made. It succeeds where there is none. */
void seed_remove(const struct metadata *metadata);

/* Makes metadata->seed, an ISO 9660 volume "cidata". 0, or -1 and *error. */
int seed_make(const struct spec *spec, const struct instance *instance, const struct metadata *metadata,
	      struct error *error);

#endif
