/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/readers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/core/condition.h"
#include "vnf/core/rcu.h"

#define THREADS 2
#define NICE	10 /* setpriority(2): about a tenth of a thread that commits */

struct readers {
	pthread_t thread[THREADS];
	size_t threads;	      /* that run */
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t posted;
	struct loop_work *first, **last;
	bool stop;
};

/* NULL: the end. */
static struct loop_work *next(struct readers *readers)
{
	struct loop_work *work;

	pthread_mutex_lock(&readers->lock);
	while (!readers->first && !readers->stop)
		pthread_cond_wait(&readers->posted, &readers->lock);
	work = readers->first;
	if (work) {
		readers->first = work->next;
		if (!readers->first)
			readers->last = &readers->first;
	}
	pthread_mutex_unlock(&readers->lock);
	return work;
}

static void *read_on(void *context)
{
	struct loop_work *work;

	/* without, reads are as urgent as all else, which is no reason to refuse them */
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	rcu_thread_enter();
	while ((work = next(context)))
		work->run(work);
	rcu_thread_leave();
	return NULL;
}

struct readers *readers_new(int *error)
{
	struct readers *readers = calloc(1, sizeof(*readers));
	sigset_t all, before;

	*error = readers ? 0 : -ENOMEM;
	if (!readers)
		return NULL;
	readers->last = &readers->first;
	pthread_mutex_init(&readers->lock, NULL);
	condition_init(&readers->posted);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (readers->threads < THREADS && !*error) {
		*error = -pthread_create(&readers->thread[readers->threads], NULL, read_on, readers);
		readers->threads += !*error;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!*error)
		return readers;
	readers_free(readers);
	return NULL;
}

void readers_free(struct readers *readers)
{
	if (!readers)
		return;
	pthread_mutex_lock(&readers->lock);
	readers->stop = true;
	pthread_cond_broadcast(&readers->posted);
	pthread_mutex_unlock(&readers->lock);
	for (size_t i = 0; i < readers->threads; i++)
		pthread_join(readers->thread[i], NULL);
	pthread_cond_destroy(&readers->posted);
	pthread_mutex_destroy(&readers->lock);
	free(readers);
}

void readers_post(struct readers *readers, struct loop_work *work)
{
	work->next = NULL;
	pthread_mutex_lock(&readers->lock);
	*readers->last = work;
	readers->last = &work->next;
	pthread_cond_signal(&readers->posted);
	pthread_mutex_unlock(&readers->lock);
}
