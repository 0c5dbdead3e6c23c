/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/yaml_events.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

static void fault_at(struct yaml_events *events, size_t line, const char *path, const char *message)
{
	char where[sizeof(((struct fault *)NULL)->field)];

	snprintf(where, sizeof(where), "%s:%zu%s%s", events->file, line, *path ? ": " : "", path);
	error_add(events->error, ERROR_INVALID_ARGUMENT, where, "%s", message);
}

uint32_t yaml_events_line(const struct yaml_events *events)
{
	return (uint32_t)events->event.start_mark.line + 1;
}

int yaml_events_fault(struct yaml_events *events, const char *path, const char *format, ...)
{
	char message[sizeof(((struct fault *)NULL)->message)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	/* The message quotes the file and goes to a terminal, so escape sequences are taken out. */
	for (char *c = message; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	fault_at(events, yaml_events_line(events), path, message);
	return events->error->count < ERROR_FAULTS ? 0 : -1;
}

static int read_bytes(void *context, unsigned char *buffer, size_t size, size_t *got)
{
	struct yaml_events *events = context;

	*got = fread(buffer, 1, size, events->stream);
	events->bytes += *got;
	return !ferror(events->stream) && events->bytes <= events->limit;
}

int yaml_events_begin(struct yaml_events *events, FILE *stream, const char *file, size_t limit, struct error *error)
{
	memset(events, 0, sizeof(*events));
	events->stream = stream;
	events->file = file;
	events->limit = limit;
	events->error = error;
	if (!yaml_parser_initialize(&events->parser)) {
		error_no_memory(error, NULL);
		return -1;
	}
	yaml_parser_set_input(&events->parser, read_bytes, events);
	return 0;
}

void yaml_events_end(struct yaml_events *events)
{
	yaml_event_delete(&events->event);
	yaml_parser_delete(&events->parser);
}

static void parser_fault(struct yaml_events *events)
{
	const yaml_parser_t *parser = &events->parser;
	char message[160];

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		error_no_memory(events->error, NULL);
		return;
	case YAML_READER_ERROR:
		if (events->bytes > events->limit)
			snprintf(message, sizeof(message), "larger than %zu MiB: split it", events->limit >> 20);
		else if (ferror(events->stream))
			snprintf(message, sizeof(message), "cannot be read");
		else
			snprintf(message, sizeof(message), "not UTF-8 text: %s at byte %zu",
				 parser->problem ? parser->problem : "bad byte", parser->problem_offset);
		fault_at(events, parser->mark.line + 1, "", message);
		return;
	default:
		snprintf(message, sizeof(message), "not YAML: %s%s%s", parser->context ? parser->context : "",
			 parser->context ? ", " : "", parser->problem ? parser->problem : "cannot be parsed");
		fault_at(events, parser->problem_mark.line + 1, "", message);
	}
}

/* Anchors make one node stand in many places and tags change the meaning of a text: neither has a use here. */
static const char *refused(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases (*name) are not supported: write the value out";
	case YAML_SCALAR_EVENT:
		if (event->data.scalar.anchor)
			return "anchors (&name) are not supported: write the value out where it is used";
		return event->data.scalar.tag ? "tags (!name) are not supported: leave it out" : NULL;
	case YAML_SEQUENCE_START_EVENT:
		if (event->data.sequence_start.anchor)
			return "anchors (&name) are not supported: write the value out where it is used";
		return event->data.sequence_start.tag ? "tags (!name) are not supported: leave it out" : NULL;
	case YAML_MAPPING_START_EVENT:
		if (event->data.mapping_start.anchor)
			return "anchors (&name) are not supported: write the value out where it is used";
		return event->data.mapping_start.tag ? "tags (!name) are not supported: leave it out" : NULL;
	default:
		return NULL;
	}
}

int yaml_events_next(struct yaml_events *events)
{
	const char *problem;

	yaml_event_delete(&events->event);
	if (!yaml_parser_parse(&events->parser, &events->event)) {
		parser_fault(events);
		return -1;
	}
	problem = refused(&events->event);
	if (events->event.type == YAML_SEQUENCE_START_EVENT || events->event.type == YAML_MAPPING_START_EVENT) {
		if (++events->depth > YAML_EVENTS_DEPTH)
			problem = "nested too deeply";
	} else if (events->event.type == YAML_SEQUENCE_END_EVENT || events->event.type == YAML_MAPPING_END_EVENT) {
		events->depth--;
	}
	if (problem) {
		yaml_events_fault(events, "", "%s", problem);
		return -1;
	}
	return 0;
}

int yaml_events_skip(struct yaml_events *events)
{
	size_t depth = 0;

	for (;;) {
		switch (events->event.type) {
		case YAML_SEQUENCE_START_EVENT:
		case YAML_MAPPING_START_EVENT:
			depth++;
			break;
		case YAML_SEQUENCE_END_EVENT:
		case YAML_MAPPING_END_EVENT:
			depth--;
			break;
		default:
			break;
		}
		if (depth == 0)
			return 0;
		if (yaml_events_next(events))
			return -1;
	}
}

const char *yaml_events_text(const struct yaml_events *events)
{
	return events->event.type == YAML_SCALAR_EVENT ? (const char *)events->event.data.scalar.value : NULL;
}

bool yaml_events_null(const struct yaml_events *events)
{
	const char *text = yaml_events_text(events);

	return text && events->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*text || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0);
}
