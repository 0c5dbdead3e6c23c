/* SPDX-License-Identifier: Apache-2.0 */
/* Reads libyaml's events one ahead, refuses anchors and tags, and reports faults with their place in the file. */
#ifndef SLUICE_CORE_YAML_EVENTS_H
#define SLUICE_CORE_YAML_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <yaml.h>

#include "vnf/core/error.h"

/* No message nests as deep, and libyaml's time grows with the square of the depth. */
#define YAML_EVENTS_DEPTH 40

struct yaml_events {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	const char *file;
	FILE *stream;
	size_t bytes, limit;
	unsigned int depth; /* of collections that are open */
	struct error *error;
};

/* -1: out of memory. Ends with yaml_events_end in any case. */
int yaml_events_begin(struct yaml_events *events, FILE *stream, const char *file, size_t limit, struct error *error);
void yaml_events_end(struct yaml_events *events);

/* Moves on to the next event. -1: a fault that ends the reading. */
int yaml_events_next(struct yaml_events *events);

/* Steps over the node that starts here, to its last event. */
int yaml_events_skip(struct yaml_events *events);

uint32_t yaml_events_line(const struct yaml_events *events);

/* The text of a scalar; NULL: the current event is none. */
const char *yaml_events_text(const struct yaml_events *events);
/* Is the value nothing, ~ or null, unquoted? */
bool yaml_events_null(const struct yaml_events *events);

/* Adds a fault about the current line. 0: go on after the node; -1: there are enough faults. */
int yaml_events_fault(struct yaml_events *events, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
