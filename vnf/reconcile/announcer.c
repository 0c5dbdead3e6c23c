/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One queue for each time that an address is announced. Everything in a queue waits equally long, so its head is due
 * first. An address is in one queue at a time, and at a place only once: what is noted anew begins anew.
 */
#include "vnf/reconcile/announcer.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/reconcile/id_array.h"

#define BUCKETS 4096

struct item {
	TAILQ_ENTRY(item) in_queue;
	LIST_ENTRY(item) in_bucket; /* but for those of the run at hand */
	struct announcer_place place;
	struct ip_address address;
	uint8_t sent;	 /* times */
	uint64_t due_ms; /* monotonic */
};

TAILQ_HEAD(queue, item);
LIST_HEAD(bucket, item);

struct announcer {
	int fd;		    /* or -errno */
	bool complained;    /* that there is no socket */
	struct queue noted; /* by the run at hand */
	struct queue queue[ANNOUNCER_TIMES];
	struct bucket bucket[BUCKETS];
	struct event *tick;
	uint64_t ticked_ms;
	void *context;
};

static struct bucket *bucket_of(struct announcer *announcer, const struct item *item)
{
	uint32_t hash = id_hash(ID_HASH_START, &item->place.id, sizeof(item->place.id));

	hash = id_hash(hash, &item->place.vni, sizeof(item->place.vni));
	hash = id_hash(hash, item->address.byte, sizeof(item->address.byte));
	return &announcer->bucket[hash % BUCKETS];
}

static void forget(struct announcer *announcer, struct item *item)
{
	TAILQ_REMOVE(&announcer->queue[item->sent], item, in_queue);
	LIST_REMOVE(item, in_bucket);
	free(item);
}

static bool is_equal(const struct item *a, const struct item *b)
{
	return a->place.look == b->place.look && a->place.id == b->place.id && a->place.vni == b->place.vni &&
	       ip_address_compare(&a->address, &b->address) == 0;
}

/* An address that is being announced already begins anew. */
static void forget_equal(struct announcer *announcer, const struct item *item)
{
	struct item *other;

	LIST_FOREACH(other, bucket_of(announcer, item), in_bucket)
	if (is_equal(other, item)) {
		forget(announcer, other);
		return;
	}
}

static void send_announcement(struct announcer *announcer, const struct announcement *announcement)
{
	char text[IP_ADDRESS_TEXT];
	int error;

	if (!announcement->ifindex)
		return;
	if (announcer->fd < 0) {
		if (!announcer->complained)
			log_warning("gateway addresses are not announced: %s: CAP_NET_RAW and packet sockets "
				    "are needed",
				    strerror(-announcer->fd));
		announcer->complained = true;
		return;
	}
	error = announce_send(announcer->fd, announcement);
	if (error) /* the link went down, or its queue is full: the next time may succeed */
		log_debug("announcement of %s on link %u: %s", ip_address_format(&announcement->address, text),
			  announcement->ifindex, strerror(-error));
}

static void announce(struct announcer *announcer, struct item *item, uint64_t now)
{
	struct announcement announcement = {.address = item->address};

	if (!item->place.look(announcer->context, item->place.id, item->place.vni, &item->address, &announcement)) {
		forget(announcer, item);
		return;
	}
	send_announcement(announcer, &announcement);
	if (item->sent + 1 == ANNOUNCER_TIMES) {
		forget(announcer, item);
		return;
	}
	TAILQ_REMOVE(&announcer->queue[item->sent], item, in_queue);
	item->sent++;
	item->due_ms = now + ANNOUNCER_INTERVAL_MS;
	TAILQ_INSERT_TAIL(&announcer->queue[item->sent], item, in_queue);
}

/* So that the next tick is when something is due, but not too soon after the last. */
static void start_tick(struct announcer *announcer, uint64_t now)
{
	uint64_t next = UINT64_MAX, pause;
	struct timeval time;

	for (size_t i = 0; i < ANNOUNCER_TIMES; i++) {
		const struct item *first = TAILQ_FIRST(&announcer->queue[i]);

		if (first && first->due_ms < next)
			next = first->due_ms;
	}
	if (next == UINT64_MAX)
		return;
	if (next < announcer->ticked_ms + ANNOUNCER_TICK_MS)
		next = announcer->ticked_ms + ANNOUNCER_TICK_MS;
	pause = next > now ? next - now : 0;
	time = (struct timeval){.tv_sec = (time_t)(pause / 1000), .tv_usec = (suseconds_t)(pause % 1000 * 1000)};
	loop_start_timer(announcer->tick, &time);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct announcer *announcer = context;
	uint64_t now = monotonic_ms();
	unsigned int looked = 0;

	(void)fd;
	(void)what;
	announcer->ticked_ms = now;
	for (size_t i = 0; i < ANNOUNCER_TIMES; i++) {
		struct item *first;

		while (looked < ANNOUNCER_MOST && (first = TAILQ_FIRST(&announcer->queue[i])) && first->due_ms <= now) {
			announce(announcer, first, now);
			looked++;
		}
	}
	start_tick(announcer, now);
}

struct announcer *announcer_new(struct loop *loop)
{
	struct announcer *announcer = calloc(1, sizeof(*announcer));

	if (!announcer)
		return NULL;
	TAILQ_INIT(&announcer->noted);
	for (size_t i = 0; i < ANNOUNCER_TIMES; i++)
		TAILQ_INIT(&announcer->queue[i]);
	for (size_t i = 0; i < BUCKETS; i++)
		LIST_INIT(&announcer->bucket[i]);
	announcer->tick = event_new(loop_base(loop), -1, 0, on_tick, announcer);
	if (!announcer->tick) {
		free(announcer);
		return NULL;
	}
	announcer->fd = announce_open();
	return announcer;
}

static void empty(struct queue *queue)
{
	struct item *first;

	while ((first = TAILQ_FIRST(queue))) {
		TAILQ_REMOVE(queue, first, in_queue);
		free(first);
	}
}

void announcer_free(struct announcer *announcer)
{
	if (!announcer)
		return;
	empty(&announcer->noted);
	for (size_t i = 0; i < ANNOUNCER_TIMES; i++)
		empty(&announcer->queue[i]);
	event_free(announcer->tick);
	announce_close(announcer->fd);
	free(announcer);
}

int announcer_note(struct announcer *announcer, const struct announcer_place *place, const struct ip_address *address)
{
	struct item *item;

	if (!announcer)
		return 0;
	item = calloc(1, sizeof(*item));
	if (!item)
		return -ENOMEM;
	item->place = *place;
	item->address = *address;
	TAILQ_INSERT_TAIL(&announcer->noted, item, in_queue);
	return 0;
}

void announcer_finish(struct announcer *announcer, bool undone, void *context)
{
	uint64_t now = monotonic_ms();
	struct item *item;

	if (!announcer || TAILQ_EMPTY(&announcer->noted))
		return;
	if (undone) {
		empty(&announcer->noted);
		return;
	}
	announcer->context = context;
	while ((item = TAILQ_FIRST(&announcer->noted))) {
		TAILQ_REMOVE(&announcer->noted, item, in_queue);
		forget_equal(announcer, item);
		item->due_ms = now;
		TAILQ_INSERT_TAIL(&announcer->queue[0], item, in_queue);
		LIST_INSERT_HEAD(bucket_of(announcer, item), item, in_bucket);
	}
	start_tick(announcer, now);
}
