/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/turns.h"

#include <stddef.h>

#include "vnf/core/clock.h"

/* Puts a caller's first one behind those of the others. With the lock held. */
static void add_caller(struct turns *turns, struct turn *turn)
{
	turn->another = NULL;
	*turns->end = turn;
	turns->end = &turn->another;
}

/* The one whose turn it is; its caller's next one waits behind the others'. NULL: none. With the lock held. */
static struct turn *take(struct turns *turns)
{
	struct turn *turn = turns->first;

	if (!turn)
		return NULL;
	turns->first = turn->another;
	if (!turns->first)
		turns->end = &turns->first;
	if (turn->next) {
		turn->next->last = turn->last;
		add_caller(turns, turn->next);
	}
	return turn;
}

static void run(struct loop_work *work)
{
	struct turns *turns = (struct turns *)((char *)work - offsetof(struct turns, work));
	uint64_t end = monotonic_us() + TURNS_US;

	for (unsigned int n = 0; n < TURNS_TOGETHER && (n == 0 || monotonic_us() < end); n++) {
		struct turn *turn;

		pthread_mutex_lock(&turns->lock);
		turn = take(turns);
		turns->posted = turn != NULL;
		pthread_mutex_unlock(&turns->lock);
		if (!turn)
			return;
		turn->run(turn); /* which may free it */
	}
	loop_post(turns->loop, &turns->work);
}

void turns_init(struct turns *turns, struct loop *loop)
{
	*turns = (struct turns){.loop = loop, .work = {.run = run}};
	turns->end = &turns->first;
	pthread_mutex_init(&turns->lock, NULL);
}

void turns_destroy(struct turns *turns)
{
	pthread_mutex_destroy(&turns->lock);
}

void turns_post(struct turns *turns, struct turn *turn)
{
	struct turn *first;
	bool post;

	turn->next = NULL;
	turn->last = turn;
	pthread_mutex_lock(&turns->lock);
	first = turns->first;
	while (first && first->caller != turn->caller)
		first = first->another;
	if (first) {
		first->last->next = turn;
		first->last = turn;
	} else {
		add_caller(turns, turn);
	}
	post = !turns->posted;
	turns->posted = true;
	pthread_mutex_unlock(&turns->lock);
	if (post)
		loop_post(turns->loop, &turns->work);
}
