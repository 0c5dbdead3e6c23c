/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces, tunnels, stages of chains, and what stands before them. */
#include "vnf/web/metrics/kind_metrics.h"

static bool sent_packets(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->sent ? state->sent->packets : 0;
	return state->sent;
}

static bool sent_bytes(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->sent ? state->sent->bytes : 0;
	return state->sent;
}

static void label_interface(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"interface", state->key};
	label[1] = (struct label){"vrf", state->resource->interface->vrf};
	label[2] = (struct label){"device", state->resource->interface->device};
}

static bool is_up(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->interface_status && state->interface_status->up;
	return true;
}

static bool hosts(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->interface_status ? state->interface_status->hosts : 0;
	return state->interface_status;
}

static const struct kind_family interface_families[] = {
	{{"sluice_interface_receive_packets", METRIC_COUNTER, "packets", "Packets that came by the interface"},
	 kind_packets,
	 0},
	{{"sluice_interface_receive_bytes", METRIC_COUNTER, "bytes", "Bytes of frames that came by the interface"},
	 kind_bytes,
	 0},
	{{"sluice_interface_transmit_packets", METRIC_COUNTER, "packets", "Packets that left by the interface"},
	 sent_packets,
	 0},
	{{"sluice_interface_transmit_bytes", METRIC_COUNTER, "bytes", "Bytes of frames that left by the interface"},
	 sent_bytes,
	 0},
	{{"sluice_interface_up", METRIC_GAUGE, NULL, "1: the interface's device is there and up"}, is_up, 0},
	{{"sluice_interface_programmed", METRIC_GAUGE, NULL, "1: packets meet the interface"}, kind_is_programmed, 0},
	{{"sluice_interface_hosts", METRIC_GAUGE, NULL, "Neighbours on the link that packets reach"}, hosts, 0},
};

const struct kind_metrics interface_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_INTERFACE, "interface",
					       label_interface, interface_families,
					       KIND_FAMILY_COUNT(interface_families)};

static void label_tunnel(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	static const char *const names[] = {"", "vxlan", "geneve", "ipip", "gue"};
	unsigned int kind = (unsigned int)state->resource->tunnel_endpoint->kind;

	label[0] = (struct label){"tunnel", state->key};
	label[1] = (struct label){"type", kind < sizeof(names) / sizeof(*names) ? names[kind] : "other"};
	label[2] = (struct label){"underlay_vrf", state->resource->tunnel_endpoint->underlay_vrf};
}

static bool path_mtu(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->tunnel_endpoint_status ? state->tunnel_endpoint_status->path_mtu : 0;
	return *value;
}

static const struct kind_family tunnel_families[] = {
	{{"sluice_tunnel_decapsulated_packets", METRIC_COUNTER, "packets", "Packets that came out of the tunnel"},
	 kind_packets,
	 0},
	{{"sluice_tunnel_decapsulated_bytes", METRIC_COUNTER, "bytes", "Bytes of outer frames that came by the tunnel"},
	 kind_bytes,
	 0},
	{{"sluice_tunnel_encapsulated_packets", METRIC_COUNTER, "packets", "Packets that went into the tunnel"},
	 sent_packets,
	 0},
	{{"sluice_tunnel_encapsulated_bytes", METRIC_COUNTER, "bytes", "Bytes of outer frames sent into the tunnel"},
	 sent_bytes,
	 0},
	{{"sluice_tunnel_programmed", METRIC_GAUGE, NULL, "1: packets can go into the tunnel"}, kind_is_programmed, 0},
	{{"sluice_tunnel_path_mtu_bytes", METRIC_GAUGE, "bytes",
	  "The largest outer packet that the path takes, where a router on it has said so"},
	 path_mtu,
	 0},
};

const struct kind_metrics tunnel_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_TUNNEL_ENDPOINT, "tunnel_endpoint",
					    label_tunnel, tunnel_families, KIND_FAMILY_COUNT(tunnel_families)};

static void label_stage(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"stage", state->key};
}

static const struct kind_family stage_families[] = {
	{{"sluice_stage_packets", METRIC_COUNTER, "packets", "Packets sent into a stage (port pair group) of chains"},
	 kind_packets,
	 0},
	{{"sluice_stage_bytes", METRIC_COUNTER, "bytes", "Bytes of frames sent into a stage of chains"}, kind_bytes, 0},
	{{"sluice_stage_programmed", METRIC_GAUGE, NULL, "1: a port pair of the stage takes packets"},
	 kind_is_programmed,
	 0},
};

const struct kind_metrics stage_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_PORT_PAIR_GROUP, "port_pair_group",
					   label_stage, stage_families, KIND_FAMILY_COUNT(stage_families)};

static void label_classifier(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"classifier", state->key};
}

static const struct kind_family classifier_families[] = {
	{{"sluice_classifier_packets", METRIC_COUNTER, "packets", "Packets that a flow classifier has matched"},
	 kind_packets,
	 0},
	{{"sluice_classifier_bytes", METRIC_COUNTER, "bytes", "Bytes of frames that a flow classifier has matched"},
	 kind_bytes,
	 0},
};

const struct kind_metrics classifier_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_FLOW_CLASSIFIER,
						"flow_classifier", label_classifier, classifier_families,
						KIND_FAMILY_COUNT(classifier_families)};
