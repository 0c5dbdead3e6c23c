/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/yaml_events.h"

#define CONFIG_BYTES ((size_t)1 << 20)

struct reader {
	struct yaml_events events;
	struct config *config;
};

static int next(struct reader *reader)
{
	return yaml_events_next(&reader->events);
}

static bool is(const struct reader *reader, yaml_event_type_t type)
{
	return reader->events.event.type == type;
}

/* Copies the scalar at hand. 0: go on; -1: enough. */
static int take_text(struct reader *reader, const char *path, char *to, size_t size)
{
	const char *text = yaml_events_text(&reader->events);

	if (!text || !*text || strlen(text) >= size) {
		if (yaml_events_fault(&reader->events, path, "a text of 1 to %zu bytes is expected here", size - 1))
			return -1;
		return yaml_events_skip(&reader->events);
	}
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static int take_source(struct reader *reader, const char *path, uint8_t family, struct ip_address *to)
{
	const char *text = yaml_events_text(&reader->events);

	if (text && !ip_address_parse(text, to) && to->family == family)
		return 0;
	*to = (struct ip_address){0};
	if (yaml_events_fault(&reader->events, path, "an IPv%u address is expected here", family))
		return -1;
	return yaml_events_skip(&reader->events);
}

static int take_vrf_key(struct reader *reader, struct config_vrf *vrf, const char *key)
{
	char path[300];

	snprintf(path, sizeof(path), "vrfs.%.200s.%.40s", vrf->name, key);
	if (next(reader))
		return -1;
	if (!strcmp(key, "device"))
		return take_text(reader, path, vrf->device, sizeof(vrf->device));
	if (!strcmp(key, "ipv4_source"))
		return take_source(reader, path, 4, &vrf->ipv4_source);
	if (!strcmp(key, "ipv6_source"))
		return take_source(reader, path, 6, &vrf->ipv6_source);
	if (yaml_events_fault(&reader->events, path,
			      "there is no such key: there are device, ipv4_source and "
			      "ipv6_source"))
		return -1;
	return yaml_events_skip(&reader->events);
}

static struct config_vrf *add_vrf(struct reader *reader, const char *name)
{
	struct config *config = reader->config;
	struct config_vrf *grown;

	if (config->vrfs == CONFIG_VRFS || strlen(name) >= sizeof(grown->name) || config_find(config, name)) {
		yaml_events_fault(&reader->events, "vrfs",
				  "%.60s: names of VRFs have up to 256 bytes, stand here once "
				  "each, and are up to %d",
				  name, CONFIG_VRFS);
		return NULL;
	}
	grown = realloc(config->vrf, (config->vrfs + 1) * sizeof(*grown));
	if (!grown) {
		error_no_memory(reader->events.error, NULL);
		return NULL;
	}
	config->vrf = grown;
	grown += config->vrfs++;
	memset(grown, 0, sizeof(*grown));
	memcpy(grown->name, name, strlen(name) + 1);
	return grown;
}

/* The current event is the entry's name. */
static int take_vrf(struct reader *reader, const char *name)
{
	struct config_vrf *vrf = add_vrf(reader, name);

	if (!vrf || next(reader))
		return -1;
	if (!is(reader, YAML_MAPPING_START_EVENT)) {
		yaml_events_fault(&reader->events, "vrfs", "%.60s: a mapping with device is expected here", vrf->name);
		return -1;
	}
	for (;;) {
		const char *key;

		if (next(reader))
			return -1;
		if (is(reader, YAML_MAPPING_END_EVENT))
			break;
		key = yaml_events_text(&reader->events);
		char name_of_key[64];

		snprintf(name_of_key, sizeof(name_of_key), "%s", key ? key : "");
		if (take_vrf_key(reader, vrf, name_of_key))
			return -1;
	}
	if (*vrf->device)
		return 0;
	return yaml_events_fault(&reader->events, "vrfs", "%.60s: device is missing", vrf->name);
}

static int take_vrfs(struct reader *reader)
{
	if (!is(reader, YAML_MAPPING_START_EVENT)) {
		yaml_events_fault(&reader->events, "vrfs", "a mapping of names of VRFs is expected here");
		return -1;
	}
	for (;;) {
		char name[300];
		const char *text;

		if (next(reader))
			return -1;
		if (is(reader, YAML_MAPPING_END_EVENT))
			return 0;
		text = yaml_events_text(&reader->events);
		snprintf(name, sizeof(name), "%s", text ? text : "");
		if (take_vrf(reader, name))
			return -1;
	}
}

static int take_key(struct reader *reader, const char *key)
{
	if (next(reader))
		return -1;
	if (!strcmp(key, "target"))
		return take_text(reader, "target", reader->config->target, sizeof(reader->config->target));
	if (!strcmp(key, "vrfs"))
		return take_vrfs(reader);
	if (yaml_events_fault(&reader->events, key, "there is no such key: there are target and vrfs"))
		return -1;
	return yaml_events_skip(&reader->events);
}

static int read_top(struct reader *reader)
{
	if (next(reader) || next(reader)) /* stream, document */
		return -1;
	if (is(reader, YAML_STREAM_END_EVENT))
		return 0;
	if (next(reader))
		return -1;
	if (!is(reader, YAML_MAPPING_START_EVENT))
		return yaml_events_null(&reader->events)
			       ? 0
			       : yaml_events_fault(&reader->events, "", "a mapping with target and vrfs is expected");
	for (;;) {
		char key[64];
		const char *text;

		if (next(reader))
			return -1;
		if (is(reader, YAML_MAPPING_END_EVENT))
			return 0;
		text = yaml_events_text(&reader->events);
		snprintf(key, sizeof(key), "%s", text ? text : "");
		if (take_key(reader, key))
			return -1;
	}
}

int config_read(const char *path, struct config *config, struct error *error)
{
	struct reader reader = {.config = config};
	FILE *stream = fopen(path, "re");

	if (!stream) {
		error_add(error, ERROR_INVALID_ARGUMENT, path, "%s", strerror(errno));
		return -1;
	}
	if (!yaml_events_begin(&reader.events, stream, path, CONFIG_BYTES, error))
		(void)read_top(&reader);
	yaml_events_end(&reader.events);
	fclose(stream);
	return error->code == ERROR_NONE ? 0 : -1;
}

void config_free(struct config *config)
{
	free(config->vrf);
	*config = (struct config){0};
}

const struct config_vrf *config_find(const struct config *config, const char *vrf)
{
	for (size_t i = 0; i < config->vrfs; i++)
		if (!strcmp(config->vrf[i].name, vrf))
			return &config->vrf[i];
	return NULL;
}
