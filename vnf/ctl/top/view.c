/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/top/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct top_section top_sections[TOP_KINDS] = {
	[TOP_INTERFACE] = {"INTERFACES", "interfaces", {
		{"in pkt/s", "received_packets_per_second", 0, TOP_PER_SECOND},
		{"in bit/s", "received_bits_per_second", 1, TOP_BITS_PER_SECOND},
		{"out pkt/s", "sent_packets_per_second", 2, TOP_PER_SECOND},
		{"out bit/s", "sent_bits_per_second", 3, TOP_BITS_PER_SECOND}}},
	[TOP_VERDICT] = {"VERDICTS", "verdicts", {
		{"pkt/s", "packets_per_second", 0, TOP_PER_SECOND},
		{"bit/s", "bits_per_second", 1, TOP_BITS_PER_SECOND},
		{"packets", "packets", 0, TOP_NUMBER}}},
	[TOP_TUNNEL] = {"TUNNELS", "tunnel_endpoints", {
		{"in pkt/s", "decapsulated_packets_per_second", 0, TOP_PER_SECOND},
		{"in bit/s", "decapsulated_bits_per_second", 1, TOP_BITS_PER_SECOND},
		{"out pkt/s", "encapsulated_packets_per_second", 2, TOP_PER_SECOND},
		{"out bit/s", "encapsulated_bits_per_second", 3, TOP_BITS_PER_SECOND}}},
	[TOP_STAGE] = {"CHAIN STAGES", "port_pair_groups", {
		{"pkt/s", "packets_per_second", 0, TOP_PER_SECOND},
		{"bit/s", "bits_per_second", 1, TOP_BITS_PER_SECOND},
		{"packets", "packets", 0, TOP_NUMBER}}},
	[TOP_MEMBER] = {"MEMBERS", "members", {
		{"flows/s", "connections_per_second", 1, TOP_PER_SECOND},
		{"flows now", "connections", 0, TOP_NUMBER},
		{"flows", "opened", 1, TOP_NUMBER}}},
};
/* clang-format on */

/* Both lists are in the order of names; *at moves on through `before`. NULL: it is new. */
static const struct top_count *find_before(const struct top_list *before, size_t *at, const char *name)
{
	while (*at < before->counts && strcmp(before->count[*at].name, name) < 0)
		++*at;
	return *at < before->counts && strcmp(before->count[*at].name, name) == 0 ? &before->count[*at] : NULL;
}

static double value_of(const struct top_column *column, const struct top_count *before, const struct top_count *now,
		       double seconds)
{
	uint64_t count = now->count[column->count];
	double rate;

	if (column->unit == TOP_NUMBER)
		return (double)count;
	if (!before || seconds <= 0 || count < before->count[column->count])
		return NAN;
	rate = (double)(count - before->count[column->count]) / seconds;
	return column->unit == TOP_BITS_PER_SECOND ? rate * 8 : rate;
}

static double busy(const struct top_section *section, const struct top_row *row)
{
	double sum = 0;

	for (size_t i = 0; i < TOP_COUNTS && section->column[i].title; i++)
		if (section->column[i].unit == TOP_PER_SECOND && !isnan(row->value[i]))
			sum += row->value[i];
	return sum;
}

static int by_busyness(const void *first, const void *second, void *context)
{
	const struct top_row *a = first, *b = second;
	double busy_a = busy(context, a), busy_b = busy(context, b);

	if (context == &top_sections[TOP_VERDICT] && a->now->good != b->now->good)
		return a->now->good ? 1 : -1;
	if (busy_a != busy_b)
		return busy_a < busy_b ? 1 : -1;
	if (a->now->good != b->now->good)
		return a->now->good ? 1 : -1;
	return strcmp(a->now->name, b->now->name);
}

static int make_section(struct top_rows *rows, enum top_kind kind, const struct top_list *before,
			const struct top_list *now)
{
	const struct top_section *section = &top_sections[kind];
	double seconds = before ? (double)(now->time_ns - before->time_ns) / 1e9 : 0;
	size_t at = 0;

	rows->row = calloc(now->counts ? now->counts : 1, sizeof(*rows->row));
	if (!rows->row)
		return -1;
	for (size_t i = 0; i < now->counts; i++) {
		const struct top_count *count = &now->count[i];
		struct top_row *row = &rows->row[rows->rows];

		/* Most reasons never occur. */
		if (kind == TOP_VERDICT && !count->count[0])
			continue;
		row->now = count;
		for (size_t c = 0; c < TOP_COUNTS && section->column[c].title; c++)
			row->value[c] = value_of(&section->column[c],
						 before ? find_before(before, &at, count->name) : NULL, count, seconds);
		rows->rows++;
	}
	qsort_r(rows->row, rows->rows, sizeof(*rows->row), by_busyness, (void *)section);
	return 0;
}

int top_view_make(struct top_view *view, const struct top_sample *before, const struct top_sample *now)
{
	const struct top_list *first = &now->list[TOP_INTERFACE];

	*view = (struct top_view){.now = now};
	if (before)
		view->seconds = (double)(first->time_ns - before->list[TOP_INTERFACE].time_ns) / 1e9;
	for (size_t kind = 0; kind < TOP_KINDS; kind++)
		if (make_section(&view->section[kind], (enum top_kind)kind, before ? &before->list[kind] : NULL,
				 &now->list[kind])) {
			top_view_clear(view);
			return -1;
		}
	return 0;
}

void top_view_clear(struct top_view *view)
{
	for (size_t kind = 0; kind < TOP_KINDS; kind++)
		free(view->section[kind].row);
	*view = (struct top_view){.seconds = 0};
}

double top_view_total(const struct top_view *view, enum top_kind kind, size_t column)
{
	const struct top_rows *rows = &view->section[kind];
	double sum = 0;

	for (size_t i = 0; i < rows->rows; i++)
		if (!isnan(rows->row[i].value[column]))
			sum += rows->row[i].value[column];
	return sum;
}

double top_view_drops(const struct top_view *view)
{
	const struct top_rows *rows = &view->section[TOP_VERDICT];
	double sum = 0;

	for (size_t i = 0; i < rows->rows; i++)
		if (!rows->row[i].now->good && !isnan(rows->row[i].value[0]))
			sum += rows->row[i].value[0];
	return sum;
}
