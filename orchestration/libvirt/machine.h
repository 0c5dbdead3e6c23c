/* SPDX-License-Identifier: Apache-2.0 */
/* A VNF's virtual machine, with its disks and its stages: the driver's functions of these names. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_MACHINE_H
#define SLUICE_ORCHESTRATION_LIBVIRT_MACHINE_H

#include "orchestration/driver.h"
#include "orchestration/libvirt/metadata.h"

int machine_create(struct driver *driver, const struct spec *spec, struct instance *instance, struct progress *progress,
		   struct error *error);
int machine_restart(struct driver *driver, const struct spec *spec, struct instance *instance, struct error *error);
bool machine_alive(struct driver *driver, const struct instance *instance, char words[160]);
int machine_kill(struct driver *driver, const struct instance *instance, struct error *error);
int machine_switch_over(struct driver *driver, const struct spec *spec, struct instance *from, struct instance *to,
			struct error *error);
int machine_destroy(struct driver *driver, const struct instance *instance, struct error *error);

/* Plans the files and the address from the spec: files by the instance's name, `address` of the spec's list. */
void machine_plan(const struct spec *spec, const struct instance *instance, size_t address, struct metadata *metadata);

#endif
