/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a scrape. */
#ifndef SLUICE_WEB_METRICS_GROUPS_H
#define SLUICE_WEB_METRICS_GROUPS_H

#include "vnf/web/metrics/text.h"

struct control;

/* A scrape at work. A group adds its families; where `text.failed` is set in the end, no memory was left. */
struct scrape {
	struct control *control;
	bool open_metrics;
	struct text text;
};

typedef void metrics_group(struct scrape *scrape);
metrics_group metrics_system, metrics_packets, metrics_limits, metrics_vrfs, metrics_ports, metrics_connections,
	metrics_commits, metrics_resources;

#endif
