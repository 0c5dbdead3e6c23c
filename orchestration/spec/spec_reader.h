/* SPDX-License-Identifier: Apache-2.0 */
/* Reads YAML into a struct by tables of fields. Each reader finds the events at its value and leaves them at its
 * last. */
#ifndef SLUICE_ORCHESTRATION_SPEC_READER_H
#define SLUICE_ORCHESTRATION_SPEC_READER_H

#include "orchestration/spec/spec.h"
#include "vnf/core/yaml_events.h"

#define SPEC_NO_ELEMENT SIZE_MAX

struct spec_reader {
	struct yaml_events events;
	char path[128];			/* of the value, for its faults */
	const struct spec_field *field; /* that is being read */
};

struct spec_field {
	const char *name;
	/* 0: go on, also after a fault; -1: enough. `place` is the struct's start and `offset`. */
	int (*read)(struct spec_reader *reader, void *place);
	size_t offset;
	uint32_t least, most; /* of a number */
};

/* Reads a mapping into the struct at `start`; `element` is the mapping's index in its list, or SPEC_NO_ELEMENT. */
int spec_reader_mapping(struct spec_reader *reader, const struct spec_field *fields, void *start, size_t element);

/* A list of mappings into an array of `most` structs of `size` bytes, each of which starts with the uint32_t of its
 * line; *count: how many there are. */
int spec_reader_elements(struct spec_reader *reader, const struct spec_field *fields, void *array, size_t size,
			 size_t most, size_t *count);

int spec_reader_text(struct spec_reader *reader, void *place);	 /* struct spec_text */
int spec_reader_number(struct spec_reader *reader, void *place); /* uint32_t */
int spec_reader_list(struct spec_reader *reader, void *place);	 /* struct spec_list; a single text is a list of one */

/* The text of a value that is one; NULL: it is a list or a mapping, or empty. */
const char *spec_reader_scalar(struct spec_reader *reader);

/* Adds a fault about the value that starts here and steps over it. */
int spec_reader_refuse(struct spec_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
