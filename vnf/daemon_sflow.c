/* SPDX-License-Identifier: Apache-2.0 */
/* sFlow in the daemon: its sockets, which are of the namespace that it was started in, and what the agent asks the
 * router. */
#include <netinet/in.h>
#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/control/seen/ways.h"
#include "vnf/core/log.h"
#include "vnf/daemon.h"
#include "vnf/observe/observer.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/sflow/agent.h"

#define SAMPLE_BYTES 256 /* of a frame at least */

struct daemon_sflow {
	struct sflow_sockets sockets;
	struct sflow_router router;
	struct reconciler *reconciler;
	struct seen_ways *ways;
	struct sflow_agent *agent;
};

static uint32_t find_port(void *context, size_t n)
{
	struct device_facts facts;

	return reconciler_port(((struct daemon_sflow *)context)->reconciler, n, &facts) ? 0 : facts.ifindex;
}

static void refresh(void *context)
{
	seen_ways_refresh(((struct daemon_sflow *)context)->ways);
}

/* The protocol number of an outer IP header. */
static uint8_t protocol_of(const struct seen_way *way, const struct dp_step *last)
{
	if (way->udp_port)
		return IPPROTO_UDP;
	return last->family == 6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
}

static void find_way(void *context, const struct observed *observed, struct sflow_way *way)
{
	const struct dp_observation *head = observed->head;
	struct seen_way seen;

	seen_ways_find(((struct daemon_sflow *)context)->ways, head, &seen);
	way->out_vlan = seen.vlan_id;
	way->next_hop = seen.next_hop;
	way->destination_mask = seen.prefix_length;
	if (seen.tunnelled)
		way->tunnel = (struct sflow_tunnel){.local = seen.local,
						    .remote = seen.remote,
						    .protocol = protocol_of(&seen, &head->last),
						    .udp_port = seen.udp_port,
						    .has_vni = seen.vni,
						    .vni = seen.vni};
}

int open_sflow(struct daemon *daemon)
{
	const struct settings *settings = &daemon->options.settings;
	struct error error = {0};

	if (!settings->sflow.collectors)
		return 0;
	daemon->sflow = calloc(1, sizeof(*daemon->sflow));
	if (!daemon->sflow) {
		log_error("sFlow: out of memory");
		return -1;
	}
	if (!sflow_sockets_open(&daemon->sflow->sockets, settings->sflow.collector, settings->sflow.collectors,
				settings->management_interface, &error))
		return 0;
	log_faults("sFlow", &error);
	return -1;
}

void close_sflow(struct daemon *daemon)
{
	if (!daemon->sflow)
		return;
	sflow_sockets_close(&daemon->sflow->sockets);
	free(daemon->sflow);
	daemon->sflow = NULL;
}

/* The router's, for whoever takes them; frames are kept for rehearsals, too. */
static int start_samples(struct daemon *daemon, struct error *error)
{
	const struct settings *settings = &daemon->options.settings;
	uint16_t snap = settings->sflow.header_bytes > SAMPLE_BYTES ? settings->sflow.header_bytes : SAMPLE_BYTES;

	return settings->sampling ? observer_sample(daemon->observer, settings->sampling, snap, error) : 0;
}

static void tell(void *context, Sluice__V1__Sflow *sflow)
{
	struct sflow_counts counts;

	sflow_agent_counts(((struct daemon_sflow *)context)->agent, &counts);
	sflow->flow_samples = counts.flows;
	sflow->counter_samples = counts.counters;
	sflow->no_memory = counts.no_memory;
	sflow->datagrams = counts.sent;
	sflow->datagrams_lost = counts.lost;
}

static int start_agent(struct daemon *daemon, struct error *error)
{
	const struct settings_sflow *settings = &daemon->options.settings.sflow;
	const struct sflow_options options = {.agent = settings->agent,
					      .sampling = daemon->options.settings.sampling,
					      .polling_ms = settings->polling_seconds * 1000,
					      .header_bytes = settings->header_bytes,
					      .no_tunnels = settings->no_tunnels};
	struct daemon_sflow *sflow = daemon->sflow;

	sflow->reconciler = daemon->reconciler;
	sflow->router = (struct sflow_router){sflow, find_port, refresh, find_way};
	sflow->ways = control_ways_new(daemon->control);
	sflow->agent = sflow->ways ? sflow_agent_new(&options, &sflow->router, &sflow->sockets) : NULL;
	if (sflow->agent) {
		control_set_sflow(daemon->control, tell, sflow);
		return sflow_agent_start(sflow->agent, daemon->observer, error);
	}
	error_no_memory(error, NULL);
	return -1;
}

int start_sflow(struct daemon *daemon)
{
	struct error error = {0};

	if (start_samples(daemon, &error)) {
		log_faults("sampling", &error);
		return -1;
	}
	if (!daemon->sflow || !start_agent(daemon, &error))
		return 0;
	log_faults("sFlow", &error);
	return -1;
}

void stop_sflow(struct daemon *daemon)
{
	if (!daemon->sflow)
		return;
	sflow_agent_free(daemon->sflow->agent);
	seen_ways_free(daemon->sflow->ways);
	daemon->sflow->agent = NULL;
	daemon->sflow->ways = NULL;
}
