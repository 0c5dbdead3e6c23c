// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/internal.h"

void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum)
{
	struct dp_counter value[dataplane->cpus];

	memset(sum, 0, sizeof(*sum));
	if (index >= dataplane->counter_count || bpf_map_lookup_elem(dataplane->counters, &index, value))
		return;
	for (int cpu = 0; cpu < dataplane->cpus; cpu++) {
		sum->packets += value[cpu].packets;
		sum->bytes += value[cpu].bytes;
	}
}

void dataplane_counter_reset(struct dataplane *dataplane, uint32_t index)
{
	struct dp_counter value[dataplane->cpus];

	if (index >= dataplane->counter_count)
		return;
	memset(value, 0, sizeof(value));
	if (bpf_map_update_elem(dataplane->counters, &index, value, BPF_EXIST))
		log_warning("counter %u is not reset: %s", index, strerror(errno));
}

uint32_t dataplane_max_routes(const struct dataplane *dataplane)
{
	return dataplane->max_routes;
}
