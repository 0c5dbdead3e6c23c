/* SPDX-License-Identifier: Apache-2.0 */
/* The data sources of sFlow: what is counted for each interface by which packets come. */
#ifndef SLUICE_SFLOW_SOURCES_H
#define SLUICE_SFLOW_SOURCES_H

#include <stddef.h>
#include <stdint.h>

struct sflow_source {
	uint32_t ifindex;
	uint32_t flows, counters; /* sequence numbers: samples so far */
	uint32_t pool;		  /* packets that could have been sampled */
	uint32_t drops;		  /* samples that were lost */
};

/* Zero-initialise. In order of ifindex. */
struct sflow_sources {
	struct sflow_source *source;
	size_t count, room;
};

/* The interface's, which is new where it was not there; NULL: out of memory. It is where it is until the next call. */
struct sflow_source *sflow_sources_get(struct sflow_sources *sources, uint32_t ifindex);
void sflow_sources_free(struct sflow_sources *sources); /* frees what it points to */

#endif
