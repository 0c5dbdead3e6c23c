/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for terminals: messages are rows, paths into them are columns. */
#ifndef SLUICE_CTL_TABLE_H
#define SLUICE_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

enum {
	RIGHT = 1 << 0,	   /* numbers */
	WIDE = 1 << 1,	   /* only with -o wide */
	OPTIONAL = 1 << 2, /* left out where all rows have nothing there */
	NO_ZERO = 1 << 3,  /* 0 means nothing */
	STATUS = 1 << 4,   /* coloured: good or not */
	PROTOCOL = 1 << 5, /* a protocol of routes, by its name (cell.h) */
	AGE = 1 << 6,	   /* milliseconds, by their largest units */
	SINCE = 1 << 7,	   /* the same of those since a time */
	DURATION = 1 << 8, /* nanoseconds, by the unit that suits */
};

struct column {
	const char *title; /* NULL ends an array of columns */
	const char *path;  /* path.h */
	unsigned int flags;
	const char *separator; /* of lists; NULL: "," */
};

struct table;

/* Columns and title are borrowed. `title` may be NULL: printed above the first row. NULL: out of memory. */
struct table *table_new(const struct column *columns, const char *title, bool wide, bool color);
void table_free(struct table *table); /* NULL is fine */

/* 0, or -1: out of memory. */
int table_add(struct table *table, const ProtobufCMessage *row);

/* Prints the rows that have gathered; widths of earlier rows stay. Fits a terminal by cutting the widest texts. */
void table_flush(struct table *table);
size_t table_rows(const struct table *table); /* not yet flushed */

#endif
