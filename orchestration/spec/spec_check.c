/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/spec/spec_check.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestration/spec/interface_address.h"
#include "orchestration/spec/spec_tls.h"
#include "vnf/ctl/yaml_read.h"

#define NAME_LENGTH 32

/* Names of namespaces, domains, devices and files: all of them allow these letters. */
static bool is_name(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length <= NAME_LENGTH && !text[length] && text[0] >= 'a' && text[0] <= 'z' && text[length - 1] != '-';
}

static void check_name(const struct spec *spec, const struct spec_text *name, uint32_t line, const char *path,
		       struct error *error)
{
	if (!name->text)
		spec_fault(spec, line, path, error, "name is missing: 1 to %d small letters, digits and '-'",
			   NAME_LENGTH);
	else if (!is_name(name->text))
		spec_fault(spec, name->line, path, error,
			   "\"%.40s\": small letters, digits and '-', a letter first, %d at most", name->text,
			   NAME_LENGTH);
}

static void check_bridge(const struct spec *spec, const struct spec_text *bridge, const char *path, struct error *error)
{
	if (bridge->text && (strlen(bridge->text) >= IF_NAMESIZE || strpbrk(bridge->text, "/ :")))
		spec_fault(spec, bridge->line, path, error, "\"%.40s\" is no name of a device: 1 to %d bytes",
			   bridge->text, IF_NAMESIZE - 1);
}

static void check_addresses(const struct spec *spec, const struct spec_list *addresses, const char *path,
			    struct error *error)
{
	struct interface_address address;

	for (size_t i = 0; i < addresses->count; i++) {
		if (interface_address_parse(addresses->text[i], &address))
			spec_fault(spec, addresses->line_of[i], path, error,
				   "\"%.60s\" is no address with its length, such as 192.0.2.10/24",
				   addresses->text[i]);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(addresses->text[i], addresses->text[j]) == 0)
				spec_fault(spec, addresses->line_of[i], path, error, "%s is here twice",
					   addresses->text[i]);
		}
	}
}

static void check_day0(const struct spec *spec, struct error *error)
{
	for (size_t i = 0; i < spec->day0.count; i++) {
		struct change_list list = {0};
		FILE *stream = fopen(spec->day0.text[i], "re");

		if (!stream) {
			spec_fault(spec, spec->day0.line_of[i], "day0", error, "%s: %s", spec->day0.text[i],
				   strerror(errno));
			continue;
		}
		yaml_read(&list, stream, spec->day0.text[i], error);
		change_list_free(&list);
		fclose(stream);
	}
}

static void check_management(const struct spec *spec, struct error *error)
{
	struct interface_address address;
	struct ip_address gateway;
	uint32_t line = spec->management.line;

	if (spec->driver == SPEC_NETNS)
		return;
	if (!line) {
		spec_fault(spec, 1, "management", error,
			   "is missing: {bridge: br-mgmt, addresses: [192.0.2.10/24, 192.0.2.11/24]}");
		return;
	}
	if (!spec->management.bridge.text)
		spec_fault(spec, line, "management.bridge", error, "is missing: the bridge that gRPC is reached by");
	check_bridge(spec, &spec->management.bridge, "management.bridge", error);
	check_addresses(spec, &spec->management.addresses, "management.addresses", error);
	if (!spec->management.gateway.text)
		return;
	if (ip_address_parse(spec->management.gateway.text, &gateway))
		spec_fault(spec, spec->management.gateway.line, "management.gateway", error,
			   "\"%.60s\" is no IP address", spec->management.gateway.text);
	else if (spec->management.addresses.count &&
		 !interface_address_parse(spec->management.addresses.text[0], &address) &&
		 address.address.family != gateway.family)
		spec_fault(spec, spec->management.gateway.line, "management.gateway", error,
			   "is not of the addresses' family");
}

static void check_image(const struct spec *spec, struct error *error)
{
	struct stat status;

	if (!spec->image.text) {
		if (spec->driver == SPEC_LIBVIRT)
			spec_fault(spec, 1, "image", error, "is missing: the qcow2 that vnf/image/build.sh makes");
		return;
	}
	if (stat(spec->image.text, &status))
		spec_fault(spec, spec->image.line, "image", error, "%s: %s", spec->image.text, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		spec_fault(spec, spec->image.line, "image", error, "%s is no file", spec->image.text);
	else if (spec->driver == SPEC_NETNS && access(spec->image.text, X_OK))
		spec_fault(spec, spec->image.line, "image", error,
			   "%s is not executable: with driver netns the image is a sluiced", spec->image.text);
}

/* Refuses the fields that would have no effect on a VNF in a namespace. */
static void check_libvirt_only(const struct spec *spec, struct error *error)
{
	static const char host[] = "has the host's processors and memory", socket[] = "is reached by its socket",
			  alone[] = "needs no libvirt";
	const struct {
		const char *field;
		uint32_t line;
		const char *why;
	} fields[] = {
		{"vcpus", spec->vcpus_line, host},
		{"memory", spec->memory_line, host},
		{"accelerator", spec->accelerator_line, host},
		{"management", spec->management.line, socket},
		{"tls", spec->tls.line, socket},
		{"insecure", spec->insecure_line, socket},
		{"connect", spec->connect.line, alone},
		{"storage", spec->storage.line, alone},
	};

	if (spec->driver != SPEC_NETNS)
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].line)
			spec_fault(spec, fields[i].line, fields[i].field, error,
				   "a VNF in a namespace %s: leave it out, or driver: libvirt", fields[i].why);
	}
}

static void check_networks(const struct spec *spec, struct error *error)
{
	if (!spec->networks)
		spec_fault(spec, spec->dataplane_line, "dataplane", error, "needs a network: - name: west");
	for (size_t i = 0; i < spec->networks; i++) {
		const struct spec_network *network = &spec->network[i];
		char path[64];

		snprintf(path, sizeof(path), "dataplane[%zu].name", i);
		check_name(spec, &network->name, network->line, path, error);
		for (size_t j = 0; network->name.text && j < i; j++) {
			if (spec->network[j].name.text && !strcmp(network->name.text, spec->network[j].name.text))
				spec_fault(spec, network->name.line, path, error, "%s is here twice",
					   network->name.text);
		}
		snprintf(path, sizeof(path), "dataplane[%zu].bridge", i);
		check_bridge(spec, &network->bridge, path, error);
		snprintf(path, sizeof(path), "dataplane[%zu].addresses", i);
		check_addresses(spec, &network->addresses, path, error);
	}
}

static void check_chain(const struct spec *spec, struct error *error)
{
	for (size_t i = 0; i < spec->stages; i++) {
		const struct spec_stage *stage = &spec->stage[i];
		char path[64];

		snprintf(path, sizeof(path), "chain[%zu].name", i);
		check_name(spec, &stage->name, stage->line, path, error);
		for (size_t j = 0; stage->name.text && j < i; j++) {
			if (spec->stage[j].name.text && !strcmp(stage->name.text, spec->stage[j].name.text))
				spec_fault(spec, stage->name.line, path, error, "%s is here twice", stage->name.text);
		}
		snprintf(path, sizeof(path), "chain[%zu]", i);
		if ((stage->setup.line && !stage->setup.count) || (stage->command.line && !stage->command.count))
			spec_fault(spec, stage->line, path, error, "an empty command: leave it out");
	}
}

/* Names of the links' ends on the host, NAME-REPLICA-NETWORK. */
static void check_device_names(const struct spec *spec, uint32_t replicas, struct error *error)
{
	for (size_t i = 0; spec->name.text && i < spec->networks; i++) {
		const char *network = spec->network[i].name.text;
		size_t length = strlen(spec->name.text) + (network ? strlen(network) : 0) + (replicas > 10 ? 4 : 3);
		char path[64];

		snprintf(path, sizeof(path), "dataplane[%zu].name", i);
		if (network && length >= IF_NAMESIZE)
			spec_fault(spec, spec->network[i].name.line, path, error,
				   "a device %s-%u-%s would have more than %d letters: shorten one of the names",
				   spec->name.text, replicas - 1, network, IF_NAMESIZE - 1);
	}
}

void spec_check_replicas(const struct spec *spec, uint32_t replicas, struct error *error)
{
	char path[64];

	check_device_names(spec, replicas, error);
	if (spec->day0.count > 1 && spec->day0.count < replicas)
		spec_fault(spec, spec->day0.line, "day0", error, "%zu files for %u replicas: one for all, or one each",
			   spec->day0.count, replicas);
	if (spec->driver == SPEC_LIBVIRT && spec->management.line && spec->management.addresses.count < replicas)
		spec_fault(spec,
			   spec->management.addresses.line ? spec->management.addresses.line : spec->management.line,
			   "management.addresses", error,
			   "%zu for %u replicas: one for each is needed, and one more to upgrade",
			   spec->management.addresses.count, replicas);
	for (size_t i = 0; i < spec->networks; i++) {
		const struct spec_network *network = &spec->network[i];

		snprintf(path, sizeof(path), "dataplane[%zu].addresses", i);
		if (network->replicas && network->replicas < replicas)
			spec_fault(spec, network->addresses.line, path, error,
				   "%zu entries for %u replicas: one for each is needed, or none at all",
				   network->replicas, replicas);
	}
}

void spec_check(const struct spec *spec, struct error *error)
{
	check_name(spec, &spec->name, 1, "name", error);
	check_libvirt_only(spec, error);
	check_image(spec, error);
	check_day0(spec, error);
	check_management(spec, error);
	spec_check_tls(spec, error);
	check_networks(spec, error);
	check_chain(spec, error);
	spec_check_replicas(spec, spec->replicas, error);
}
