/* SPDX-License-Identifier: Apache-2.0 */
/* How the server is put together; for the files beside this one. */
#ifndef SLUICE_WEB_STATE_H
#define SLUICE_WEB_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "vnf/core/loop.h"
#include "vnf/web/http/connections.h"
#include "vnf/web/http/web.h"
#include "vnf/web/http/web_address.h"

#define WEB_LISTENERS (8 * WEB_ENDPOINTS)

struct evhttp;
struct evhttp_request;
struct tls;

/* One address. */
struct listener {
	struct web *web;
	union listen_endpoint endpoint;
	bool loopback;
	size_t setting;	     /* which of the addresses in the settings it is of */
	int fd;		     /* -1: not bound, or the server's of HTTP */
	atomic_uint port;    /* bound; 0: not yet */
	struct evhttp *http; /* NULL: it does not serve yet */
};

struct web {
	struct web_options options;
	struct loop *loop;
	struct connections *connections;
	struct tls *tls; /* NULL: nothing is served over it */
	struct listener listener[WEB_LISTENERS];
	size_t listeners;
	pthread_t thread;
	bool runs;
	bool serving; /* this, and what follows, is the thread's */
	void *context;
	struct loop_work serve;
	struct event *again; /* tries addresses again that were not free */
};

/* Answers a request of the listener. */
void web_answer_request(struct evhttp_request *request, void *listener);

#endif
