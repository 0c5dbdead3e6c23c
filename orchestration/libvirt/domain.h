/* SPDX-License-Identifier: Apache-2.0 */
/* The VM of an instance as libvirt's domain XML: writing it, and reading parts of it back. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_DOMAIN_H
#define SLUICE_ORCHESTRATION_LIBVIRT_DOMAIN_H

#include "orchestration/instance.h"
#include "orchestration/libvirt/metadata.h"

#define DOMAIN_MAC	18
#define DOMAIN_MAX_PORT (SPEC_NETWORKS + 2 * SPEC_STAGES)

/* free() it; NULL: out of memory. Of a standby the networks' links are down. */
char *domain_xml(const struct spec *spec, const struct instance *instance, const struct metadata *metadata);

/* Port 0 is the management NIC, whose MAC is the instance's own. The ports' MACs are the replica's: an upgrade keeps
 * them, and neighbours need not learn new ones. Returns `mac`. */
const char *domain_mac(const struct instance *instance, size_t port, char mac[DOMAIN_MAC]);

/* Finds in a running domain's XML the host's device of the NIC with that MAC. 0, or -1: there is none. */
int domain_device(const char *xml, const char *mac, char *device, size_t size);

/* Takes from a domain's XML the <interface> with that MAC and sets its link up or down, for
 * virDomainUpdateDeviceFlags. free() it; NULL: there is none. */
char *domain_interface_xml(const char *xml, const char *mac, bool up);

#endif
