/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/config.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/core/distance.h"
#include "vnf/core/yaml_events.h"

#define CONFIG_BYTES ((size_t)1 << 20)
#define KEY_TEXT     64

static const struct key {
	const char *section; /* "": at the top */
	const char *name;
	setting_take *take;
	bool list;
	enum limit limit; /* where there is no `take` */
} keys[] = {
	{"", "listen", setting_listen, true, 0},
	{"", "insecure", setting_insecure, false, 0},
	{"", "state_directory", setting_state_directory, false, 0},
	{"", "pin_directory", setting_pin_directory, false, 0},
	{"", "on_unknown_state", setting_on_unknown_state, false, 0},
	{"", "access_policy", setting_access_policy, false, 0},
	{"", "sampling", setting_sampling, false, 0},
	{"tls", "certificate", setting_certificate, false, 0},
	{"tls", "key", setting_key, false, 0},
	{"tls", "client_ca", setting_client_ca, false, 0},
	{"management", "interface", setting_management_interface, false, 0},
	{"dataplane", "namespace", setting_dataplane_namespace, false, 0},
	{"dataplane", "flow_salt", setting_flow_salt, false, 0},
	{"dataplane", "xdp", setting_xdp, false, 0},
	{"limits", "profile", setting_limits_profile, false, 0},
#define LIMIT_KEY(name, small, internet, most) {"limits", "max_" #name, NULL, false, LIMIT_##name},
	LIMITS(LIMIT_KEY)
#undef LIMIT_KEY
		{"sflow", "collectors", setting_sflow_collector, true, 0},
	{"sflow", "polling_seconds", setting_sflow_polling, false, 0},
	{"sflow", "agent_address", setting_sflow_agent, false, 0},
	{"sflow", "header_bytes", setting_sflow_header, false, 0},
	{"sflow", "tunnels", setting_sflow_tunnels, false, 0},
	{"log", "level", setting_log_level, false, 0},
	{"log", "format", setting_log_format, false, 0},
	{"web", "listen", setting_web_listen, true, 0},
};

#define KEYS (sizeof(keys) / sizeof(*keys))

struct reader {
	struct yaml_events events;
	struct settings *settings;
	uint32_t line[KEYS]; /* where each key was; 0: nowhere */
	/* And each value of those that are lists. */
	struct lines {
		uint32_t line[SETTINGS_LISTEN];
		size_t count;
	} list[KEYS];
};

static const char *path_of(const char *section, const char *name, char text[KEY_TEXT])
{
	snprintf(text, KEY_TEXT, "%s%s%.40s", section, *section ? "." : "", name);
	return text;
}

static bool is_section(const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (*keys[i].section && !strcmp(keys[i].section, name))
			return true;
	}
	return false;
}

/* The n-th name that may stand in the section: a key, or at the top also a section. NULL: there are no more. */
static const char *candidate(const char *section, size_t n)
{
	const char *last = "";

	for (size_t i = 0; i < KEYS; i++) {
		const char *name = NULL;

		if (!strcmp(keys[i].section, section))
			name = keys[i].name;
		else if (!*section && strcmp(keys[i].section, last) != 0)
			name = last = keys[i].section;
		if (name && n-- == 0)
			return name;
	}
	return NULL;
}

static int unknown_key(struct reader *reader, const char *section, const char *name)
{
	char path[KEY_TEXT], there[360] = "";
	struct word_guess guess = {0};
	const char *other;

	for (size_t i = 0; (other = candidate(section, i)); i++) {
		size_t length = strlen(there);

		snprintf(there + length, sizeof(there) - length, "%s%s", i ? ", " : "", other);
		word_guess(&guess, other, word_distance(name, other));
	}
	path_of(section, name, path);
	if (guess.word)
		return yaml_events_fault(&reader->events, path, "there is no such key: did you mean %s?", guess.word);
	return yaml_events_fault(&reader->events, path, "there is no such key: there are %s", there);
}

/* One value of the key. 0: go on. */
static int read_value(struct reader *reader, const struct key *key, const char *path)
{
	const char *text = yaml_events_text(&reader->events);
	struct lines *list = &reader->list[key - keys];
	char why[SETTING_WHY];

	if (!text) {
		if (yaml_events_fault(&reader->events, path, "a single value is expected here"))
			return -1;
		return yaml_events_skip(&reader->events);
	}
	if (strlen(text) != reader->events.event.data.scalar.length)
		return yaml_events_fault(&reader->events, path, "a NUL character cannot be part of a value");
	if (key->list && list->count < SETTINGS_LISTEN)
		list->line[list->count++] = yaml_events_line(&reader->events);
	if (key->take ? key->take(reader->settings, text, why) : setting_limit(reader->settings, key->limit, text, why))
		return yaml_events_fault(&reader->events, path, "%.60s: %s", text, why);
	return 0;
}

static int read_list(struct reader *reader, const struct key *key, const char *path)
{
	for (;;) {
		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (read_value(reader, key, path))
			return -1;
	}
}

/* The current event is the key's value. */
static int read_key(struct reader *reader, size_t k, const char *path)
{
	if (reader->line[k]) {
		if (yaml_events_fault(&reader->events, path, "is here twice"))
			return -1;
		return yaml_events_skip(&reader->events);
	}
	reader->line[k] = yaml_events_line(&reader->events);
	if (yaml_events_null(&reader->events)) /* as if it were not there */
		return 0;
	if (keys[k].list && reader->events.event.type == YAML_SEQUENCE_START_EVENT)
		return read_list(reader, &keys[k], path);
	return read_value(reader, &keys[k], path);
}

static int read_section(struct reader *reader, const char *section);

/* The current event names a key of the section. */
static int read_entry(struct reader *reader, const char *section)
{
	const char *text = yaml_events_text(&reader->events);
	char name[KEY_TEXT], path[KEY_TEXT];

	snprintf(name, sizeof(name), "%s", text ? text : "");
	path_of(section, name, path);
	for (size_t k = 0; k < KEYS; k++) {
		if (strcmp(keys[k].section, section) != 0 || strcmp(keys[k].name, name) != 0)
			continue;
		return yaml_events_next(&reader->events) ? -1 : read_key(reader, k, path);
	}
	if (!*section && is_section(name))
		return yaml_events_next(&reader->events) ? -1 : read_section(reader, name);
	if (unknown_key(reader, section, name))
		return -1;
	/* a key may be a collection, too */
	if (yaml_events_skip(&reader->events) || yaml_events_next(&reader->events))
		return -1;
	return yaml_events_skip(&reader->events);
}

static int read_section(struct reader *reader, const char *section)
{
	if (yaml_events_null(&reader->events))
		return 0;
	if (reader->events.event.type != YAML_MAPPING_START_EVENT) {
		if (yaml_events_fault(&reader->events, section, "a mapping of keys to values is expected here"))
			return -1;
		return yaml_events_skip(&reader->events);
	}
	for (;;) {
		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (read_entry(reader, section))
			return -1;
	}
}

/* The line of the key; 0: the command line has it. */
static uint32_t line_of(const struct reader *reader, const char *field)
{
	const char *bracket = strchr(field, '[');
	size_t length = bracket ? (size_t)(bracket - field) : strlen(field);
	char path[KEY_TEXT];

	for (size_t k = 0; k < KEYS; k++) {
		const struct lines *list = &reader->list[k];
		unsigned long n = bracket ? strtoul(bracket + 1, NULL, 10) : 0;

		path_of(keys[k].section, keys[k].name, path);
		if (strlen(path) != length || strncmp(path, field, length) != 0)
			continue;
		if (!bracket)
			return reader->line[k];
		return n < list->count ? list->line[n] : 0;
	}
	return 0;
}

/* Checks the settings against each other, once all are read. */
static void check(const struct reader *reader, const struct settings *settings, struct error *error)
{
	struct error faults = {0};
	char where[sizeof(faults.fault[0].field)];

	settings_check(settings, &faults);
	for (size_t i = 0; i < faults.count && i < ERROR_FAULTS; i++) {
		const char *field = faults.fault[i].field;
		uint32_t line = line_of(reader, field);

		if (line)
			snprintf(where, sizeof(where), "%.100s:%u: %.60s", reader->events.file, line, field);
		else
			snprintf(where, sizeof(where), "%.60s", field);
		error_add(error, ERROR_INVALID_ARGUMENT, where, "%s", faults.fault[i].message);
	}
}

static int read_stream(struct reader *reader, FILE *stream, const char *file, struct error *error)
{
	int status = yaml_events_begin(&reader->events, stream, file, CONFIG_BYTES, error);

	while (!status && reader->events.event.type != YAML_STREAM_END_EVENT) {
		status = yaml_events_next(&reader->events);
		if (!status && reader->events.event.type == YAML_DOCUMENT_START_EVENT) {
			status = yaml_events_next(&reader->events);
			if (!status)
				status = read_section(reader, "");
		}
	}
	yaml_events_end(&reader->events);
	return status;
}

/* Values of the command line stand in the place of the file's. */
static void forget_lines(struct reader *reader, setting_take *take, char *const *given)
{
	for (size_t k = 0; k < KEYS; k++)
		if (given[0] && keys[k].take == take)
			reader->list[k].count = 0;
}

int config_read(struct settings *settings, FILE *stream, const char *file, struct error *error)
{
	struct settings read = {0};
	struct reader reader = {.settings = &read};
	size_t faults = error->count;
	int status = read_stream(&reader, stream, file, error);

	forget_lines(&reader, setting_listen, settings->listen);
	forget_lines(&reader, setting_web_listen, settings->web_listen);
	settings_fill(settings, &read);
	settings_free(&read);
	if (!status)
		check(&reader, settings, error);
	return status || error->count > faults ? -1 : 0;
}
