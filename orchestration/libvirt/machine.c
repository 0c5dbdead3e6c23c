/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/command.h"
#include "orchestration/interrupt.h"
#include "orchestration/libvirt/connection.h"
#include "orchestration/libvirt/domain.h"
#include "orchestration/libvirt/seed.h"
#include "orchestration/namespace.h"
#include "orchestration/readiness.h"
#include "orchestration/run_folder.h"
#include "orchestration/stage.h"

#define SHUTDOWN_SECONDS 90 /* that a guest may take to end by itself: 15 where sluiced hangs, more without KVM */

void machine_plan(const struct spec *spec, const struct instance *instance, size_t address, struct metadata *metadata)
{
	const char *folder = spec->storage.text ? spec->storage.text : CONNECTION_DEFAULT_FOLDER;
	char name[INSTANCE_NAME];

	instance_name(instance, name);
	*metadata = (struct metadata){.role = instance->role};
	snprintf(metadata->image, sizeof(metadata->image), "%s",
		 instance->image[0] ? instance->image : spec->image.text);
	snprintf(metadata->address, sizeof(metadata->address), "%s", spec->management.addresses.text[address]);
	if (spec->tls.line) {
		snprintf(metadata->tls.ca, INSTANCE_FILE, "%s", spec->tls.ca.text);
		snprintf(metadata->tls.certificate, INSTANCE_FILE, "%s", spec->tls.certificate.text);
		snprintf(metadata->tls.key, INSTANCE_FILE, "%s", spec->tls.key.text);
	}
	snprintf(metadata->disk, sizeof(metadata->disk), "%s/%s.qcow2", folder, name);
	snprintf(metadata->seed, sizeof(metadata->seed), "%s/%s-seed.iso", folder, name);
}

/* The first management address that no other instance of the VNF has; the count of them where all are taken. */
static size_t free_address(struct driver *driver, const struct spec *spec, const struct instance *instance,
			   struct error *error)
{
	struct instance_list list = {0};
	struct instance candidate = *instance;
	struct metadata metadata;
	size_t i, j = 0;

	if (connection_find(driver, instance->vnf, &list, error))
		return spec->management.addresses.count;
	for (i = 0; i < spec->management.addresses.count; i++) {
		machine_plan(spec, instance, i, &metadata);
		connection_set_server(&candidate, &metadata);
		for (j = 0; j < list.count && strcmp(list.instance[j].server, candidate.server) != 0;)
			j++;
		if (j == list.count)
			break;
	}
	if (i == spec->management.addresses.count)
		spec_fault(spec, spec->management.addresses.line, "management.addresses", error,
			   "all %zu are in use: an upgrade needs one more than there are replicas", i);
	instance_list_free(&list);
	return i;
}

static virDomainPtr define(struct driver *driver, const struct spec *spec, const struct instance *instance,
			   const struct metadata *metadata, struct error *error)
{
	char *xml = domain_xml(spec, instance, metadata);
	virDomainPtr domain = NULL;

	if (!xml)
		error_no_memory(error, NULL);
	else if (!(domain = virDomainDefineXML(driver->connection, xml)))
		connection_fault(error, instance->vnf);
	free(xml);
	return domain;
}

/* The instance's own disk holds all that differs from the image, keys too. */
static int make_disk(const struct metadata *metadata, struct error *error)
{
	const char *const command[] = {"qemu-img",	"create", "-q",	   "-f",	   "qcow2", "-b",
				       metadata->image, "-F",	  "qcow2", metadata->disk, NULL};

	return command_run_private(command, NULL, error);
}

/* The host's end of a stage's port goes into the stage. */
static int move_tap(const char *xml, const struct instance *instance, size_t port, const char *stage, const char *name,
		    struct error *error)
{
	char mac[DOMAIN_MAC], tap[32], namespace[NAMESPACE_NAME], batch[256];

	if (domain_device(xml, domain_mac(instance, port, mac), tap, sizeof(tap))) {
		error_add(error, ERROR_INTERNAL, stage, "the domain has no NIC for port%zu", port);
		return -1;
	}
	snprintf(batch, sizeof(batch), "link set %s netns %s name %s\n", tap,
		 namespace_name(instance, stage, namespace), name);
	return namespace_ip(NULL, batch, error);
}

/* Makes the stages of a domain that has just started, whose taps are new. */
static int make_stages(virDomainPtr domain, const struct spec *spec, const struct instance *instance,
		       struct error *error)
{
	char *xml = spec->stages ? virDomainGetXMLDesc(domain, 0) : NULL;
	int rc = 0;

	if (spec->stages && !xml)
		return connection_domain_fault(error, domain);
	if (spec->stages)
		rc = run_folder_make(instance, error);
	for (size_t i = 0; rc == 0 && i < spec->stages; i++) {
		const char *stage = spec->stage[i].name.text;

		if (stage_delete(instance, stage, error) || stage_add(spec, instance, i, error) ||
		    move_tap(xml, instance, stage_port(spec, i, 0), stage, "in", error) ||
		    move_tap(xml, instance, stage_port(spec, i, 1), stage, "out", error) ||
		    stage_start(spec, instance, i, error))
			rc = -1;
	}
	free(xml);
	return rc;
}

static int start(virDomainPtr domain, const struct spec *spec, const struct instance *instance, struct error *error)
{
	if (virDomainCreate(domain))
		return connection_domain_fault(error, domain);
	return make_stages(domain, spec, instance, error);
}

/* A new one beside the old cannot have the same device on the host. */
static int check_standby(const struct spec *spec, const struct instance *instance, struct error *error)
{
	for (size_t i = 0; instance->role == ROLE_STANDBY && i < spec->networks; i++) {
		if (!spec->network[i].bridge.text) {
			spec_fault(spec, spec->network[i].line, "dataplane", error,
				   "%s has no bridge, so its one link cannot be at two instances: down and up instead",
				   spec->network[i].name.text);
			return -1;
		}
	}
	return 0;
}

int machine_create(struct driver *driver, const struct spec *spec, struct instance *instance, struct progress *progress,
		   struct error *error)
{
	struct metadata metadata;
	virDomainPtr domain;
	char name[INSTANCE_NAME];
	size_t address;
	int rc;

	progress_phase(progress, instance_name(instance, name), "domain defined");
	if (check_standby(spec, instance, error))
		return -1;
	address = free_address(driver, spec, instance, error);
	if (address == spec->management.addresses.count)
		return -1;
	machine_plan(spec, instance, address, &metadata);
	snprintf(instance->image, sizeof(instance->image), "%s", metadata.image);
	connection_set_server(instance, &metadata);
	domain = define(driver, spec, instance, &metadata, error);
	if (!domain)
		return -1;
	/* The domain's metadata names the files before they are made, so that down finds them whenever we die. */
	progress_phase(progress, name, "disk and seed");
	rc = make_disk(&metadata, error) || seed_make(spec, instance, &metadata, error) ? -1 : 0;
	if (rc == 0) {
		progress_phase(progress, name, "domain started, %zu stage%s", spec->stages,
			       spec->stages == 1 ? "" : "s");
		rc = start(domain, spec, instance, error);
	}
	virDomainFree(domain);
	return rc;
}

int machine_restart(struct driver *driver, const struct spec *spec, struct instance *instance, struct error *error)
{
	virDomainPtr domain = connection_domain(driver, instance);
	int rc = 0;

	if (!domain)
		return connection_fault(error, instance->vnf);
	if (virDomainIsActive(domain) == 1) {
		if (stage_revive_all(spec, instance, error) == 0)
			goto out;
		/* A stage's devices are ends of the domain's own NICs: they come back with it. */
		memset(error, 0, sizeof(*error));
		virDomainDestroy(domain);
	}
	rc = start(domain, spec, instance, error);
	if (rc)
		virDomainDestroy(domain);
out:
	virDomainFree(domain);
	return rc;
}

bool machine_alive(struct driver *driver, const struct instance *instance, char words[160])
{
	virDomainPtr domain = connection_domain(driver, instance);
	/* While libvirt is away nobody knows: not that it is dead. */
	bool active = domain ? virDomainIsActive(domain) == 1 : !connection_is_alive(driver);

	snprintf(words, 160, "its domain has stopped: see libvirt's log of it");
	if (domain)
		virDomainFree(domain);
	return active;
}

int machine_kill(struct driver *driver, const struct instance *instance, struct error *error)
{
	virDomainPtr domain = connection_domain(driver, instance);
	int rc = 0;

	if (domain && virDomainIsActive(domain) == 1 && virDomainDestroy(domain))
		rc = connection_domain_fault(error, domain);
	if (domain)
		virDomainFree(domain);
	return rc;
}

/* All of the networks' links, now and at the next start. */
static int set_links(virDomainPtr domain, const struct spec *spec, const struct instance *instance, bool up,
		     struct error *error)
{
	char *xml = virDomainGetXMLDesc(domain, 0);
	int rc = xml ? 0 : connection_domain_fault(error, domain);

	for (size_t port = 1; rc == 0 && port <= spec->networks; port++) {
		char mac[DOMAIN_MAC], *interface = domain_interface_xml(xml, domain_mac(instance, port, mac), up);
		unsigned int flags = VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_AFFECT_LIVE;

		if (!interface || virDomainUpdateDeviceFlags(domain, interface, flags))
			rc = connection_domain_fault(error, domain);
		free(interface);
	}
	free(xml);
	return rc;
}

static int set_role(virDomainPtr domain, struct instance *instance, enum instance_role role, struct error *error)
{
	struct metadata metadata;

	if (connection_metadata(domain, &metadata))
		return connection_domain_fault(error, domain);
	instance->role = metadata.role = role;
	return connection_set_metadata(domain, &metadata, error);
}

int machine_switch_over(struct driver *driver, const struct spec *spec, struct instance *from, struct instance *to,
			struct error *error)
{
	virDomainPtr old = connection_domain(driver, from), fresh = connection_domain(driver, to);
	int rc = -1;

	/* The MACs are the same: never are both up. */
	if (!old || !fresh)
		connection_fault(error, to->vnf);
	else if (set_role(old, from, ROLE_RETIRED, error) == 0 &&
		 (virDomainIsActive(old) != 1 || set_links(old, spec, from, false, error) == 0) &&
		 set_links(fresh, spec, to, true, error) == 0)
		rc = set_role(fresh, to, ROLE_ACTIVE, error);
	if (old)
		virDomainFree(old);
	if (fresh)
		virDomainFree(fresh);
	return rc;
}

/* Asks the guest where one is there to listen, its agent first, which also works without ACPI; ends it in any case. */
static void stop(virDomainPtr domain, const struct instance *instance)
{
	double deadline = progress_now() + SHUTDOWN_SECONDS;
	bool asked = virDomainIsActive(domain) == 1 && readiness_health(instance) != HEALTH_NO_ANSWER &&
		     (virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT) == 0 ||
		      virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN) == 0);

	while (asked && virDomainIsActive(domain) == 1 && progress_now() < deadline && !interrupted())
		interrupt_sleep(100);
	if (virDomainIsActive(domain) != 1)
		return;
	if (asked)
		fprintf(stderr, "note: %s has not ended by itself within %d s: it is ended\n", virDomainGetName(domain),
			SHUTDOWN_SECONDS);
	virDomainDestroy(domain);
}

int machine_destroy(struct driver *driver, const struct instance *instance, struct error *error)
{
	virDomainPtr domain = connection_domain(driver, instance);
	struct instance going = *instance;
	struct error ignored = {0};
	struct metadata metadata;
	int rc;

	if (domain && connection_metadata(domain, &metadata)) {
		error_add(error, ERROR_FAILED_PRECONDITION, virDomainGetName(domain), "is a domain of somebody else's");
		virDomainFree(domain);
		return -1;
	}
	if (domain) {
		set_role(domain, &going, ROLE_RETIRED, &ignored); /* so that heal lets it go */
		stop(domain, instance);
	}
	rc = stage_delete_all(instance, error);
	run_folder_remove(instance);
	if (domain) {
		unlink(metadata.disk);
		seed_remove(&metadata);
		if (virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE))
			rc = connection_domain_fault(error, domain);
		virDomainFree(domain);
	}
	return rc;
}
