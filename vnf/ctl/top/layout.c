/* SPDX-License-Identifier: Apache-2.0 */
/* A view as lines: two about the router, then the sections, which share what height is left. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "vnf/core/text.h"
#include "vnf/core/color.h"
#include "vnf/ctl/top/view.h"

#define NUMBER	  10 /* characters of a column of numbers, with the gap before it */
#define STATE	  16 /* of a state, likewise */
#define NARROWEST 14 /* that names are cut to before columns go */

/* The columns of a section that there is room for. */
struct widths {
	size_t name, columns;
	bool state;
};

/* Exactly `width` characters: cut, or with blanks behind it. */
static void put_text(FILE *stream, const char *text, size_t width)
{
	bool cut = text_width(text) > width;
	size_t left = cut && width ? width - 1 : width;

	while (*text && left) {
		uint32_t code;
		size_t bytes = text_next(text, &code);

		fwrite(text, 1, bytes ? bytes : 1, stream);
		text += bytes ? bytes : 1;
		left--;
	}
	if (cut && width)
		fputs("\xe2\x80\xa6", stream);
	else
		fprintf(stream, "%*s", (int)left, "");
}

/* Three digits and the unit's thousands: "0", "7.25", "812", "1.20k", "3.42G". */
static const char *number_text(double value, char text[24])
{
	static const char thousands[] = " kMGTPE";
	size_t power = 0;

	if (isnan(value)) {
		strcpy(text, "-");
		return text;
	}
	while (value >= 999.5 && power + 2 < sizeof(thousands)) {
		value /= 1000;
		power++;
	}
	if (!power && value == floor(value))
		snprintf(text, 24, "%.0f", value);
	else
		snprintf(text, 24, "%.*f", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value);
	if (power)
		strncat(text, &thousands[power], 1);
	return text;
}

static void put_number(FILE *stream, double value)
{
	char text[24];

	fprintf(stream, "%*s", NUMBER, number_text(value, text));
}

static struct widths fit(const struct top_section *section, const struct top_rows *rows, size_t width)
{
	struct widths widths = {.name = NARROWEST, .state = true};
	size_t others;

	while (widths.columns < TOP_COUNTS && section->column[widths.columns].title)
		widths.columns++;
	for (size_t i = 0; i < rows->rows; i++)
		if (text_width(rows->row[i].now->name) > widths.name)
			widths.name = text_width(rows->row[i].now->name);
	if (!width)
		return widths;
	while (widths.columns > 1 && NARROWEST + STATE + widths.columns * NUMBER > width)
		widths.columns--;
	widths.state = NARROWEST + STATE + widths.columns * NUMBER <= width;
	others = (widths.state ? STATE : 0) + widths.columns * NUMBER;
	widths.name = width > others ? width - others : 0;
	return widths;
}

static void put_title(FILE *stream, const struct top_section *section, const struct top_rows *rows,
		      const struct widths *widths, size_t shown)
{
	char title[64];

	if (shown < rows->rows)
		snprintf(title, sizeof(title), "%s  %zu of %zu", section->title, shown, rows->rows);
	else
		snprintf(title, sizeof(title), "%s", section->title);
	put_text(stream, title, widths->name);
	if (widths->state)
		fprintf(stream, "%*s", STATE, "");
	for (size_t i = 0; i < widths->columns; i++)
		fprintf(stream, "%*s", NUMBER, section->column[i].title);
}

static void put_row(FILE *stream, const struct top_row *row, const struct widths *widths, bool color)
{
	put_text(stream, row->now->name, widths->name);
	if (widths->state)
		fprintf(stream, "  %s%-*s%s", color_of(color, row->now->good ? GREEN : YELLOW), STATE - 2,
			row->now->state, color_of(color, RESET));
	for (size_t i = 0; i < widths->columns; i++)
		put_number(stream, row->value[i]);
	fputc('\n', stream);
}

static void put_section(FILE *stream, const struct top_section *section, const struct top_rows *rows, size_t shown,
			const struct top_place *place)
{
	struct widths widths = fit(section, rows, place->width);

	fprintf(stream, "\n%s", color_of(place->color, BOLD));
	put_title(stream, section, rows, &widths, shown);
	fprintf(stream, "%s\n", color_of(place->color, RESET));
	for (size_t i = 0; i < shown; i++)
		put_row(stream, &rows->row[i], &widths, place->color);
}

static void put_line(FILE *stream, const char *text, size_t width)
{
	put_text(stream, text, width && width < text_width(text) ? width : text_width(text));
	fputc('\n', stream);
}

static void put_system(FILE *stream, const struct top_view *view, const struct top_place *place)
{
	const struct top_sample *now = view->now;
	uint64_t up = now->uptime_seconds;
	char text[5][24], line[320];

	snprintf(line, sizeof(line),
		 "Sluice %s  revision %" PRIu64 "  generation %" PRIu64 "  up %" PRIu64
		 "d %02u:%02u:%02u  connections %" PRIu64 " of %" PRIu64,
		 now->version, now->revision, now->generation, up / 86400, (unsigned int)(up / 3600 % 24),
		 (unsigned int)(up / 60 % 60), (unsigned int)(up % 60), now->connections, now->connections_most);
	put_line(stream, line, place->width);
	if (view->seconds <= 0)
		snprintf(line, sizeof(line), "rates are known from the next reading on");
	else
		snprintf(line, sizeof(line), "in %s pkt/s %s bit/s  out %s pkt/s %s bit/s  dropped %s pkt/s",
			 number_text(top_view_total(view, TOP_INTERFACE, 0), text[0]),
			 number_text(top_view_total(view, TOP_INTERFACE, 1), text[1]),
			 number_text(top_view_total(view, TOP_INTERFACE, 2), text[2]),
			 number_text(top_view_total(view, TOP_INTERFACE, 3), text[3]),
			 number_text(top_view_drops(view), text[4]));
	put_line(stream, line, place->width);
}

/* How many rows of each section are shown: what a section does not need goes to the others, row by row. */
static void share(const struct top_view *view, size_t height, size_t shown[TOP_KINDS])
{
	size_t left = height > 2 ? height - 2 : 0;
	bool more = true;

	for (size_t kind = 0; kind < TOP_KINDS; kind++) {
		/* A title, the empty line before it, and a row. */
		shown[kind] = view->section[kind].rows && left >= 3;
		left -= shown[kind] ? 3 : 0;
	}
	while (more && left) {
		more = false;
		for (size_t kind = 0; kind < TOP_KINDS && left; kind++)
			if (shown[kind] && shown[kind] < view->section[kind].rows) {
				shown[kind]++;
				left--;
				more = true;
			}
	}
}

void top_lay_out(FILE *stream, const struct top_view *view, const struct top_place *place)
{
	size_t shown[TOP_KINDS];

	if (place->height)
		share(view, place->height, shown);
	put_system(stream, view, place);
	for (size_t kind = 0; kind < TOP_KINDS; kind++) {
		const struct top_rows *rows = &view->section[kind];
		size_t count = place->height ? shown[kind] : rows->rows;

		if (count)
			put_section(stream, &top_sections[kind], rows, count, place);
	}
}
