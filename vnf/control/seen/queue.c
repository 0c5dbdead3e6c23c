/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/queue.h"

#include <stdlib.h>
#include <string.h>

void seen_queue_init(struct seen_queue *queue, uint64_t wanted, uint64_t ends)
{
	*queue = (struct seen_queue){.wanted = wanted, .ends = ends};
	queue->last = &queue->first;
	pthread_mutex_init(&queue->lock, NULL);
}

void seen_queue_clear(struct seen_queue *queue)
{
	struct seen_packet *packet;

	while ((packet = queue->first)) {
		queue->first = packet->next;
		free(packet);
	}
	pthread_mutex_destroy(&queue->lock);
}

static const uint8_t *copy(uint8_t **at, const uint8_t *from, size_t length)
{
	uint8_t *to = *at;

	if (!from || !length)
		return NULL;
	memcpy(to, from, length);
	*at += length;
	return to;
}

/* NULL: no memory. */
static struct seen_packet *packet_new(const struct observed *observed)
{
	const struct dp_observation *head = observed->head;
	const size_t steps = observed->steps ? head->steps * sizeof(struct dp_step) : 0;
	const size_t size = sizeof(struct seen_packet) + steps + (observed->in ? head->in_kept : 0) +
			    (observed->out ? head->out_kept : 0);
	struct seen_packet *packet = malloc(size);
	uint8_t *at;

	if (!packet)
		return NULL;
	at = (uint8_t *)(packet + 1);
	*packet = (struct seen_packet){.size = size, .head = *head};
	packet->steps = (const struct dp_step *)copy(&at, (const uint8_t *)observed->steps, steps);
	packet->in = copy(&at, observed->in, head->in_kept);
	packet->out = copy(&at, observed->out, head->out_kept);
	return packet;
}

bool seen_queue_put(struct seen_queue *queue, const struct observed *observed, uint64_t lost)
{
	struct seen_packet *packet = packet_new(observed);
	bool wake;

	pthread_mutex_lock(&queue->lock);
	queue->lost = lost;
	queue->told++;
	if (packet && queue->bytes + packet->size <= SEEN_QUEUE_BYTES) {
		*queue->last = packet;
		queue->last = &packet->next;
		queue->bytes += packet->size;
		packet = NULL;
	} else {
		queue->refused++;
	}
	wake = !queue->awake;
	queue->awake = true;
	pthread_mutex_unlock(&queue->lock);
	free(packet);
	return wake;
}

bool seen_queue_tick(struct seen_queue *queue, uint64_t now, uint64_t lost)
{
	bool wake;

	pthread_mutex_lock(&queue->lock);
	queue->lost = lost;
	queue->ended = now >= queue->ends;
	wake = !queue->awake && (queue->ended || queue->lost + queue->refused > queue->known);
	queue->awake |= wake;
	pthread_mutex_unlock(&queue->lock);
	return wake;
}

struct seen_taken seen_queue_take(struct seen_queue *queue, size_t most)
{
	struct seen_taken taken;
	struct seen_packet **end;

	pthread_mutex_lock(&queue->lock);
	taken.first = queue->first;
	end = &taken.first;
	while (most-- && *end) {
		queue->bytes -= (*end)->size;
		end = &(*end)->next;
	}
	queue->first = *end;
	*end = NULL;
	if (!queue->first)
		queue->last = &queue->first;
	queue->awake = taken.first != NULL;
	taken.lost = queue->lost + queue->refused;
	taken.more_lost = taken.lost > queue->known;
	queue->known = taken.lost;
	taken.over = !queue->first && (queue->told >= queue->wanted || queue->ended);
	pthread_mutex_unlock(&queue->lock);
	return taken;
}

uint64_t seen_queue_refuse(struct seen_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->refused++;
	pthread_mutex_unlock(&queue->lock);
	return 1;
}
