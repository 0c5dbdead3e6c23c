/* SPDX-License-Identifier: Apache-2.0 */
/* From what the observer has seen of a packet to its flow sample. */
#include <linux/if_ether.h>

#include "vnf/observe/observer.h"
#include "vnf/sflow/agent_state.h"
#include "vnf/sflow/drop_code.h"

#define TAG_SIZE     4
#define VLAN_ID_MASK 0xfff

static enum dp_verdict verdict_of(enum dp_reason reason)
{
	static const uint8_t verdicts[] = {
#define VERDICT(name, verdict, description) DP_VERDICT_##verdict,
		DP_REASONS(VERDICT)
#undef VERDICT
	};

	return reason < DP_REASON_COUNT ? (enum dp_verdict)verdicts[reason] : DP_VERDICT_DROPPED;
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* Where it went: an interface, the router itself, which answers too, or nowhere. */
static uint32_t output_of(const struct dp_observation *head)
{
	switch (verdict_of(head->reason)) {
	case DP_VERDICT_FORWARDED:
		return head->out_ifindex;
	case DP_VERDICT_PUNTED:
	case DP_VERDICT_ANSWERED:
		return SFLOW_INTERNAL;
	default:
		return SFLOW_DROPPED | sflow_drop_code(head->reason);
	}
}

static void set_vlans(struct sflow_flow *flow, const struct sflow_way *way)
{
	uint16_t proto = flow->kept >= ETH_HLEN + TAG_SIZE ? get16(flow->header + 12) : 0;

	flow->out_vlan = way->out_vlan;
	if (proto == ETH_P_8021Q || proto == ETH_P_8021AD) {
		flow->in_vlan = get16(flow->header + ETH_HLEN) & VLAN_ID_MASK;
		flow->in_priority = flow->header[ETH_HLEN] >> 5;
	}
	flow->tagged = flow->in_vlan || flow->out_vlan || flow->in_priority;
}

/* The inner frame begins in front of the inner IP header, behind a tag of VLAN 0 where it has one (IEEE 802.1Q 9.6);
 * without a VNI there is no frame. */
static void set_tunnel_in(struct sflow_flow *flow, const struct dp_step *last)
{
	uint32_t l3 = last->l3;

	flow->decapsulated = last->decapsulated && l3 > ETH_HLEN + TAG_SIZE;
	if (!flow->decapsulated)
		return;
	flow->has_vni = last->vni;
	flow->vni = last->vni;
	flow->inner = l3;
	if (!flow->has_vni)
		return;
	flow->inner -= ETH_HLEN;
	if (l3 <= flow->kept && get16(flow->header + l3 - 6) == ETH_P_8021Q &&
	    !(get16(flow->header + l3 - 4) & VLAN_ID_MASK))
		flow->inner -= TAG_SIZE;
}

static void set_way(struct sflow_flow *flow, const struct dp_observation *head, const struct sflow_way *way)
{
	const struct dp_step *last = &head->last;

	if (verdict_of(head->reason) != DP_VERDICT_FORWARDED || head->reason == DP_REASON_steered)
		return;
	flow->routed = true;
	flow->next_hop = way->next_hop;
	flow->destination_mask = way->destination_mask;
	flow->encapsulated = last->encapsulated && way->tunnel.remote.family;
	if (!flow->encapsulated)
		return;
	flow->tunnel = way->tunnel;
	flow->tunnel.length = head->out_length - ETH_HLEN - (way->out_vlan ? TAG_SIZE : 0);
}

static void put_flow(struct xdr *xdr, const void *sample)
{
	sflow_put_flow(xdr, sample);
}

/* Of the source, which counts it. Under the lock. */
static void add_flow(struct sflow_agent *agent, struct sflow_flow *flow, const struct dp_observation *head,
		     uint64_t lost)
{
	struct sflow_source *source = sflow_sources_get(&agent->sources, head->ifindex);

	if (!source) {
		agent->counts.no_memory++;
		return;
	}
	source->pool += head->sampled;
	if (lost > agent->lost) { /* whichever interface they came by */
		source->drops += (uint32_t)(lost - agent->lost);
		agent->lost = lost;
	}
	flow->sequence = ++source->flows;
	flow->pool = source->pool;
	flow->drops = source->drops;
	agent->counts.flows++;
	sflow_agent_add(agent, put_flow, flow);
}

void sflow_agent_take(void *context, const struct observed *observed, uint64_t lost)
{
	struct sflow_agent *agent = context;
	const struct dp_observation *head = observed->head;
	struct sflow_way way = {0};
	struct sflow_flow flow = {
		.ifindex = head->ifindex,
		.sampling = agent->options.sampling,
		.input = head->ifindex ? head->ifindex : SFLOW_INTERNAL,
		.output = output_of(head),
		.header = observed->in,
		.kept = observed->in ? head->in_kept : 0,
		.length = head->in_length,
	};

	if (flow.kept > agent->options.header_bytes)
		flow.kept = agent->options.header_bytes;
	agent->router->way(agent->router->context, observed, &way);
	set_vlans(&flow, &way);
	if (agent->options.no_tunnels)
		way.tunnel = (struct sflow_tunnel){0};
	else
		set_tunnel_in(&flow, &head->last);
	set_way(&flow, head, &way);
	pthread_mutex_lock(&agent->lock);
	add_flow(agent, &flow, head, lost);
	pthread_mutex_unlock(&agent->lock);
}
