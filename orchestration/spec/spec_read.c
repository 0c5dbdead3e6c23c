/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of the spec, and the order of reading: the file, the paths in it, the checks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/spec/spec.h"
#include "orchestration/spec/spec_check.h"
#include "orchestration/spec/spec_path.h"
#include "orchestration/spec/spec_reader.h"

#define SPEC_BYTES (1UL << 20)

static int read_driver(struct spec_reader *reader, void *place)
{
	const char *text = spec_reader_scalar(reader);
	enum spec_driver *driver = place;

	if (!text)
		return spec_reader_refuse(reader, "write netns or libvirt");
	if (strcmp(text, "libvirt") == 0)
		*driver = SPEC_LIBVIRT;
	else if (strcmp(text, "netns") == 0)
		*driver = SPEC_NETNS;
	else
		return spec_reader_refuse(reader, "\"%.40s\" is none of netns, libvirt", text);
	return 0;
}

static int read_accelerator(struct spec_reader *reader, void *place)
{
	const char *text = spec_reader_scalar(reader);
	struct spec *spec = place;

	spec->accelerator_line = yaml_events_line(&reader->events);
	if (text && strcmp(text, "kvm") == 0)
		spec->accelerator = SPEC_KVM;
	else if (text && strcmp(text, "tcg") == 0)
		spec->accelerator = SPEC_TCG;
	else
		return spec_reader_refuse(reader, "\"%.40s\" is none of kvm, tcg", text ? text : "");
	return 0;
}

/* A number with its unit, so that nobody has to know which one is meant. */
static int read_memory(struct spec_reader *reader, void *place)
{
	const char *text = spec_reader_scalar(reader);
	unsigned long long number = 0;
	struct spec *spec = place;
	char *end = NULL;

	spec->memory_line = yaml_events_line(&reader->events);
	if (text && *text >= '0' && *text <= '9') {
		errno = 0;
		number = strtoull(text, &end, 10);
		if (strcmp(end, "GiB") == 0 && number < 1U << 20)
			number <<= 10;
		else if (strcmp(end, "MiB") != 0)
			number = 0;
	}
	if (number < 256 || number > 1U << 20)
		return spec_reader_refuse(reader, "\"%.40s\": 256MiB to 1024GiB is expected, with its unit",
					  text ? text : "");
	spec->memory_mib = (uint32_t)number;
	return 0;
}

/* Each element is a replica's address, or a list of its addresses. */
static int read_replica_addresses(struct spec_reader *reader, void *place)
{
	struct spec_network *network = place;

	if (reader->events.event.type != YAML_SEQUENCE_START_EVENT)
		return spec_reader_refuse(reader, "a list is expected: [192.0.2.1/24], with an entry for each replica");
	network->addresses.line = yaml_events_line(&reader->events);
	while (yaml_events_next(&reader->events) == 0) {
		size_t first = network->addresses.count;

		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (spec_reader_list(reader, &network->addresses))
			return -1;
		if (network->addresses.count > sizeof(network->replica) / sizeof(network->replica[0]))
			return spec_reader_refuse(reader, "too many addresses");
		while (first < network->addresses.count)
			network->replica[first++] = network->replicas;
		network->replicas++;
	}
	return -1;
}

static const struct spec_field network_fields[] = {
	{"name", spec_reader_text, offsetof(struct spec_network, name), 0, 0},
	{"bridge", spec_reader_text, offsetof(struct spec_network, bridge), 0, 0},
	{"addresses", read_replica_addresses, 0, 0, 0},
	{"mtu", spec_reader_number, offsetof(struct spec_network, mtu), 576, 9000},
	{NULL, NULL, 0, 0, 0},
};

static const struct spec_field stage_fields[] = {
	{"name", spec_reader_text, offsetof(struct spec_stage, name), 0, 0},
	{"setup", spec_reader_list, offsetof(struct spec_stage, setup), 0, 0},
	{"command", spec_reader_list, offsetof(struct spec_stage, command), 0, 0},
	{NULL, NULL, 0, 0, 0},
};

static int read_networks(struct spec_reader *reader, void *place)
{
	struct spec *spec = place;

	spec->dataplane_line = yaml_events_line(&reader->events);
	return spec_reader_elements(reader, network_fields, spec->network, sizeof(spec->network[0]), SPEC_NETWORKS,
				    &spec->networks);
}

static int read_stages(struct spec_reader *reader, void *place)
{
	struct spec *spec = place;

	spec->chain_line = yaml_events_line(&reader->events);
	return spec_reader_elements(reader, stage_fields, spec->stage, sizeof(spec->stage[0]), SPEC_STAGES,
				    &spec->stages);
}

static int read_management(struct spec_reader *reader, void *place)
{
	static const struct spec_field fields[] = {
		{"bridge", spec_reader_text, offsetof(struct spec, management.bridge), 0, 0},
		{"addresses", spec_reader_list, offsetof(struct spec, management.addresses), 0, 0},
		{"gateway", spec_reader_text, offsetof(struct spec, management.gateway), 0, 0},
		{NULL, NULL, 0, 0, 0},
	};
	struct spec *spec = place;

	spec->management.line = yaml_events_line(&reader->events);
	return spec_reader_mapping(reader, fields, spec, SPEC_NO_ELEMENT);
}

static int read_server_tls(struct spec_reader *reader, void *place)
{
	static const struct spec_field fields[] = {
		{"certificate", spec_reader_list, offsetof(struct spec_tls, server_certificate), 0, 0},
		{"key", spec_reader_list, offsetof(struct spec_tls, server_key), 0, 0},
		{"client_ca", spec_reader_text, offsetof(struct spec_tls, client_ca), 0, 0},
		{NULL, NULL, 0, 0, 0},
	};

	return spec_reader_mapping(reader, fields, place, SPEC_NO_ELEMENT);
}

static int read_tls(struct spec_reader *reader, void *place)
{
	static const struct spec_field fields[] = {
		{"ca", spec_reader_text, offsetof(struct spec_tls, ca), 0, 0},
		{"certificate", spec_reader_text, offsetof(struct spec_tls, certificate), 0, 0},
		{"key", spec_reader_text, offsetof(struct spec_tls, key), 0, 0},
		{"server", read_server_tls, 0, 0, 0},
		{NULL, NULL, 0, 0, 0},
	};
	struct spec_tls *tls = place;

	tls->line = yaml_events_line(&reader->events);
	return spec_reader_mapping(reader, fields, tls, SPEC_NO_ELEMENT);
}

static int read_insecure(struct spec_reader *reader, void *place)
{
	const char *text = spec_reader_scalar(reader);
	struct spec *spec = place;

	spec->insecure_line = yaml_events_line(&reader->events);
	spec->insecure = text && strcmp(text, "true") == 0;
	return spec->insecure || (text && strcmp(text, "false") == 0)
		       ? 0
		       : spec_reader_refuse(reader, "true or false is expected");
}

static int read_vcpus(struct spec_reader *reader, void *place)
{
	struct spec *spec = place;

	spec->vcpus_line = yaml_events_line(&reader->events);
	return spec_reader_number(reader, &spec->vcpus);
}

static const struct spec_field fields[] = {
	{"name", spec_reader_text, offsetof(struct spec, name), 0, 0},
	{"driver", read_driver, offsetof(struct spec, driver), 0, 0},
	{"image", spec_reader_text, offsetof(struct spec, image), 0, 0},
	{"vcpus", read_vcpus, 0, 1, 64},
	{"memory", read_memory, 0, 0, 0},
	{"replicas", spec_reader_number, offsetof(struct spec, replicas), 1, SPEC_REPLICAS},
	{"day0", spec_reader_list, offsetof(struct spec, day0), 0, 0},
	{"management", read_management, 0, 0, 0},
	{"tls", read_tls, offsetof(struct spec, tls), 0, 0},
	{"insecure", read_insecure, 0, 0, 0},
	{"dataplane", read_networks, 0, 0, 0},
	{"chain", read_stages, 0, 0, 0},
	{"connect", spec_reader_text, offsetof(struct spec, connect), 0, 0},
	{"storage", spec_reader_text, offsetof(struct spec, storage), 0, 0},
	{"accelerator", read_accelerator, 0, 0, 0},
	{NULL, NULL, 0, 0, 0},
};

static int read_document(struct spec_reader *reader, struct spec *spec)
{
	if (yaml_events_next(&reader->events)) /* the stream's start */
		return -1;
	if (yaml_events_next(&reader->events))
		return -1;
	if (reader->events.event.type == YAML_STREAM_END_EVENT)
		return yaml_events_fault(&reader->events, "", "the file is empty: write at least name and dataplane");
	if (yaml_events_next(&reader->events) || spec_reader_mapping(reader, fields, spec, SPEC_NO_ELEMENT))
		return -1;
	if (yaml_events_next(&reader->events) || yaml_events_next(&reader->events))
		return -1;
	if (reader->events.event.type != YAML_STREAM_END_EVENT)
		return yaml_events_fault(&reader->events, "", "a second document: a file is one VNF");
	return 0;
}

int spec_read(struct spec *spec, const char *file, struct error *error)
{
	struct spec_reader reader = {0};
	size_t faults = error->count;
	FILE *stream = fopen(file, "re");
	int rc;

	if (!stream) {
		error_add(error, ERROR_NOT_FOUND, file, "%s", strerror(errno));
		return -1;
	}
	spec->vcpus = 1;
	spec->memory_mib = 512;
	spec->replicas = 1;
	spec->file = strdup(file);
	spec->folder = spec_folder(file);
	rc = yaml_events_begin(&reader.events, stream, file, SPEC_BYTES, error);
	if (rc == 0 && spec->file && spec->folder)
		rc = read_document(&reader, spec);
	yaml_events_end(&reader.events);
	fclose(stream);
	for (size_t i = 0; i < spec->networks; i++)
		spec->network[i].mtu = spec->network[i].mtu ? spec->network[i].mtu : 1500;
	if (rc == 0 && (!spec->file || !spec->folder || spec_anchor(spec)))
		error_no_memory(error, NULL);
	else if (rc == 0)
		spec_check(spec, error);
	return rc || error->count > faults ? -1 : 0;
}
