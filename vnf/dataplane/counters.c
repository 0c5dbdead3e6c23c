/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/xdp/load.h"

static size_t counters_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_counter) * dataplane->counter_count * dataplane->cpus;
}

static size_t pending_size(const struct dataplane *dataplane)
{
	return sizeof(struct dp_pending) * dataplane->cpus;
}

/* NULL: errno says why. */
static void *map(const struct loaded *loaded, const char *name, size_t size)
{
	void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, loaded_fd(loaded, name), 0);

	return mapping == MAP_FAILED ? NULL : mapping;
}

int counters_map(struct dataplane *dataplane, const struct loaded *loaded)
{
	dataplane->counter_count = maps_counters(&dataplane->limits);
	dataplane->cpus = loaded->cpus;
	dataplane->counters = map(loaded, "counters", counters_size(dataplane));
	if (!dataplane->counters)
		return -errno;
	dataplane->pending = map(loaded, "pending", pending_size(dataplane));
	return dataplane->pending ? 0 : -errno;
}

void counters_unmap(struct dataplane *dataplane)
{
	if (dataplane->counters)
		munmap(dataplane->counters, counters_size(dataplane));
	if (dataplane->pending)
		munmap(dataplane->pending, pending_size(dataplane));
}

/* Which counters a field of a record adds to: those from `first` on, by the field's value, which is 0 where there is
 * none. */
struct counted {
	uint32_t first, count;
	uint16_t offset, size;
	bool sent; /* its bytes are those that were sent */
};

#define FIELD(field) offsetof(struct dp_record, field), sizeof(((struct dp_record *)NULL)->field)
#define LISTENERS    0xff000000U /* in place of the first listener's, which the limits say */
#define ROUTES	     (LISTENERS - DP_COUNTER_ROUTES)

static const struct counted counted[] = {
	{DP_COUNTER_RX, DP_COUNTER_TX - DP_COUNTER_RX, FIELD(rx), false},
	{DP_COUNTER_TX, DP_COUNTER_DECAP - DP_COUNTER_TX, FIELD(tx), true},
	{DP_COUNTER_DECAP, DP_COUNTER_ENCAP - DP_COUNTER_DECAP, FIELD(decap), false},
	{DP_COUNTER_ENCAP, DP_COUNTER_STAGES - DP_COUNTER_ENCAP, FIELD(encap), true},
	{DP_COUNTER_STAGES, DP_COUNTER_CLASSIFIERS - DP_COUNTER_STAGES, FIELD(port_pair_group), true},
	{DP_COUNTER_CLASSIFIERS, DP_COUNTER_POLICY - DP_COUNTER_CLASSIFIERS, FIELD(classifier), false},
	{LISTENERS, DP_MAX_LISTENERS + 1, FIELD(listener), false},
	{DP_COUNTER_ROUTES, ROUTES, FIELD(route), false},
	{DP_COUNTER_ROUTES, ROUTES, FIELD(underlay_route), false},
	/* Every record has a reason, of which 0 is one, too. */
	{DP_COUNTER_REASONS, DP_COUNTER_RX, FIELD(reason), false},
};
#define COUNTED (sizeof(counted) / sizeof(*counted))
#define REASON	(&counted[COUNTED - 1])

/* The counter's index as the table above has it. */
static uint32_t index_of(const struct dataplane *dataplane, uint32_t counter)
{
	uint32_t listeners = dp_counter_listeners(dataplane->limits.routes, dataplane->limits.members);

	return counter < listeners ? counter : LISTENERS + (counter - listeners);
}

static bool adds_to(const struct counted *field, uint32_t index)
{
	return index - field->first < field->count && (index > field->first || field == REASON);
}

static uint32_t load(const struct dp_record *record, const struct counted *field)
{
	const char *at = (const char *)record + field->offset;

	if (field->size == sizeof(uint16_t))
		return __atomic_load_n((const uint16_t *)at, __ATOMIC_ACQUIRE);
	return __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
}

/* Adds what the CPU's records have for the counter. */
static void add_pending(const struct dp_pending *pending, uint32_t index, struct dp_counter *sum)
{
	uint64_t records = __atomic_load_n(&pending->records, __ATOMIC_ACQUIRE);

	for (const struct counted *field = counted; field < counted + COUNTED; field++) {
		if (!adds_to(field, index))
			continue;
		for (uint64_t i = 0; i < records && i < DP_PENDING_RECORDS; i++) {
			const struct dp_record *record = &pending->record[i];

			/* Acquire: `turns` is looked at again after them (read_counter). */
			if (load(record, field) != index - field->first)
				continue;
			sum->packets++;
			sum->bytes += __atomic_load_n(field->sent ? &record->sent : &record->length, __ATOMIC_ACQUIRE);
		}
	}
}

/* Reads one CPU's counter; `counter` and `pending` are that CPU's. */
static struct dp_counter read_counter(const struct dp_counter *counter, const struct dp_pending *pending,
				      uint32_t index)
{
	uint64_t before, after;
	struct dp_counter sum;

	do {
		before = __atomic_load_n(&pending->turns, __ATOMIC_ACQUIRE);
		sum.packets = __atomic_load_n(&counter->packets, __ATOMIC_ACQUIRE);
		sum.bytes = __atomic_load_n(&counter->bytes, __ATOMIC_ACQUIRE);
		add_pending(pending, index, &sum);
		after = __atomic_load_n(&pending->turns, __ATOMIC_RELAXED);
	} while (after != before || before & 1);
	return sum;
}

void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum)
{
	const struct dp_counter *counter = dataplane->counters + index;

	memset(sum, 0, sizeof(*sum));
	if (index >= dataplane->counter_count)
		return;
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, counter += dataplane->counter_count) {
		struct dp_counter one = read_counter(counter, &dataplane->pending[cpu], index_of(dataplane, index));

		sum->packets += one.packets;
		sum->bytes += one.bytes;
	}
}

/* Adds one CPU's counters of the reasons; `counter` and `pending` are that CPU's. */
static void add_reasons(const struct dp_counter *counter, const struct dp_pending *pending, struct dp_counter *sum)
{
	struct dp_counter read[DP_REASON_COUNT];
	uint64_t before, after;

	do {
		uint64_t records;

		before = __atomic_load_n(&pending->turns, __ATOMIC_ACQUIRE);
		for (uint32_t i = 0; i < DP_REASON_COUNT; i++) {
			read[i].packets = __atomic_load_n(&counter[i].packets, __ATOMIC_ACQUIRE);
			read[i].bytes = __atomic_load_n(&counter[i].bytes, __ATOMIC_ACQUIRE);
		}
		records = __atomic_load_n(&pending->records, __ATOMIC_ACQUIRE);
		for (uint64_t i = 0; i < records && i < DP_PENDING_RECORDS; i++) {
			const struct dp_record *record = &pending->record[i];
			const uint32_t reason = load(record, REASON);

			if (reason >= DP_REASON_COUNT)
				continue;
			read[reason].packets++;
			read[reason].bytes += __atomic_load_n(&record->length, __ATOMIC_ACQUIRE);
		}
		after = __atomic_load_n(&pending->turns, __ATOMIC_RELAXED);
	} while (after != before || before & 1);
	for (uint32_t i = 0; i < DP_REASON_COUNT; i++) {
		sum[i].packets += read[i].packets;
		sum[i].bytes += read[i].bytes;
	}
}

void dataplane_reason_counters(const struct dataplane *dataplane, struct dp_counter sum[DP_REASON_COUNT])
{
	const struct dp_counter *counter = dataplane->counters + DP_COUNTER_REASONS;

	memset(sum, 0, DP_REASON_COUNT * sizeof(*sum));
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, counter += dataplane->counter_count)
		add_reasons(counter, &dataplane->pending[cpu], sum);
}

/* Looks first: a record that has another value, which is nearly every one, costs a load and no locked write. */
static void forget(struct dp_record *record, const struct counted *field, uint32_t value)
{
	char *at = (char *)record + field->offset;
	uint16_t narrow = (uint16_t)value;

	if (load(record, field) != value)
		return;
	if (field->size == sizeof(narrow))
		__atomic_compare_exchange_n((uint16_t *)at, &narrow, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	else
		__atomic_compare_exchange_n((uint32_t *)at, &value, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Takes the counter out of the records, each unless it has become another packet's meanwhile. */
static void forget_pending(struct dp_pending *pending, uint32_t index)
{
	for (const struct counted *field = counted; field < REASON; field++)
		for (unsigned int i = 0; i < DP_PENDING_RECORDS && adds_to(field, index); i++)
			forget(&pending->record[i], field, index - field->first);
}

static void reset_counter(struct dp_counter *counter, struct dp_pending *pending, uint32_t index)
{
	uint64_t before, after;

	do { /* again if records were being counted: the counter may have been among them */
		before = __atomic_load_n(&pending->turns, __ATOMIC_SEQ_CST);
		forget_pending(pending, index);
		__atomic_store_n(&counter->packets, 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&counter->bytes, 0, __ATOMIC_SEQ_CST);
		after = __atomic_load_n(&pending->turns, __ATOMIC_SEQ_CST);
	} while (after != before || before & 1);
}

static void empty_limiter(struct dp_limiter *limiter)
{
	__atomic_store_n(&limiter->time, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&limiter->excess_time, 0, __ATOMIC_RELAXED);
}

void dataplane_counter_reset(struct dataplane *dataplane, uint32_t index)
{
	struct dp_counter *counter = dataplane->counters + index;

	if (index >= dataplane->counter_count)
		return;
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++, counter += dataplane->counter_count)
		reset_counter(counter, &dataplane->pending[cpu], index_of(dataplane, index));
	if (index > DP_COUNTER_LIMITERS && index <= DP_COUNTER_LIMITERS + dataplane->limits.rate_limiters)
		empty_limiter(&dataplane->limiters[index - DP_COUNTER_LIMITERS]);
}
