/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/connections.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define SWEEP_MS 250

/* A reference is held to each, by which one that the server has closed is known: it has no callbacks any more. */
struct connection {
	struct bufferevent *bufferevent; /* NULL: the place is free */
	time_t since;			 /* CLOCK_MONOTONIC, of its last request, or its beginning */
	bool asked;
};

struct connections {
	struct event_base *base;
	struct event *sweep;
	struct connection place[WEB_CONNECTIONS];
	size_t count;
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static bool is_closed(const struct connection *connection)
{
	bufferevent_event_cb event;
	bufferevent_data_cb read, write;
	void *context;

	bufferevent_getcb(connection->bufferevent, &read, &write, &event, &context);
	return !event;
}

static void forget(struct connections *connections, struct connection *connection)
{
	bufferevent_decref(connection->bufferevent);
	*connection = (struct connection){0};
	connections->count--;
}

/* Has the server close it, as for a read that took too long. */
static void close_one(struct connections *connections, struct connection *connection)
{
	bufferevent_trigger_event(connection->bufferevent, BEV_EVENT_TIMEOUT | BEV_EVENT_READING, 0);
	forget(connections, connection);
}

static size_t output_of(const struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_output(connection->bufferevent));
}

static time_t allowed(const struct connection *connection)
{
	if (!connection->asked)
		return WEB_REQUEST_SECONDS;
	return output_of(connection) ? WEB_ANSWER_SECONDS : WEB_IDLE_SECONDS;
}

static void sweep(struct connections *connections)
{
	time_t time = now();

	for (size_t i = 0; i < WEB_CONNECTIONS; i++) {
		struct connection *connection = &connections->place[i];

		if (!connection->bufferevent)
			continue;
		if (is_closed(connection))
			forget(connections, connection);
		else if (time - connection->since > allowed(connection))
			close_one(connections, connection);
	}
}

static void start_sweep(struct connections *connections)
{
	const struct timeval pause = {.tv_usec = SWEEP_MS * 1000};

	if (connections->count)
		evtimer_add(connections->sweep, &pause);
}

static void on_sweep(evutil_socket_t fd, short events, void *context)
{
	struct connections *connections = context;

	(void)fd;
	(void)events;
	sweep(connections);
	start_sweep(connections);
}

/* A free place; the connection that has waited longest gives way where there is none. */
static struct connection *find_place(struct connections *connections)
{
	struct connection *oldest = NULL;

	sweep(connections);
	for (size_t i = 0; i < WEB_CONNECTIONS; i++) {
		struct connection *connection = &connections->place[i];

		if (!connection->bufferevent)
			return connection;
		if (!oldest || connection->since < oldest->since)
			oldest = connection;
	}
	close_one(connections, oldest);
	return oldest;
}

struct connections *connections_new(struct event_base *base)
{
	struct connections *connections = calloc(1, sizeof(*connections));

	if (!connections)
		return NULL;
	connections->base = base;
	connections->sweep = evtimer_new(base, on_sweep, connections);
	if (connections->sweep)
		return connections;
	free(connections);
	return NULL;
}

void connections_free(struct connections *connections)
{
	if (!connections)
		return;
	for (size_t i = 0; i < WEB_CONNECTIONS; i++)
		if (connections->place[i].bufferevent)
			forget(connections, &connections->place[i]);
	event_free(connections->sweep);
	free(connections);
}

struct bufferevent *connections_open(struct connections *connections, void *ssl)
{
	struct connection *connection = find_place(connections);
	struct bufferevent *bufferevent;

	bufferevent = ssl ? bufferevent_openssl_socket_new(connections->base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
							   BEV_OPT_CLOSE_ON_FREE)
			  : bufferevent_socket_new(connections->base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (!bufferevent) {
		SSL_free(ssl);
		return NULL;
	}
	if (ssl) /* a client that ends without a word has ended, too */
		bufferevent_openssl_set_allow_dirty_shutdown(bufferevent, 1);
	bufferevent_incref(bufferevent);
	*connection = (struct connection){.bufferevent = bufferevent, .since = now()};
	connections->count++;
	start_sweep(connections);
	return bufferevent;
}

void connections_asked(struct connections *connections, const struct bufferevent *bufferevent)
{
	for (size_t i = 0; i < WEB_CONNECTIONS; i++) {
		if (connections->place[i].bufferevent != bufferevent)
			continue;
		connections->place[i].asked = true;
		connections->place[i].since = now();
	}
}

size_t connections_output(const struct connections *connections)
{
	size_t bytes = 0;

	for (size_t i = 0; i < WEB_CONNECTIONS; i++)
		if (connections->place[i].bufferevent)
			bytes += output_of(&connections->place[i]);
	return bytes;
}
