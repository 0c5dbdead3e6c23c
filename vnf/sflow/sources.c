/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/sources.h"

#include <stdlib.h>
#include <string.h>

static struct sflow_source *insert(struct sflow_sources *sources, size_t at, uint32_t ifindex)
{
	if (sources->count == sources->room) {
		size_t room = sources->room ? 2 * sources->room : 16;
		struct sflow_source *more = reallocarray(sources->source, room, sizeof(*more));

		if (!more)
			return NULL;
		sources->source = more;
		sources->room = room;
	}
	memmove(sources->source + at + 1, sources->source + at, (sources->count++ - at) * sizeof(*sources->source));
	sources->source[at] = (struct sflow_source){.ifindex = ifindex};
	return &sources->source[at];
}

struct sflow_source *sflow_sources_get(struct sflow_sources *sources, uint32_t ifindex)
{
	size_t low = 0, high = sources->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sources->source[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < sources->count && sources->source[low].ifindex == ifindex)
		return &sources->source[low];
	return insert(sources, low, ifindex);
}

void sflow_sources_free(struct sflow_sources *sources)
{
	free(sources->source);
	*sources = (struct sflow_sources){0};
}
