/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "vnf/dataplane/internal.h"
#include "router.skel.h"

int counters_size(struct dataplane *dataplane)
{
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	dataplane->cpus = (uint32_t)cpus;
	dataplane->counter_count = DP_COUNTER_ROUTES + dataplane->max_routes + 1;
	dataplane->skeleton->rodata->counter_stride = dataplane->counter_count;
	return bpf_map__set_max_entries(dataplane->skeleton->maps.counters, dataplane->counter_count * dataplane->cpus);
}

static size_t mapping_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_counter) * dataplane->counter_count * dataplane->cpus;
}

int counters_map(struct dataplane *dataplane)
{
	void *mapping = mmap(NULL, mapping_size(dataplane), PROT_READ | PROT_WRITE, MAP_SHARED,
			     bpf_map__fd(dataplane->skeleton->maps.counters), 0);

	if (mapping == MAP_FAILED)
		return -errno;
	dataplane->counters = mapping;
	return 0;
}

void counters_unmap(struct dataplane *dataplane)
{
	if (dataplane->counters)
		munmap(dataplane->counters, mapping_size(dataplane));
}

void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum)
{
	const struct dp_counter *counter = dataplane->counters + index;

	memset(sum, 0, sizeof(*sum));
	if (index >= dataplane->counter_count)
		return;
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, counter += dataplane->counter_count) {
		sum->packets += __atomic_load_n(&counter->packets, __ATOMIC_RELAXED);
		sum->bytes += __atomic_load_n(&counter->bytes, __ATOMIC_RELAXED);
	}
}

void dataplane_counter_reset(struct dataplane *dataplane, uint32_t index)
{
	struct dp_counter *counter = dataplane->counters + index;

	if (index >= dataplane->counter_count)
		return;
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, counter += dataplane->counter_count) {
		__atomic_store_n(&counter->packets, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&counter->bytes, 0, __ATOMIC_RELAXED);
	}
}

uint32_t dataplane_max_routes(const struct dataplane *dataplane)
{
	return dataplane->max_routes;
}
