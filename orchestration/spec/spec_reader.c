/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/spec/spec_reader.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/distance.h"

#define MAX_FIELDS 32

static int no_memory(struct spec_reader *reader)
{
	error_no_memory(reader->events.error, NULL);
	return -1;
}

int spec_reader_refuse(struct spec_reader *reader, const char *format, ...)
{
	char message[sizeof(((struct fault *)NULL)->message)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (yaml_events_fault(&reader->events, reader->path, "%s", message))
		return -1;
	return yaml_events_skip(&reader->events);
}

const char *spec_reader_scalar(struct spec_reader *reader)
{
	const char *text = yaml_events_text(&reader->events);

	return text && *text && !yaml_events_null(&reader->events) ? text : NULL;
}

/* Names the field that a wrong name is nearest to, or all fields. */
static const char *suggest(const struct spec_field *fields, const char *name, char *text, size_t size)
{
	struct word_guess guess = {0};
	size_t length = 0;

	for (const struct spec_field *field = fields; field->name; field++)
		word_guess(&guess, field->name, word_distance(name, field->name));
	if (guess.word) {
		snprintf(text, size, "did you mean %s?", guess.word);
		return text;
	}
	for (const struct spec_field *field = fields; field->name && length < size; field++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", length ? ", " : "there are ",
					   field->name);
	return text;
}

/* The field that the current key names, the events at its value. *field NULL: refused, with its value. */
static int read_key(struct spec_reader *reader, const struct spec_field *fields, bool seen[MAX_FIELDS],
		    const struct spec_field **field)
{
	const char *name = yaml_events_text(&reader->events);
	char names[200];
	int rc;

	for (*field = fields; name && (*field)->name && strcmp((*field)->name, name) != 0;)
		++*field;
	if (!name)
		rc = spec_reader_refuse(reader, "the name of a field is expected here");
	else if (!(*field)->name)
		rc = spec_reader_refuse(reader, "unknown field \"%.40s\"; %s", name,
					suggest(fields, name, names, sizeof(names)));
	else if (seen[*field - fields])
		rc = spec_reader_refuse(reader, "%s is here twice", name);
	else {
		seen[*field - fields] = true;
		return yaml_events_next(&reader->events);
	}
	*field = NULL;
	return rc || yaml_events_next(&reader->events) ? -1 : yaml_events_skip(&reader->events);
}

int spec_reader_mapping(struct spec_reader *reader, const struct spec_field *fields, void *start, size_t element)
{
	size_t length = strlen(reader->path), outer;
	const struct spec_field *outer_field = reader->field;
	bool seen[MAX_FIELDS] = {false};
	int rc = 0;

	outer = length;
	if (element != SPEC_NO_ELEMENT)
		length += (size_t)snprintf(reader->path + length, sizeof(reader->path) - length, "[%zu]", element);
	if (reader->events.event.type != YAML_MAPPING_START_EVENT) {
		rc = spec_reader_refuse(reader, "a mapping of fields is expected here");
		reader->path[outer] = '\0';
		return rc;
	}
	while (rc == 0) {
		const struct spec_field *field;

		rc = yaml_events_next(&reader->events);
		if (rc || reader->events.event.type == YAML_MAPPING_END_EVENT)
			break;
		rc = read_key(reader, fields, seen, &field);
		if (rc || !field)
			continue;
		snprintf(reader->path + length, sizeof(reader->path) - length, "%s%s", length ? "." : "", field->name);
		reader->field = field;
		rc = field->read(reader, (char *)start + field->offset);
		reader->path[length] = '\0';
	}
	reader->path[outer] = '\0';
	reader->field = outer_field;
	return rc;
}

int spec_reader_elements(struct spec_reader *reader, const struct spec_field *fields, void *array, size_t size,
			 size_t most, size_t *count)
{
	if (reader->events.event.type != YAML_SEQUENCE_START_EVENT)
		return spec_reader_refuse(reader, "a list of mappings is expected here: - name: NAME");
	while (yaml_events_next(&reader->events) == 0) {
		void *element = (char *)array + *count * size;

		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (*count == most) {
			if (spec_reader_refuse(reader, "at most %zu of them", most))
				return -1;
			continue;
		}
		*(uint32_t *)element = yaml_events_line(&reader->events);
		if (spec_reader_mapping(reader, fields, element, (*count)++))
			return -1;
	}
	return -1;
}

int spec_reader_text(struct spec_reader *reader, void *place)
{
	const char *text = spec_reader_scalar(reader);
	struct spec_text *into = place;

	if (!text)
		return spec_reader_refuse(reader, "a text is expected here");
	into->text = strdup(text);
	into->line = yaml_events_line(&reader->events);
	return into->text ? 0 : no_memory(reader);
}

int spec_reader_number(struct spec_reader *reader, void *place)
{
	const char *text = spec_reader_scalar(reader);
	const struct spec_field *field = reader->field;
	unsigned long number = 0;
	char *end = NULL;

	if (text && *text >= '0' && *text <= '9')
		number = strtoul(text, &end, 10);
	if (!end || *end || number < field->least || number > field->most)
		return spec_reader_refuse(reader, "\"%.40s\": a number from %u to %u is expected", text ? text : "",
					  field->least, field->most);
	*(uint32_t *)place = (uint32_t)number;
	return 0;
}

static int append(struct spec_reader *reader, struct spec_list *list)
{
	const char *value = spec_reader_scalar(reader);
	char **text, *copy;
	uint32_t *line;

	if (!value)
		return spec_reader_refuse(reader, "a text, or a list of texts, is expected here");
	copy = strdup(value);
	text = reallocarray(list->text, list->count + 2, sizeof(*text));
	if (text)
		list->text = text;
	line = reallocarray(list->line_of, list->count + 1, sizeof(*line));
	if (line)
		list->line_of = line;
	if (!copy || !text || !line) {
		free(copy);
		return no_memory(reader);
	}
	line[list->count] = yaml_events_line(&reader->events);
	text[list->count++] = copy;
	text[list->count] = NULL;
	return 0;
}

int spec_reader_list(struct spec_reader *reader, void *place)
{
	struct spec_list *list = place;

	if (!list->line)
		list->line = yaml_events_line(&reader->events);
	if (reader->events.event.type != YAML_SEQUENCE_START_EVENT)
		return append(reader, list);
	while (yaml_events_next(&reader->events) == 0) {
		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (append(reader, list))
			return -1;
	}
	return -1;
}
