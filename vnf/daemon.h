/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the running daemon. Each start returns 0, or -1 and has logged why; each stop is also for a start that
 * failed half-way. */
#ifndef SLUICE_DAEMON_H
#define SLUICE_DAEMON_H

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "vnf/core/handover.h"
#include "vnf/dataplane/xdp/map_store.h"
#include "vnf/options.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services/services.h"

struct access_watch;
struct control;
struct dataplane;
struct observer;
struct reconciler;
struct watchdog;
struct web;

struct event;
struct daemon_sflow;

struct daemon {
	struct options options;
	struct rpc_tls tls;
	struct loop *loop;
	struct watchdog *watchdog;
	struct map_store store; /* of maps that outlive the daemon */
	int loader_socket; /* of the child that keeps the right to load programs; 0: another process does, or none */
	pid_t loader_child;
	struct dataplane *dataplane;
	struct observer *observer;
	struct reconciler *reconciler;
	struct control *control;
	struct daemon_sflow *sflow; /* NULL: there are no collectors */
	struct services_context services;
	struct access_watch *access_watch; /* NULL: there is no policy */
	struct rpc_server *server;
	struct web *web; /* NULL: HTTP is not served */
	/* A daemon that takes over makes its server last, by a thread that has not entered the dataplane's namespace.
	 */
	pthread_t server_thread;
	bool server_waits; /* the thread does, for the semaphore */
	bool server_wanted;
	sem_t server_turn;
	int predecessor;	      /* the connection to the daemon that runs; -1: there is none (any more) */
	struct handover_message maps; /* that it has sent */
	int successors;		      /* the socket for the next one; -1: none */
	struct event *succession;
	atomic_bool handing_over; /* whatever happens, the programs stay attached */
	pthread_t stopper;	  /* daemon_stop.c */
	bool stops;		  /* it runs */
	bool leave;		  /* the programs stay attached */
	bool loop_ended;	  /* guarded, as the signal for it, by the lock */
	pthread_mutex_t stop_lock;
	pthread_cond_t stop_changed;
};

/* Where the daemon keeps what. systemd names its directories for the unit, systemd.exec(5). */
const char *daemon_runtime_directory(void);
const char *daemon_runtime_path(char path[PATH_MAX], const char *name);
const char *daemon_handover_path(char path[PATH_MAX]);		 /* of the socket for a daemon that takes over */
const char *daemon_state_directory(const struct daemon *daemon); /* NULL: the state is in memory only */
/* Counters are of ids, which mean the same to the next daemon where the state is kept. NULL: they are kept nowhere. */
const struct map_store *daemon_find_store(struct daemon *daemon);

/* The gRPC server: it listens from its start on, with --takeover from open_server on; it serves from daemon_serve on.
 */
int start_server(struct daemon *daemon);
int open_server(struct daemon *daemon);
void stop_server(struct daemon *daemon);

/* The server of HTTP: it has its sockets from its start on, and answers from serve_web on, until web_stop. With
 * --takeover it waits for those of the daemon that runs. */
int start_web(struct daemon *daemon);
void serve_web(struct daemon *daemon);
void free_web(struct daemon *daemon);

/*
 * Of a daemon with --takeover, in this order: it finds the one that runs, and has its maps; has it wait, and its claim
 * and journal; listens beside it; and has it end. Where none runs, or has died meanwhile, each does what a start
 * without one takes. 0, or -1 and the other goes on.
 */
int takeover_begin(struct daemon *daemon);
int takeover_freeze(struct daemon *daemon);
int takeover_listen(struct daemon *daemon);
int takeover_confirm(struct daemon *daemon);

/* Claims the dataplane's namespace. 0, or -1. */
int claim_namespace(void);

/* The other side: from now on another daemon may take over from this one; what fails is logged. */
void start_succession(struct daemon *daemon);
void stop_succession(struct daemon *daemon);

/* SIGTERM, SIGINT and SIGUSR1 finish running calls and end the loop; the last one leaves the programs attached. Where a
 * call or the loop does not end in time, the process does, with the programs detached, or left, all the same. */
int start_signals(struct daemon *daemon);
void heed_signals(void);	      /* from now on: the server serves */
void end_loop(struct daemon *daemon); /* the control thread is past its loop */
void stop_signals(struct daemon *daemon);

/* Samples of packets, and sFlow: its sockets are of the namespace that the daemon was started in. */
int open_sflow(struct daemon *daemon);
void close_sflow(struct daemon *daemon);
int start_sflow(struct daemon *daemon);
void stop_sflow(struct daemon *daemon);

/* Serves until a signal, with calls in flight finished. 0, or -1. */
int daemon_serve(struct daemon *daemon);

#endif
