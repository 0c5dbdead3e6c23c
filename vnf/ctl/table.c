/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vnf/core/text.h"
#include "vnf/ctl/cell.h"
#include "vnf/core/color.h"
#include "vnf/ctl/path.h"

#define GAP	  2
#define NARROWEST 18 /* that a text is cut to: an IPv4 prefix stays whole */

struct table {
	const struct column *column;
	size_t columns;
	const char *title;
	bool wide, color;
	bool *shown;   /* a column */
	size_t *width; /* in characters */
	char **cell;   /* rows x columns */
	size_t rows;
	bool started; /* the header is out */
};

struct table *table_new(const struct column *columns, const char *title, bool wide, bool color)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	*table = (struct table){.column = columns, .title = title, .wide = wide, .color = color};
	while (columns[table->columns].title)
		table->columns++;
	table->shown = calloc(table->columns + 1, sizeof(*table->shown));
	table->width = calloc(table->columns + 1, sizeof(*table->width));
	if (!table->shown || !table->width) {
		table_free(table);
		return NULL;
	}
	return table;
}

static void forget_rows(struct table *table)
{
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cell[i]);
	free(table->cell);
	table->cell = NULL;
	table->rows = 0;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	forget_rows(table);
	free(table->shown);
	free(table->width);
	free(table);
}

size_t table_rows(const struct table *table)
{
	return table->rows;
}

/* The cell's text, which the caller frees; NULL: out of memory. */
static char *cell_text(const ProtobufCMessage *row, const struct column *column)
{
	char *cell = path_cell(row, column->path, column->separator ? column->separator : ","), *shown;
	char text[CELL_TEXT];

	if (!cell)
		return NULL;
	text_clean(cell);
	if (column->flags & NO_ZERO && strcmp(cell, "0") == 0)
		*cell = '\0';
	if (!*cell || !(column->flags & (PROTOCOL | AGE | SINCE | DURATION)))
		return cell;
	shown = strdup(column->flags & AGE	  ? cell_age(cell, text)
		       : column->flags & SINCE	  ? cell_since(cell, text)
		       : column->flags & DURATION ? cell_duration(cell, text)
						  : cell_protocol(cell, text));
	free(cell);
	return shown;
}

int table_add(struct table *table, const ProtobufCMessage *row)
{
	char **cell;

	/* The capacity is the next power of two. */
	if ((table->rows & (table->rows - 1)) == 0) {
		cell = reallocarray(table->cell, (table->rows ? table->rows * 2 : 1) * table->columns, sizeof(*cell));
		if (!cell)
			return -1;
		table->cell = cell;
	}
	cell = table->cell + table->rows * table->columns;
	for (size_t i = 0; i < table->columns; i++) {
		cell[i] = cell_text(row, &table->column[i]);
		if (!cell[i]) {
			while (i-- > 0)
				free(cell[i]);
			return -1;
		}
	}
	table->rows++;
	return 0;
}

/* 0: as wide as it gets. */
static size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

/* Chooses the columns and their widths. Returns whether the header must be printed (again). */
static bool lay_out(struct table *table)
{
	bool changed = !table->started;

	for (size_t i = 0; i < table->columns; i++) {
		unsigned int flags = table->column[i].flags;
		bool shown = !(flags & WIDE) || table->wide, filled = !(flags & OPTIONAL) || table->shown[i];

		if (table->width[i] < text_width(table->column[i].title))
			table->width[i] = text_width(table->column[i].title);
		for (size_t row = 0; row < table->rows; row++) {
			const char *text = table->cell[row * table->columns + i];

			filled |= *text != '\0';
			if (table->width[i] < text_width(text))
				table->width[i] = text_width(text);
		}
		shown &= filled;
		changed |= shown != table->shown[i];
		table->shown[i] = shown;
	}
	return changed;
}

/* Narrows the widest texts until a line fits the terminal; numbers stay whole. */
static void fit(struct table *table)
{
	size_t terminal = terminal_width();

	while (terminal) {
		size_t line = 0, widest = table->columns;

		for (size_t i = 0; i < table->columns; i++) {
			if (!table->shown[i])
				continue;
			line += table->width[i] + (line ? GAP : 0);
			if (!(table->column[i].flags & (RIGHT | STATUS)) && table->width[i] > NARROWEST &&
			    table->width[i] > text_width(table->column[i].title) &&
			    (widest == table->columns || table->width[i] > table->width[widest]))
				widest = i;
		}
		if (line <= terminal || widest == table->columns)
			return;
		table->width[widest]--;
	}
}

/* The bytes of the first `width` characters. */
static size_t bytes_of(const char *text, size_t width)
{
	const char *c = text;

	while (*c && (width > 0 || ((unsigned char)*c & 0xc0) == 0x80)) {
		width -= ((unsigned char)*c & 0xc0) != 0x80;
		c++;
	}
	return (size_t)(c - text);
}

static bool is_good(const char *text)
{
	static const char *const good[] = {"programmed", "native", "yes", "forwarded", "up", "forwarding", "following"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (strcmp(text, good[i]) == 0)
			return true;
	}
	return false;
}

static void print_row(const struct table *table, char *const *cell)
{
	size_t pending = 0; /* blanks owed: none at the end of a line */
	bool first = true;

	for (size_t i = 0; i < table->columns; i++) {
		const struct column *column = &table->column[i];
		const char *text = cell ? cell[i] : column->title;
		size_t full = text_width(text), width = table->width[i], used = full < width ? full : width;
		bool status = cell && column->flags & STATUS && *text;

		if (!table->shown[i])
			continue;
		pending += first ? 0 : GAP;
		first = false;
		if (column->flags & RIGHT)
			pending += width - used;
		if (*text) {
			printf("%*s%s", (int)pending, "",
			       color_of(table->color, !cell	      ? BOLD
						      : !status	      ? PLAIN
						      : is_good(text) ? GREEN
								      : YELLOW));
			if (full > width)
				printf("%.*s\xe2\x80\xa6", (int)bytes_of(text, width - 1), text);
			else
				fputs(text, stdout);
			fputs(color_of(table->color && (!cell || status), RESET), stdout);
			pending = 0;
		} else {
			pending += used;
		}
		if (!(column->flags & RIGHT))
			pending += width - used;
	}
	putchar('\n');
}

void table_flush(struct table *table)
{
	bool header;

	if (!table->rows)
		return;
	header = lay_out(table);
	fit(table);
	if (header && table->title && !table->started)
		printf("%s%s%s\n", color_of(table->color, BOLD), table->title, color_of(table->color, RESET));
	if (header)
		print_row(table, NULL);
	table->started = true;
	for (size_t row = 0; row < table->rows; row++)
		print_row(table, table->cell + row * table->columns);
	forget_rows(table);
}
