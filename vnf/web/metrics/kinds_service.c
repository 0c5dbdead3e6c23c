/* SPDX-License-Identifier: Apache-2.0 */
/* Services: load balancers, listeners, members of pools. */
#include "vnf/web/metrics/kind_metrics.h"

static void label_balancer(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"load_balancer", state->key};
	label[1] = (struct label){"vrf", state->resource->load_balancer->vrf};
	label[2] = (struct label){"vip", state->resource->load_balancer->vip_address};
}

static const struct kind_family balancer_families[] = {
	{{"sluice_load_balancer_programmed", METRIC_GAUGE, NULL, "1: packets meet the load balancer"},
	 kind_is_programmed,
	 0},
};

const struct kind_metrics balancer_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_LOAD_BALANCER, "load_balancer",
					      label_balancer, balancer_families, KIND_FAMILY_COUNT(balancer_families)};

static void label_listener(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"listener", state->key};
	label[1] = (struct label){"load_balancer", state->resource->listener->load_balancer};
}

static const struct kind_family listener_families[] = {
	{{"sluice_listener_packets", METRIC_COUNTER, "packets", "Packets of clients to the listener"}, kind_packets, 0},
	{{"sluice_listener_bytes", METRIC_COUNTER, "bytes", "Bytes of frames of clients to the listener"},
	 kind_bytes,
	 0},
};

const struct kind_metrics listener_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_LISTENER, "listener",
					      label_listener, listener_families, KIND_FAMILY_COUNT(listener_families)};

static void label_member(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"member", state->key};
	label[1] = (struct label){"pool", state->resource->member->pool};
}

static bool is_active(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->member_status && state->member_status->state == SLUICE__V1__MEMBER_STATE__MEMBER_STATE_ACTIVE;
	return true;
}

static bool connections(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->member_status ? state->member_status->connections : 0;
	return state->member_status;
}

static bool opened(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->member_status ? state->member_status->opened : 0;
	return state->member_status;
}

static bool share(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->member_status ? state->member_status->share_per_mille : 0;
	return state->member_status;
}

static bool latency(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->member_status ? state->member_status->latency_microseconds : 0;
	return *value;
}

static const struct kind_family member_families[] = {
	{{"sluice_member_active", METRIC_GAUGE, NULL, "1: the member takes new flows"}, is_active, 0},
	{{"sluice_member_connections", METRIC_GAUGE, NULL, "Flows that the member has"}, connections, 0},
	{{"sluice_member_connections_opened", METRIC_COUNTER, NULL, "Flows that the member has had"}, opened, 0},
	{{"sluice_member_share_ratio", METRIC_GAUGE, "ratio", "Part of the pool's new flows that the member gets"},
	 share,
	 1000},
	{{"sluice_member_packets", METRIC_COUNTER, "packets", "Packets of clients to the member"}, kind_packets, 0},
	{{"sluice_member_bytes", METRIC_COUNTER, "bytes", "Bytes of frames of clients to the member"}, kind_bytes, 0},
	{{"sluice_member_probe_latency_seconds", METRIC_GAUGE, "seconds", "Time that the last health probes took"},
	 latency,
	 1000000},
};

const struct kind_metrics member_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_MEMBER, "member", label_member,
					    member_families, KIND_FAMILY_COUNT(member_families)};
