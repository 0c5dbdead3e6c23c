/* SPDX-License-Identifier: Apache-2.0 */
/* An agent whose observer is the test, which hands it what was seen, and whose collector is a socket of the test. */
#ifndef SLUICE_TESTS_UNIT_SFLOW_FIXTURE_H
#define SLUICE_TESTS_UNIT_SFLOW_FIXTURE_H

#include "vnf/observe/observer.h"
#include "vnf/sflow/agent_state.h"

struct sflow_fixture {
	int collector; /* UDP on 127.0.0.1 */
	struct sflow_sockets sockets;
	struct sflow_router router;
	struct sflow_way way; /* the router's answer */
	size_t ports;	      /* it has: ifindex 1, and then ones that there are not */
	struct sflow_agent *agent;
};

/* What the agent has asked of the observer. */
struct fake_observer {
	observer_take *take;
	void *context;
};
extern struct fake_observer fake_observer;

/* The sockets and the router's answers; the agent, NULL where there was no memory, is of these options. */
void sflow_fixture_init(struct sflow_fixture *fixture, const struct sflow_options *options);
void sflow_fixture_clear(struct sflow_fixture *fixture);

/* The next datagram's bytes; 0: there is none. */
size_t sflow_fixture_receive(struct sflow_fixture *fixture, uint8_t *bytes, size_t size);

/* A UDP packet over IPv4 of 1000 bytes in all, forwarded from ifindex 7 to 9, of which `kept` bytes are kept. */
struct sflow_seen {
	struct dp_observation head;
	uint8_t in[DP_OBSERVED_FRAME];
	struct observed observed;
};
void sflow_seen_init(struct sflow_seen *seen, uint16_t kept);

static inline uint32_t sflow_word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
