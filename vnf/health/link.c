/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/link.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/client/client.h"
#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/core/error.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"

#define RETRY_S 1

/* Something that has happened, on its way to the loop. */
struct news {
	struct loop_work work; /* first */
	struct link *link;
	Sluice__V1__HealthTargets *targets; /* NULL: the stream was opened */
};

struct outgoing {
	struct outgoing *next;
	Sluice__V1__HealthReports *reports;
};

struct link {
	struct loop *loop;
	char *target;
	struct link_callbacks callbacks;
	pthread_t receiver, sender;
	bool receives, sends; /* the threads have been started */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct rpc_stream *stream; /* NULL: there is none */
	bool sending;		   /* the stream is in use by the sender */
	bool stopping;
	struct outgoing *first, **last;
};

static void free_outgoing(struct outgoing *outgoing)
{
	protobuf_c_message_free_unpacked(&outgoing->reports->base, NULL);
	free(outgoing);
}

/* With the lock held. */
static struct outgoing *take_first(struct link *link)
{
	struct outgoing *outgoing = link->first;

	if (!outgoing)
		return NULL;
	link->first = outgoing->next;
	if (!link->first)
		link->last = &link->first;
	return outgoing;
}

static void on_news(struct loop_work *work)
{
	struct news *news = (struct news *)work;
	const struct link_callbacks *callbacks = &news->link->callbacks;

	if (news->targets)
		callbacks->targets(callbacks->context, news->targets);
	else
		callbacks->opened(callbacks->context);
	if (news->targets)
		protobuf_c_message_free_unpacked(&news->targets->base, NULL);
	free(news);
}

/* False: out of memory. */
static bool post(struct link *link, Sluice__V1__HealthTargets *targets)
{
	struct news *news = calloc(1, sizeof(*news));

	if (!news) {
		if (targets)
			protobuf_c_message_free_unpacked(&targets->base, NULL);
		return false;
	}
	*news = (struct news){.work.run = on_news, .link = link, .targets = targets};
	loop_post(link->loop, &news->work);
	return true;
}

static void offer(struct link *link, struct rpc_stream *stream)
{
	pthread_mutex_lock(&link->lock);
	while (link->sending)
		pthread_cond_wait(&link->changed, &link->lock);
	link->stream = stream;
	for (struct outgoing *old; !stream && (old = take_first(link));)
		free_outgoing(old); /* a new stream is told everything anew */
	pthread_cond_broadcast(&link->changed);
	pthread_mutex_unlock(&link->lock);
}

/* From the stream's beginning to its end. */
static void receive(struct link *link, struct rpc_client *client, struct error *error)
{
	static const Sluice__V1__HealthReports hello = SLUICE__V1__HEALTH_REPORTS__INIT;
	struct rpc_stream *stream =
		rpc_stream_open(client, &sluice__v1__health_service__descriptor, "Monitor", UINT_MAX, error);
	ProtobufCMessage *message = NULL;
	bool opened = false, posted = true;

	if (!stream)
		return;
	if (!rpc_stream_send(stream, &hello.base))
		message = rpc_stream_receive(stream, error);
	while (message && posted) {
		if (!opened) {
			log_info("sluiced at %s: connected", link->target);
			offer(link, stream);
			posted = opened = post(link, NULL);
		}
		posted = post(link, (Sluice__V1__HealthTargets *)message) && posted;
		message = posted ? rpc_stream_receive(stream, error) : NULL;
	}
	offer(link, NULL);
	if (!posted)
		rpc_stream_half_close(stream);
	while ((message = rpc_stream_receive(stream, error)))
		protobuf_c_message_free_unpacked(message, NULL);
	rpc_stream_end(stream, error);
}

/* True: go on. */
static bool pause_before_retry(struct link *link)
{
	const uint64_t until = monotonic_ms() + RETRY_S * 1000;
	bool stopping;

	pthread_mutex_lock(&link->lock);
	while (!link->stopping && !condition_wait_until(&link->changed, &link->lock, until))
		;
	stopping = link->stopping;
	pthread_mutex_unlock(&link->lock);
	return !stopping;
}

static void *run_receiver(void *context)
{
	struct link *link = context;
	char said[320] = "";

	do {
		/* A new client each time: gRPC core would wait longer and longer. */
		struct rpc_client *client = rpc_client_new(link->target);
		struct error error = {0};

		if (client)
			receive(link, client, &error);
		rpc_client_free(client);
		if (error.count && strcmp(said, error.fault[0].message) != 0) {
			memcpy(said, error.fault[0].message, sizeof(said));
			log_warning("sluiced at %s: %s; trying again", link->target, said);
		}
		if (!error.count)
			*said = '\0';
	} while (pause_before_retry(link));
	return NULL;
}

static void *run_sender(void *context)
{
	struct link *link = context;

	pthread_mutex_lock(&link->lock);
	while (!link->stopping) {
		struct outgoing *outgoing = link->stream ? take_first(link) : NULL;
		struct rpc_stream *stream = link->stream;

		if (!outgoing) {
			pthread_cond_wait(&link->changed, &link->lock);
			continue;
		}
		link->sending = true;
		pthread_mutex_unlock(&link->lock);
		(void)rpc_stream_send(stream, &outgoing->reports->base); /* the receiver hears of a failure */
		free_outgoing(outgoing);
		pthread_mutex_lock(&link->lock);
		link->sending = false;
		pthread_cond_broadcast(&link->changed);
	}
	if (link->stream)
		rpc_stream_half_close(link->stream);
	pthread_mutex_unlock(&link->lock);
	return NULL;
}

struct link *link_new(struct loop *loop, const char *target, const struct link_callbacks *callbacks)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->loop = loop;
	link->callbacks = *callbacks;
	link->last = &link->first;
	pthread_mutex_init(&link->lock, NULL);
	condition_init(&link->changed);
	link->target = strdup(target);
	link->receives = link->target && !pthread_create(&link->receiver, NULL, run_receiver, link);
	link->sends = link->receives && !pthread_create(&link->sender, NULL, run_sender, link);
	if (link->sends)
		return link;
	link_stop(link);
	link_free(link);
	return NULL;
}

void link_stop(struct link *link)
{
	pthread_mutex_lock(&link->lock);
	link->stopping = true;
	pthread_cond_broadcast(&link->changed);
	pthread_mutex_unlock(&link->lock);
	if (link->sends)
		pthread_join(link->sender, NULL);
	if (link->receives)
		pthread_join(link->receiver, NULL);
	link->sends = link->receives = false;
}

void link_free(struct link *link)
{
	if (!link)
		return;
	for (struct outgoing *old; (old = take_first(link));)
		free_outgoing(old);
	pthread_cond_destroy(&link->changed);
	pthread_mutex_destroy(&link->lock);
	free(link->target);
	free(link);
}

/* The message again, from its bytes: it goes to another thread. NULL: out of memory. */
static Sluice__V1__HealthReports *copy_of(const Sluice__V1__HealthReports *reports)
{
	size_t size = sluice__v1__health_reports__get_packed_size(reports);
	uint8_t *bytes = malloc(size + 1);
	Sluice__V1__HealthReports *copy = NULL;

	if (bytes) {
		sluice__v1__health_reports__pack(reports, bytes);
		copy = sluice__v1__health_reports__unpack(NULL, size, bytes);
	}
	free(bytes);
	return copy;
}

bool link_send(struct link *link, const Sluice__V1__HealthReports *reports)
{
	struct outgoing *outgoing = malloc(sizeof(*outgoing));
	bool sent = false;

	if (!outgoing)
		return false;
	*outgoing = (struct outgoing){.reports = copy_of(reports)};
	if (!outgoing->reports) {
		free(outgoing);
		return false;
	}
	pthread_mutex_lock(&link->lock);
	if (link->stream) {
		*link->last = outgoing;
		link->last = &outgoing->next;
		sent = true;
		pthread_cond_broadcast(&link->changed);
	}
	pthread_mutex_unlock(&link->lock);
	if (!sent)
		free_outgoing(outgoing);
	return sent;
}
