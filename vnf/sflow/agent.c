/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/core/log.h"
#include "vnf/core/rcu.h"
#include "vnf/observe/observer.h"
#include "vnf/sflow/agent_state.h"
#include "vnf/sflow/link_counters.h"

#define REFRESH_MS 1000

struct sflow_agent *sflow_agent_new(const struct sflow_options *options, const struct sflow_router *router,
				    struct sflow_sockets *sockets)
{
	struct sflow_agent *agent = calloc(1, sizeof(*agent));
	struct ip_address local = options->agent;

	if (!agent)
		return NULL;
	agent->options = *options;
	agent->router = router;
	agent->sockets = sockets;
	agent->links = -1;
	agent->started_ms = monotonic_ms();
	if (!local.family)
		sflow_sockets_local(sockets, &local);
	sflow_datagram_init(&agent->datagram, &local);
	pthread_mutex_init(&agent->lock, NULL);
	condition_init(&agent->changed);
	return agent;
}

void sflow_agent_flush(struct sflow_agent *agent)
{
	size_t length = sflow_datagram_finish(&agent->datagram, (uint32_t)(monotonic_ms() - agent->started_ms));

	if (length)
		sflow_sockets_send(agent->sockets, agent->datagram.byte, length);
}

void sflow_agent_add(struct sflow_agent *agent, void (*put)(struct xdr *xdr, const void *sample), const void *sample)
{
	if (sflow_datagram_add(&agent->datagram, put, sample))
		return;
	sflow_agent_flush(agent);
	sflow_datagram_add(&agent->datagram, put, sample); /* the largest sample fits into an empty one */
}

static void put_interface(struct xdr *xdr, const void *sample)
{
	sflow_put_interface(xdr, sample);
}

static void poll_port(struct sflow_agent *agent, uint32_t ifindex)
{
	struct sflow_interface interface;
	struct sflow_source *source;

	if (agent->links < 0)
		agent->links = link_counters_open();
	if (agent->links < 0 || link_counters_read(agent->links, ifindex, &interface))
		return; /* it has gone, or is asked for the next time */
	pthread_mutex_lock(&agent->lock);
	source = sflow_sources_get(&agent->sources, ifindex);
	if (source) {
		interface.sequence = ++source->counters;
		agent->counts.counters++;
		sflow_agent_add(agent, put_interface, &interface);
	}
	pthread_mutex_unlock(&agent->lock);
}

static void begin_round(struct sflow_agent *agent)
{
	const struct sflow_router *router = agent->router;

	agent->next_port = agent->ports = 0;
	while (router->port(router->context, agent->ports))
		agent->ports++;
}

/* The ports one after the other, each once in polling_ms, so that their samples do not come in bursts. */
static void poll_ports(struct sflow_agent *agent, uint64_t passed_ms)
{
	const struct sflow_router *router = agent->router;
	uint64_t interval = agent->options.polling_ms;

	if (!interval)
		return;
	if (agent->next_port >= agent->ports)
		begin_round(agent);
	agent->polling_due += (passed_ms < interval ? passed_ms : interval) * agent->ports;
	for (; agent->polling_due >= interval && agent->next_port < agent->ports; agent->next_port++) {
		uint32_t ifindex = router->port(router->context, agent->next_port);

		agent->polling_due -= interval;
		if (ifindex)
			poll_port(agent, ifindex);
	}
	if (agent->next_port >= agent->ports)
		agent->polling_due %= interval;
}

/* Not by the observer's thread: whoever reads the log may be slow. */
static void log_losses(struct sflow_agent *agent)
{
	struct sflow_counts counts;

	sflow_agent_counts(agent, &counts);
	if (!counts.lost || agent->warned)
		return;
	agent->warned = true;
	log_warning("sFlow: a datagram could not be sent: %s: is there a way to the collector? Further ones are only "
		    "counted",
		    strerror(agent->sockets->error));
}

void sflow_agent_tick(struct sflow_agent *agent, uint64_t now_ms)
{
	const struct sflow_router *router = agent->router;

	if (router->refresh && (!agent->refreshed_ms || now_ms - agent->refreshed_ms >= REFRESH_MS)) {
		router->refresh(router->context);
		agent->refreshed_ms = now_ms;
	}
	if (!agent->ticked_ms) { /* the first port's turn is at once */
		agent->polling_due = agent->options.polling_ms;
		agent->ticked_ms = now_ms;
	}
	poll_ports(agent, now_ms - agent->ticked_ms);
	agent->ticked_ms = now_ms;
	pthread_mutex_lock(&agent->lock);
	sflow_agent_flush(agent);
	pthread_mutex_unlock(&agent->lock);
	log_losses(agent);
}

static bool wait_for_tick(struct sflow_agent *agent)
{
	const uint64_t until = monotonic_ms() + SFLOW_TICK_MS;
	int late = 0;
	bool ends;

	pthread_mutex_lock(&agent->lock);
	while (!agent->ends && !late)
		late = condition_wait_until(&agent->changed, &agent->lock, until);
	ends = agent->ends;
	pthread_mutex_unlock(&agent->lock);
	return !ends;
}

static void *run(void *context)
{
	struct sflow_agent *agent = context;

	rcu_thread_enter(); /* the router's names are read under RCU */
	do {
		sflow_agent_tick(agent, monotonic_ms());
	} while (wait_for_tick(agent));
	rcu_thread_leave();
	return NULL;
}

int sflow_agent_start(struct sflow_agent *agent, struct observer *observer, struct error *error)
{
	int status = pthread_create(&agent->thread, NULL, run, agent);

	if (status) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, "sflow", "no thread: %s", strerror(status));
		return -1;
	}
	agent->runs = true;
	agent->observer = observer;
	return observer_take_samples(observer, sflow_agent_take, agent, error);
}

static void end(struct sflow_agent *agent)
{
	if (agent->runs)
		observer_stop_samples(agent->observer, sflow_agent_take, agent);
	if (!agent->runs)
		return;
	pthread_mutex_lock(&agent->lock);
	agent->ends = true;
	pthread_cond_signal(&agent->changed);
	pthread_mutex_unlock(&agent->lock);
	pthread_join(agent->thread, NULL);
}

void sflow_agent_free(struct sflow_agent *agent)
{
	if (!agent)
		return;
	end(agent);
	sflow_agent_flush(agent);
	if (agent->links >= 0)
		close(agent->links);
	sflow_sources_free(&agent->sources);
	pthread_cond_destroy(&agent->changed);
	pthread_mutex_destroy(&agent->lock);
	free(agent);
}

void sflow_agent_counts(struct sflow_agent *agent, struct sflow_counts *counts)
{
	pthread_mutex_lock(&agent->lock);
	*counts = agent->counts;
	counts->sent = agent->sockets->sent;
	counts->lost = agent->sockets->lost;
	pthread_mutex_unlock(&agent->lock);
}
