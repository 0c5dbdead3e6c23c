/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/metrics/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096

void text_clear(struct text *text)
{
	free(text->bytes);
	*text = (struct text){0};
}

static bool make_room(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : FIRST_ROOM;
	char *grown;

	if (text->failed)
		return false;
	if (text->room - text->length >= more)
		return true;
	while (room - text->length < more)
		room *= 2;
	grown = realloc(text->bytes, room);
	text->failed = !grown;
	if (!grown)
		return false;
	text->bytes = grown;
	text->room = room;
	return true;
}

void text_add(struct text *text, const char *bytes, size_t length)
{
	if (!length || !make_room(text, length))
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static void add(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_print(struct text *text, const char *format, ...)
{
	va_list arguments;
	char line[512];
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(line))
		text->failed = true;
	else
		text_add(text, line, (size_t)length);
}

void text_move(struct text *text, struct text *more)
{
	text->failed |= more->failed;
	text_add(text, more->bytes, more->length);
	text_clear(more);
}

/* Both formats escape backslashes, line feeds, and in values of labels (in OpenMetrics also in help) quotes. */
static void add_escaped(struct text *text, const char *string, bool quotes)
{
	for (const char *rest = string; *rest;) {
		size_t plain = strcspn(rest, quotes ? "\\\n\"" : "\\\n");

		text_add(text, rest, plain);
		rest += plain;
		if (*rest) {
			add(text, *rest == '\n' ? "\\n" : *rest == '"' ? "\\\"" : "\\\\");
			rest++;
		}
	}
}

/* The ending of a family's samples' names. */
static const char *ending(const struct metric *metric)
{
	return metric->type == METRIC_COUNTER ? "_total" : metric->type == METRIC_INFO ? "_info" : "";
}

void metric_begin(struct text *text, const struct metric *metric, bool open_metrics)
{
	static const char *const types[] = {[METRIC_COUNTER] = "counter",
					    [METRIC_GAUGE] = "gauge",
					    [METRIC_HISTOGRAM] = "histogram",
					    [METRIC_INFO] = "info"};
	const char *suffix = open_metrics ? "" : ending(metric);
	const char *type = !open_metrics && metric->type == METRIC_INFO ? "gauge" : types[metric->type];

	text_print(text, "# HELP %s%s ", metric->name, suffix);
	add_escaped(text, metric->help, open_metrics);
	text_print(text, "\n# TYPE %s%s %s\n", metric->name, suffix, type);
	if (open_metrics && metric->unit)
		text_print(text, "# UNIT %s %s\n", metric->name, metric->unit);
}

/* Name and labels; `last`, which may be NULL, behind the others. */
static void add_name(struct text *text, const struct metric *metric, const char *suffix, const struct label *labels,
		     const struct label *last)
{
	const char *before = "{";

	add(text, metric->name);
	add(text, suffix);
	for (const struct label *label = labels; label && label->name; label++) {
		text_print(text, "%s%s=\"", before, label->name);
		add_escaped(text, label->value ? label->value : "", true);
		add(text, "\"");
		before = ",";
	}
	if (last) {
		text_print(text, "%s%s=\"%s\"", before, last->name, last->value);
		before = ",";
	}
	add(text, *before == ',' ? "} " : " ");
}

void metric_sample(struct text *text, const struct metric *metric, const struct label *labels, uint64_t value)
{
	add_name(text, metric, ending(metric), labels, NULL);
	text_print(text, "%" PRIu64 "\n", value);
}

void metric_sample_real(struct text *text, const struct metric *metric, const struct label *labels, double value)
{
	add_name(text, metric, ending(metric), labels, NULL);
	text_print(text, "%.12g\n", value);
}

void metric_sample_histogram(struct text *text, const struct metric *metric, const struct label *labels,
			     const struct metric_histogram *histogram)
{
	uint64_t sum = 0;

	for (size_t i = 0; i <= histogram->buckets; i++) {
		char bound[32] = "+Inf";
		const struct label le = {"le", bound};

		if (i < histogram->buckets)
			snprintf(bound, sizeof(bound), "%.12g%s", histogram->bound[i],
				 histogram->bound[i] >= 1 && histogram->bound[i] == (double)(long)histogram->bound[i]
					 ? ".0"
					 : "");
		sum += histogram->count[i];
		add_name(text, metric, "_bucket", labels, &le);
		text_print(text, "%" PRIu64 "\n", sum);
	}
	add_name(text, metric, "_sum", labels, NULL);
	text_print(text, "%.12g\n", histogram->sum);
	add_name(text, metric, "_count", labels, NULL);
	text_print(text, "%" PRIu64 "\n", sum);
}
