/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/xdp/load.h"

static size_t mapping_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_counter) * dataplane->counter_count * dataplane->cpus;
}

int counters_map(struct dataplane *dataplane, const struct loaded *loaded)
{
	int fd = loaded_fd(loaded, "counters");
	void *mapping;

	dataplane->counter_count = maps_counters(&dataplane->limits);
	dataplane->cpus = loaded->cpus;
	mapping = mmap(NULL, mapping_size(dataplane), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
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

static bool counts_routes(uint32_t index)
{
	return index > DP_COUNTER_ROUTES;
}

/* Adds a CPU's notes of the route (api/dp/bank.h). `head` is DP_COUNTER_PENDING. */
static void add_pending(const struct dp_counter *head, uint32_t route, struct dp_counter *sum)
{
	uint64_t notes = __atomic_load_n(&head->packets, __ATOMIC_ACQUIRE);

	for (uint64_t i = 0; i < notes && i < DP_PENDING_ROUTES; i++) {
		/* Acquire: the head is looked at again after them (read_counter). */
		if (__atomic_load_n(&head[1 + i].packets, __ATOMIC_ACQUIRE) == route) {
			sum->packets++;
			sum->bytes += __atomic_load_n(&head[1 + i].bytes, __ATOMIC_ACQUIRE);
		}
	}
}

/* Of one CPU, whose block this is. */
static struct dp_counter read_counter(const struct dp_counter *block, uint32_t index)
{
	const struct dp_counter *head = block + DP_COUNTER_PENDING;
	uint64_t before, after;
	struct dp_counter sum;

	do {
		before = __atomic_load_n(&head->bytes, __ATOMIC_ACQUIRE);
		sum.packets = __atomic_load_n(&block[index].packets, __ATOMIC_ACQUIRE);
		sum.bytes = __atomic_load_n(&block[index].bytes, __ATOMIC_ACQUIRE);
		if (!counts_routes(index))
			break;
		add_pending(head, index - DP_COUNTER_ROUTES, &sum);
		after = __atomic_load_n(&head->bytes, __ATOMIC_RELAXED);
	} while (after != before || before & 1);
	return sum;
}

void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum)
{
	const struct dp_counter *block = dataplane->counters;

	memset(sum, 0, sizeof(*sum));
	if (index >= dataplane->counter_count)
		return;
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, block += dataplane->counter_count) {
		struct dp_counter one = read_counter(block, index);

		sum->packets += one.packets;
		sum->bytes += one.bytes;
	}
}

/* Takes the route's notes back, each unless it has become another packet's meanwhile. */
static void forget_pending(struct dp_counter *head, uint64_t route)
{
	for (unsigned int i = 0; i < DP_PENDING_ROUTES; i++) {
		__u64 noted = route;

		__atomic_compare_exchange_n(&head[1 + i].packets, &noted, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
}

static void reset_counter(struct dp_counter *block, uint32_t index)
{
	struct dp_counter *head = block + DP_COUNTER_PENDING;
	uint64_t before, after;

	do { /* again if notes were being counted: the route's may have been among them */
		before = __atomic_load_n(&head->bytes, __ATOMIC_SEQ_CST);
		if (counts_routes(index))
			forget_pending(head, index - DP_COUNTER_ROUTES);
		__atomic_store_n(&block[index].packets, 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&block[index].bytes, 0, __ATOMIC_SEQ_CST);
		after = __atomic_load_n(&head->bytes, __ATOMIC_SEQ_CST);
	} while (counts_routes(index) && (after != before || before & 1));
}

void dataplane_counter_reset(struct dataplane *dataplane, uint32_t index)
{
	struct dp_counter *block = dataplane->counters;

	if (index >= dataplane->counter_count)
		return;
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, block += dataplane->counter_count)
		reset_counter(block, index);
}
