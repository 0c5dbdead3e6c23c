/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two forms in which Prometheus reads metrics: its text format 0.0.4, and OpenMetrics 1.0. They differ in names of
 * families, in units, and in their end.
 */
#ifndef SLUICE_WEB_METRICS_TEXT_H
#define SLUICE_WEB_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows; zero-initialise. Where no memory was left, `failed` is set and the rest is dropped. */
struct text {
	char *bytes; /* from malloc; not terminated */
	size_t length, room;
	bool failed;
};

void text_clear(struct text *text);
void text_add(struct text *text, const char *bytes, size_t length);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds what is in `more`, which is cleared. */
void text_move(struct text *text, struct text *more);

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_INFO };

/* A family of metrics, which differ in their labels. */
struct metric {
	const char *name; /* without _total or _info; ends with the unit */
	enum metric_type type;
	const char *unit; /* base unit: "seconds", "bytes"; NULL: none */
	const char *help;
};

/* A label; its value is text in UTF-8 of any kind. */
struct label {
	const char *name, *value;
};

/* The lines before the samples. */
void metric_begin(struct text *text, const struct metric *metric, bool open_metrics);

/* A sample; labels end with one whose name is NULL; `labels` NULL: there are none. */
void metric_sample(struct text *text, const struct metric *metric, const struct label *labels, uint64_t value);
/* Likewise, of a value that is no integer. */
void metric_sample_real(struct text *text, const struct metric *metric, const struct label *labels, double value);

/* Of a histogram: `count` observations in each bucket up to bound[i], then those beyond, count + 1 numbers. */
struct metric_histogram {
	size_t buckets;
	const double *bound;
	const uint64_t *count;
	double sum;
};
void metric_sample_histogram(struct text *text, const struct metric *metric, const struct label *labels,
			     const struct metric_histogram *histogram);

#endif
