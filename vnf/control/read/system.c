/* SPDX-License-Identifier: Apache-2.0 */
/* GetSystem, ListLimits, ListPorts, ListPacketCounters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "api/dp/limits.h"
#include "api/dp/reason.h"
#include "api/dp/bank.h"
#include "vnf/control/read/figures.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/commit/recorder.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/dataplane/dataplane.h"

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

/* The caller's message is only touched by a whole answer. */
static void move_answer(void *to, void *from)
{
	memcpy(to, from, ((ProtobufCMessage *)from)->descriptor->sizeof_message);
	free(from);
}

/* 0, or -1: out of memory. */
static int add_journal(Sluice__V1__GetSystemResponse *answer, const struct recorder *recorder)
{
	struct recorder_status status;
	char fault[256];

	recorder_status(recorder, &status);
	if (!status.path)
		return 0;
	answer->journal = message_new(&sluice__v1__journal__descriptor);
	if (!answer->journal)
		return -1;
	answer->journal->bytes = status.bytes;
	answer->journal->durable_revision = status.durable_revision;
	snprintf(fault, sizeof(fault), "%s: %s", strerror(status.failure), recorder_remedy(status.failure));
	if (status.failure && encode_text(&answer->journal->fault, fault))
		return -1;
	return encode_text(&answer->journal->path, status.path);
}

int read_system(struct reader *reader, Sluice__V1__GetSystemResponse *response, struct error *error)
{
	Sluice__V1__GetSystemResponse *answer = message_new(&sluice__v1__get_system_response__descriptor);
	const struct snapshot *snapshot;
	struct utsname kernel;
	struct timespec now;

	if (!answer)
		return no_memory(error);
	snapshot = history_pin(reader->history);
	answer->revision = snapshot->revision;
	snapshot_unpin(snapshot);
	answer->flow_salt = dataplane_flow_salt(reader->dataplane);
	answer->counters_since = dataplane_counters_since(reader->dataplane);
	answer->generation = reconciler_generation(reader->reconciler);
	clock_gettime(CLOCK_MONOTONIC, &now);
	answer->uptime_seconds = (uint64_t)(now.tv_sec - reader->started.tv_sec);
	answer->open_transactions = transactions_count(reader->transactions);
	uname(&kernel);
	if (encode_text(&answer->version, SLUICE_VERSION) || encode_text(&answer->boot_id, reader->boot_id) ||
	    encode_text(&answer->kernel_release, kernel.release) || add_journal(answer, reader->recorder) ||
	    read_confirmations(reader, answer)) {
		message_free(answer);
		return no_memory(error);
	}
	move_answer(response, answer);
	return 0;
}

static int add_limit(Sluice__V1__ListLimitsResponse *answer, const char *name, uint64_t used, uint64_t maximum,
		     uint64_t reserved)
{
	Sluice__V1__Limit *limit = message_new(&sluice__v1__limit__descriptor);

	if (!limit)
		return -1;
	answer->limits[answer->n_limits++] = limit;
	limit->used = used;
	limit->maximum = maximum;
	limit->reserved = reserved;
	return encode_text(&limit->name, name);
}

/* A row a family: either table may be full by itself. */
static int add_connections(struct reader *reader, Sluice__V1__ListLimitsResponse *answer)
{
	struct connection_figures figures;
	uint64_t all;

	read_connection_counts(reader, &figures);
	all = figures.embryonic + figures.established + figures.over;
	return add_limit(answer, "connections", all - figures.ipv6, figures.capacity, 0) ||
	       add_limit(answer, "ipv6_connections", figures.ipv6, figures.capacity / 2, 0);
}

/* Routes that VRFs have reserved and do not have. */
static uint64_t routes_kept(const struct reader *reader, const struct snapshot *snapshot)
{
	const struct kind_ops *vrfs = kind_ops(RESOURCE_VRF);
	const struct resource *vrf = NULL;
	uint64_t kept = 0;

	while (snapshot->parts[RESOURCE_VRF] && (vrf = snapshot_next(snapshot, RESOURCE_VRF, vrf))) {
		uint32_t reserved = vrfs->parts.count(vrf);
		struct vrf_figures figures;

		figures_read(reader->figures, resource_id(vrf), &figures);
		if (reserved > figures.routes + figures.learned)
			kept += reserved - figures.routes - figures.learned;
	}
	return kept;
}

/* Resources of the kind, and of those that share its ids. */
static uint64_t count_sharing(const struct snapshot *snapshot, enum resource_kind of)
{
	uint64_t count = snapshot->map[of].count;

	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		if (kind_ops((enum resource_kind)kind)->ids_of == of)
			count += snapshot->map[kind].count;
	return count;
}

int read_limits(struct reader *reader, Sluice__V1__ListLimitsResponse *response, struct error *error)
{
	Sluice__V1__ListLimitsResponse *answer = message_new(&sluice__v1__list_limits_response__descriptor);
	const struct dp_limits *limits = handles_limits(reader->handles);
	const struct snapshot *snapshot;
	int result = 0;

	if (!answer)
		return no_memory(error);
	answer->limits = calloc(2 * RESOURCE_KINDS + 4, sizeof(*answer->limits));
	if (!answer->limits) {
		message_free(answer);
		return no_memory(error);
	}
	snapshot = history_pin(reader->history);
	for (int kind = kind_after(0); kind < RESOURCE_KINDS && !result; kind = kind_after(kind)) {
		const struct kind_ops *ops = kind_ops((enum resource_kind)kind);

		if (!ops->ids_of) /* else they are in that kind's row */
			result = add_limit(answer, ops->plural, count_sharing(snapshot, ops->kind),
					   limit_get(limits, ops->limit),
					   ops->kind == RESOURCE_ROUTE ? routes_kept(reader, snapshot) : 0);
	}
	for (int kind = kind_after(0); kind < RESOURCE_KINDS && !result; kind = kind_after(kind)) {
		const struct kind_parts *parts = &kind_ops((enum resource_kind)kind)->parts;

		if (parts->count)
			result = add_limit(answer, parts->plural, snapshot->parts[kind],
					   limit_get(limits, parts->limit), 0);
	}
	snapshot_unpin(snapshot);
	if (!result)
		result = add_limit(answer, "fib_words", dataplane_fib_words(reader->dataplane), limits->fib_words,
				   dataplane_fib_words_kept(reader->dataplane));
	if (!result)
		result = add_connections(reader, answer);
	if (!result)
		result = add_limit(answer, "transactions", transactions_count(reader->transactions), TRANSACTIONS_MAX,
				   0);
	if (result) {
		message_free(answer);
		return no_memory(error);
	}
	move_answer(response, answer);
	return 0;
}

static Sluice__V1__Port *port_new(const struct device_facts *facts)
{
	Sluice__V1__Port *port = message_new(&sluice__v1__port__descriptor);

	if (!port)
		return NULL;
	port->ifindex = facts->ifindex;
	port->mtu = facts->mtu;
	port->up = facts->up;
	port->xdp_mode = (Sluice__V1__XdpMode)facts->xdp_mode;
	if (!encode_text(&port->device, facts->name) && !encode_text(&port->reason, facts->reason) &&
	    !encode_mac(&port->mac, facts->mac))
		return port;
	message_free(port);
	return NULL;
}

int read_ports(struct reader *reader, Sluice__V1__ListPortsResponse *response, struct error *error)
{
	Sluice__V1__ListPortsResponse *answer = message_new(&sluice__v1__list_ports_response__descriptor);
	struct device_facts facts;
	size_t room = 0;

	if (!answer)
		return no_memory(error);
	while (reconciler_port(reader->reconciler, answer->n_ports, &facts) == 0) {
		Sluice__V1__Port *port;

		if (answer->n_ports == room) {
			Sluice__V1__Port **ports;

			room = room ? room * 2 : 16;
			ports = realloc(answer->ports, room * sizeof(*ports));
			if (!ports)
				goto err;
			answer->ports = ports;
		}
		port = port_new(&facts);
		if (!port)
			goto err;
		answer->ports[answer->n_ports++] = port;
	}
	move_answer(response, answer);
	return 0;

err:
	message_free(answer);
	return no_memory(error);
}

_Static_assert((int)DP_VERDICT_FORWARDED == SLUICE__V1__VERDICT__VERDICT_FORWARDED &&
		       (int)DP_VERDICT_PUNTED == SLUICE__V1__VERDICT__VERDICT_PUNTED &&
		       (int)DP_VERDICT_DROPPED == SLUICE__V1__VERDICT__VERDICT_DROPPED &&
		       (int)DP_VERDICT_ANSWERED == SLUICE__V1__VERDICT__VERDICT_ANSWERED,
	       "sluice.v1.Verdict");

static const struct {
	const char *name, *description;
	enum dp_verdict verdict;
} reasons[] = {
#define REASON(name, verdict, description) {#name, description, DP_VERDICT_##verdict},
	DP_REASONS(REASON)
#undef REASON
};

static Sluice__V1__PacketCounter *packet_counter(struct reader *reader, uint32_t reason)
{
	Sluice__V1__PacketCounter *counter = message_new(&sluice__v1__packet_counter__descriptor);
	struct dp_counter sum;

	if (!counter)
		return NULL;
	dataplane_counter(reader->dataplane, DP_COUNTER_REASONS + reason, &sum);
	counter->verdict = (Sluice__V1__Verdict)reasons[reason].verdict;
	counter->counters = message_new(&sluice__v1__counters__descriptor);
	if (!counter->counters || encode_text(&counter->name, reasons[reason].name) ||
	    encode_text(&counter->description, reasons[reason].description)) {
		message_free(counter);
		return NULL;
	}
	counter->counters->packets = sum.packets;
	counter->counters->bytes = sum.bytes;
	return counter;
}

int read_packet_counters(struct reader *reader, Sluice__V1__ListPacketCountersResponse *response, struct error *error)
{
	Sluice__V1__ListPacketCountersResponse *answer =
		message_new(&sluice__v1__list_packet_counters_response__descriptor);

	if (!answer)
		return no_memory(error);
	answer->counters = calloc(DP_REASON_COUNT, sizeof(*answer->counters));
	while (answer->counters && answer->n_counters < DP_REASON_COUNT) {
		Sluice__V1__PacketCounter *counter = packet_counter(reader, (uint32_t)answer->n_counters);

		if (!counter)
			break;
		answer->counters[answer->n_counters++] = counter;
	}
	if (answer->n_counters < DP_REASON_COUNT) {
		message_free(answer);
		return no_memory(error);
	}
	move_answer(response, answer);
	return 0;
}
