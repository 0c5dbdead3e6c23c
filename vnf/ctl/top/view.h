/* SPDX-License-Identifier: Apache-2.0 */
/* What has happened between two readings: rates, the busiest first. As lines for a terminal, and as JSON. */
#ifndef SLUICE_CTL_TOP_VIEW_H
#define SLUICE_CTL_TOP_VIEW_H

#include <stdio.h>

#include "vnf/ctl/top/sample.h"

struct json_object;

enum top_unit { TOP_PER_SECOND, TOP_BITS_PER_SECOND, TOP_NUMBER };

struct top_column {
	const char *title; /* NULL: there is none */
	const char *json;
	size_t count; /* of struct top_count's */
	enum top_unit unit;
};

struct top_section {
	const char *title;
	const char *json;
	struct top_column column[TOP_COUNTS];
};

extern const struct top_section top_sections[TOP_KINDS];

struct top_row {
	const struct top_count *now;
	double value[TOP_COUNTS]; /* a column; NAN: not known, as of what is new, or was counted anew */
};

struct top_view {
	const struct top_sample *now;
	double seconds; /* between the readings; 0: there is one only, and no rate is known */
	struct top_rows {
		struct top_row *row; /* the busiest first, and of verdicts those that drop before the others */
		size_t rows;
	} section[TOP_KINDS];
};

/* Borrows both; before may be NULL. 0, or -1: out of memory. top_view_clear() it. */
int top_view_make(struct top_view *view, const struct top_sample *before, const struct top_sample *now);
void top_view_clear(struct top_view *view);

/* The sum of the known values of a column. */
double top_view_total(const struct top_view *view, enum top_kind kind, size_t column);
/* Packets a second that were dropped. */
double top_view_drops(const struct top_view *view);

/* Writes lines of at most `width` characters, `height` at most of them; 0: as many as it takes. */
struct top_place {
	size_t width, height;
	bool color;
};
void top_lay_out(FILE *stream, const struct top_view *view, const struct top_place *place);

/* NULL: out of memory. json_object_put() it. */
struct json_object *top_json(const struct top_view *view);

#endif
