/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the running daemon. Each start returns 0, or -1 and has logged why; each stop is also for a start that
 * failed half-way. */
#ifndef SLUICE_DAEMON_H
#define SLUICE_DAEMON_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>

#include "vnf/dataplane/xdp/map_store.h"
#include "vnf/options.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services/services.h"

struct access_watch;
struct control;
struct dataplane;
struct reconciler;
struct watchdog;

struct daemon {
	struct options options;
	struct rpc_tls tls;
	struct loop *loop;
	struct watchdog *watchdog;
	struct map_store store; /* of maps that outlive the daemon */
	struct dataplane *dataplane;
	struct reconciler *reconciler;
	struct control *control;
	struct services_context services;
	struct access_watch *access_watch; /* NULL: there is no policy */
	struct rpc_server *server;
	pthread_t stopper; /* daemon_stop.c */
	bool stops;	   /* it runs */
	bool leave;	   /* the programs stay attached */
	bool loop_ended;   /* guarded, as the signal for it, by the lock */
	pthread_mutex_t stop_lock;
	pthread_cond_t stop_changed;
};

/* Where the daemon keeps what. systemd names its directories for the unit, systemd.exec(5). */
const char *daemon_runtime_directory(void);
const char *daemon_runtime_path(char path[PATH_MAX], const char *name);
const char *daemon_state_directory(const struct daemon *daemon); /* NULL: the state is in memory only */
/* Counters are of ids, which mean the same to the next daemon where the state is kept. NULL: they are kept nowhere. */
const struct map_store *daemon_find_store(struct daemon *daemon);

/* The gRPC server: it listens from its start on, and serves from daemon_serve on. */
int start_server(struct daemon *daemon);
void stop_server(struct daemon *daemon);

/* SIGTERM, SIGINT and SIGUSR1 finish running calls and end the loop; the last one leaves the programs attached. Where a
 * call or the loop does not end in time, the process does, with the programs detached, or left, all the same. */
int start_signals(struct daemon *daemon);
void heed_signals(void);	      /* from now on: the server serves */
void end_loop(struct daemon *daemon); /* the control thread is past its loop */
void stop_signals(struct daemon *daemon);

/* Serves until a signal, with calls in flight finished. 0, or -1. */
int daemon_serve(struct daemon *daemon);

#endif
