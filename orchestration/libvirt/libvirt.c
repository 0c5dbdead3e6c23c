/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's driver: the VNF is a VM from the image, its ports virtio NICs on bridges, links or stages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/command.h"
#include "orchestration/device.h"
#include "orchestration/driver.h"
#include "orchestration/libvirt/connection.h"
#include "orchestration/libvirt/domain.h"
#include "orchestration/libvirt/machine.h"
#include "orchestration/stage.h"

static void check_bridge(const struct spec *spec, const struct spec_text *bridge, const char *path, struct error *error)
{
	if (bridge->text && !device_is_bridge(bridge->text))
		spec_fault(spec, bridge->line, path, error,
			   "there is no bridge %s: ip link add %s type bridge && ip link set %s up", bridge->text,
			   bridge->text, bridge->text);
}

static void check(const struct spec *spec, struct error *error)
{
	static const char *const programs[][2] = {
		{"qemu-img", "qemu-utils"}, {"genisoimage", "genisoimage"}, {"ip", "iproute2"}};
	const char *folder = spec->storage.text ? spec->storage.text : CONNECTION_DEFAULT_FOLDER;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (!command_exists(programs[i][0], NULL))
			error_add(error, ERROR_FAILED_PRECONDITION, programs[i][0], "is not on PATH: install %s",
				  programs[i][1]);
	}
	if (access(folder, W_OK))
		spec_fault(spec, spec->storage.line, "storage", error,
			   "disks cannot be made in %s: run it as root, or name another folder", folder);
	if (spec->stages && geteuid() != 0)
		spec_fault(spec, spec->chain_line, "chain", error, "stages are namespaces, which need root");
	check_bridge(spec, &spec->management.bridge, "management.bridge", error);
	for (size_t i = 0; i < spec->networks; i++) {
		char path[64];

		snprintf(path, sizeof(path), "dataplane[%zu].bridge", i);
		check_bridge(spec, &spec->network[i].bridge, path, error);
	}
	stage_check(spec, error);
}

static char *xml(const struct spec *spec, const struct instance *instance, struct error *error)
{
	struct metadata metadata;
	char *text;

	machine_plan(spec, instance, instance->replica, &metadata);
	text = domain_xml(spec, instance, &metadata);
	if (!text)
		error_no_memory(error, NULL);
	return text;
}

const struct driver_ops libvirt_driver = {
	.name = "libvirt",
	.ready_seconds = 300, /* a first boot without KVM */
	.hang_seconds = 60,   /* the guest's own service manager comes first */
	.day0_inside = true,
	.check = check,
	.open = connection_open,
	.close = connection_close,
	.find = connection_find,
	.create = machine_create,
	.restart = machine_restart,
	.alive = machine_alive,
	.kill = machine_kill,
	.switch_over = machine_switch_over,
	.destroy = machine_destroy,
	.xml = xml,
	.watch = connection_watch,
};
