/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "vnf/client/client.h"

#define OVER SIGUSR1 /* the thread is to end */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rpc_stream *cancelled; /* with the lock: the stream that is to be */
static bool interrupted;	     /* with the lock */
static pthread_t thread;
static sigset_t signals, before;

static void interrupt(void)
{
	pthread_mutex_lock(&lock);
	interrupted = true;
	if (cancelled)
		rpc_stream_cancel(cancelled);
	pthread_mutex_unlock(&lock);
}

static void *wait_for_signals(void *context)
{
	int signal = 0;

	(void)context;
	while (!sigwait(&signals, &signal) && signal != OVER)
		interrupt();
	return NULL;
}

int interrupt_begin(void)
{
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, OVER);
	interrupted = false;
	pthread_sigmask(SIG_BLOCK, &signals, &before); /* also in the threads that gRPC makes from here on */
	if (!pthread_create(&thread, NULL, wait_for_signals, NULL))
		return 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	fprintf(stderr, "error: no thread to wait for Ctrl-C could be made\n");
	return -1;
}

void interrupt_cancels(struct rpc_stream *stream)
{
	pthread_mutex_lock(&lock);
	cancelled = stream;
	if (stream && interrupted)
		rpc_stream_cancel(stream);
	pthread_mutex_unlock(&lock);
}

bool interrupt_end(void)
{
	pthread_kill(thread, OVER);
	pthread_join(thread, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return interrupted;
}
