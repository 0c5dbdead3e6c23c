/* SPDX-License-Identifier: Apache-2.0 */
/* One reading of what a router counts, made from its answers: names, states and numbers, in the order of names. */
#ifndef SLUICE_CTL_TOP_SAMPLE_H
#define SLUICE_CTL_TOP_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sluice/v1/state_service.pb-c.h"

enum top_kind { TOP_INTERFACE, TOP_VERDICT, TOP_TUNNEL, TOP_STAGE, TOP_MEMBER, TOP_KINDS };

#define TOP_COUNTS 4

struct top_count {
	char *name;
	char state[16];
	bool good;
	/* Interfaces and tunnels: packets and bytes received, and sent. Verdicts and stages: packets and bytes.
	 * Members: connections now, and since they were made. */
	uint64_t count[TOP_COUNTS];
};

struct top_list {
	struct top_count *count;
	size_t counts;
	uint64_t time_ns; /* CLOCK_MONOTONIC, when its answer came */
};

struct top_sample {
	char version[32];
	uint64_t revision, generation, uptime_seconds;
	uint64_t connections, connections_most;
	struct top_list list[TOP_KINDS];
};

/* Both 0, or -1: out of memory. */
int top_add_resource(struct top_list *list, enum top_kind kind, const Sluice__V1__ResourceState *state);
int top_add_verdict(struct top_list *list, const Sluice__V1__PacketCounter *counter);

/* By name: the views need it so. */
void top_sort(struct top_list *list);

/* Leaves it empty. */
void top_sample_clear(struct top_sample *sample);

#endif
