/* SPDX-License-Identifier: Apache-2.0 */
#include "sflow_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "api/dp/reason.h"

struct fake_observer fake_observer;

int observer_take_samples(struct observer *observer, observer_take *take, void *context, struct error *error)
{
	(void)observer;
	(void)error;
	fake_observer.take = take;
	fake_observer.context = context;
	return 0;
}

void observer_stop_samples(struct observer *observer, observer_take *take, void *context)
{
	(void)observer;
	assert_ptr_equal(take, fake_observer.take);
	assert_ptr_equal(context, fake_observer.context);
	fake_observer.take = NULL;
}

static uint32_t port(void *context, size_t n)
{
	const struct sflow_fixture *fixture = context;

	if (n >= fixture->ports)
		return 0;
	return n ? 0x7ffffff0U + (uint32_t)n : 1;
}

static void find_way(void *context, const struct observed *observed, struct sflow_way *way)
{
	(void)observed;
	*way = ((struct sflow_fixture *)context)->way;
}

void sflow_fixture_init(struct sflow_fixture *fixture, const struct sflow_options *options)
{
	union sflow_collector to;
	socklen_t size = sizeof(to);
	struct error error = {0};

	*fixture = (struct sflow_fixture){.ports = 1};
	fixture->router = (struct sflow_router){.context = fixture, .port = port, .way = find_way};
	fixture->collector = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(sflow_collector_parse("127.0.0.1:1", &to), 0);
	to.v4.sin_port = 0;
	assert_int_equal(bind(fixture->collector, &to.any, sizeof(to.v4)), 0);
	assert_int_equal(getsockname(fixture->collector, &to.any, &size), 0);
	assert_int_equal(sflow_sockets_open(&fixture->sockets, &to, 1, NULL, &error), 0);
	fixture->agent = sflow_agent_new(options, &fixture->router, &fixture->sockets);
}

void sflow_fixture_clear(struct sflow_fixture *fixture)
{
	sflow_agent_free(fixture->agent);
	sflow_sockets_close(&fixture->sockets);
	close(fixture->collector);
}

size_t sflow_fixture_receive(struct sflow_fixture *fixture, uint8_t *bytes, size_t size)
{
	ssize_t length = recv(fixture->collector, bytes, size, 0);

	return length < 0 ? 0 : (size_t)length;
}

void sflow_seen_init(struct sflow_seen *seen, uint16_t kept)
{
	static const uint8_t start[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45};

	memset(seen, 0, sizeof(*seen));
	memcpy(seen->in, start, sizeof(start));
	seen->head = (struct dp_observation){
		.observers = DP_OBSERVED_SAMPLE,
		.ifindex = 7,
		.out_ifindex = 9,
		.in_length = 1000,
		.out_length = 1000,
		.in_kept = kept,
		.reason = DP_REASON_forwarded,
		.sampled = 64,
		.last = {.reason = DP_REASON_forwarded, .family = 4, .l3 = 14, .prefix_length = 96 + 24, .next_hop = 3},
	};
	seen->observed = (struct observed){.head = &seen->head, .in = seen->in};
}
