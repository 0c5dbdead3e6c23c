/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/web.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/core/rcu.h"
#include "vnf/web/http/listen.h"
#include "vnf/web/http/state.h"
#include "vnf/web/http/tls.h"

#define NICE	     10 /* as of the threads that answer reads: setpriority(2) */
#define HEADER_BYTES 8192
#define BODY_BYTES   4096 /* of what is refused: it is read so that the answer is, too */
#define BACKLOG	     64
#define AGAIN_MS     100

static struct bufferevent *open_connection(struct event_base *base, void *context)
{
	struct listener *listener = context;
	struct web *web = listener->web;

	(void)base;
	return connections_open(web->connections, listener->loopback || !web->tls ? NULL : tls_open(web->tls));
}

/* 0 or -1. The descriptor is the server's from then on. */
static int serve(struct listener *listener)
{
	static const enum evhttp_cmd_type all[] = {EVHTTP_REQ_GET,   EVHTTP_REQ_HEAD,	 EVHTTP_REQ_POST,
						   EVHTTP_REQ_PUT,   EVHTTP_REQ_DELETE,	 EVHTTP_REQ_OPTIONS,
						   EVHTTP_REQ_TRACE, EVHTTP_REQ_CONNECT, EVHTTP_REQ_PATCH};
	ev_uint16_t methods = 0;

	if (listener->fd < 0 || listener->http)
		return 0;
	listener->http = evhttp_new(loop_base(listener->web->loop));
	if (!listener->http || listen(listener->fd, BACKLOG))
		return -1;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		methods |= (ev_uint16_t)all[i];
	evhttp_set_allowed_methods(listener->http, methods); /* the answer to the others is better made here */
	evhttp_set_max_headers_size(listener->http, HEADER_BYTES);
	evhttp_set_max_body_size(listener->http, BODY_BYTES);
	evhttp_set_timeout(listener->http, WEB_IDLE_SECONDS);
	evhttp_set_default_content_type(listener->http, NULL);
	evhttp_set_bevcb(listener->http, open_connection, listener);
	evhttp_set_gencb(listener->http, web_answer_request, listener);
	if (evhttp_accept_socket(listener->http, listener->fd))
		return -1;
	listener->fd = -1;
	return 0;
}

static int bind_one(struct listener *listener)
{
	int fd = web_bind(&listener->endpoint, listener->web->options.device);

	if (fd < 0)
		return fd;
	listener->fd = fd;
	atomic_store(&listener->port, web_bound_port(fd));
	return 0;
}

/* Binds what was not free, and serves it where the others are; again, until all are. */
static void on_again(evutil_socket_t fd, short events, void *context)
{
	const struct timeval pause = {.tv_usec = AGAIN_MS * 1000};
	struct web *web = context;
	bool missing = false;

	(void)fd;
	(void)events;
	for (size_t i = 0; i < web->listeners; i++) {
		struct listener *listener = &web->listener[i];

		if (!atomic_load(&listener->port))
			(void)bind_one(listener);
		missing |= !atomic_load(&listener->port);
		if (web->serving && serve(listener))
			log_error("web.listen[%zu]: cannot be served: %s", listener->setting, strerror(errno));
	}
	if (missing)
		evtimer_add(web->again, &pause);
}

static void on_serve(struct loop_work *work)
{
	struct web *web = (struct web *)((char *)work - offsetof(struct web, serve));

	web->serving = true;
	on_again(-1, 0, web);
}

static void *run(void *context)
{
	struct web *web = context;

	if (web->options.started)
		web->options.started();
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE); /* without, it is as urgent as all else */
	rcu_thread_enter();
	(void)loop_run(web->loop);
	rcu_thread_leave();
	return NULL;
}

/* "[::1]" cannot be had where the kernel has no IPv6: of a port alone one of both addresses is enough. */
static int bind_setting(struct web *web, size_t setting, const struct web_address *address, struct error *error)
{
	size_t bound = 0;
	int failure = 0;
	char field[32];

	for (size_t i = 0; i < address->count; i++) {
		struct listener *listener = &web->listener[web->listeners];
		int status;

		*listener = (struct listener){.web = web,
					      .endpoint = address->endpoint[i],
					      .loopback = listen_is_loopback(&address->endpoint[i]),
					      .setting = setting,
					      .fd = -1};
		status = bind_one(listener);
		if (status == -EADDRINUSE && web->options.wait)
			status = 0;
		if (address->count > 1 && (status == -EADDRNOTAVAIL || status == -EAFNOSUPPORT))
			continue;
		web->listeners++;
		bound += !status;
		failure = status ? status : failure;
	}
	if (bound && !failure)
		return 0;
	snprintf(field, sizeof(field), "web.listen[%zu]", setting);
	error_add(error, ERROR_FAILED_PRECONDITION, field, "%s cannot be listened on: %s: %s",
		  web->options.listen[setting], strerror(failure ? -failure : EADDRNOTAVAIL),
		  failure == -ENODEV ? "give management.interface the name of a device that is there"
				     : "stop the program that listens there, or choose another address");
	return -1;
}

static int bind_all(struct web *web, struct error *error)
{
	bool beyond = false;

	for (size_t i = 0; web->options.listen[i]; i++) {
		struct web_address address;

		if (web->listeners + WEB_ENDPOINTS > WEB_LISTENERS) {
			error_add(error, ERROR_INVALID_ARGUMENT, "web.listen", "at most 8 addresses");
			return -1;
		}
		if (web_address_parse(web->options.listen[i], &address, error) || bind_setting(web, i, &address, error))
			return -1;
		beyond |= !web_address_is_loopback(&address);
	}
	if (!beyond || !web->options.certificate)
		return 0;
	web->tls = tls_new(web->options.certificate, web->options.key, web->options.client_ca, error);
	return web->tls ? 0 : -1;
}

static int start_thread(struct web *web)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&web->thread, NULL, run, web);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	web->runs = !error;
	return error;
}

struct web *web_new(const struct web_options *options, struct error *error)
{
	struct web *web = calloc(1, sizeof(*web));
	const struct timeval soon = {0};

	if (!web)
		goto err_memory;
	web->options = *options;
	web->serve.run = on_serve;
	web->loop = loop_new();
	if (!web->loop)
		goto err_memory;
	web->connections = connections_new(loop_base(web->loop));
	web->again = evtimer_new(loop_base(web->loop), on_again, web);
	if (!web->connections || !web->again || evtimer_add(web->again, &soon))
		goto err_memory;
	if (bind_all(web, error))
		goto err;
	if (!start_thread(web))
		return web;

err_memory:
	error_no_memory(error, NULL);
err:
	web_free(web);
	return NULL;
}

void web_serve(struct web *web, void *context)
{
	web->context = context;
	loop_post(web->loop, &web->serve);
}

void web_stop(struct web *web)
{
	if (!web || !web->runs)
		return;
	loop_stop(web->loop);
	pthread_join(web->thread, NULL);
	web->runs = false;
}

void web_free(struct web *web)
{
	if (!web)
		return;
	web_stop(web);
	for (size_t i = 0; i < web->listeners; i++) {
		if (web->listener[i].http)
			evhttp_free(web->listener[i].http);
		if (web->listener[i].fd >= 0)
			close(web->listener[i].fd);
	}
	connections_free(web->connections);
	if (web->again)
		event_free(web->again);
	tls_free(web->tls);
	loop_free(web->loop);
	free(web);
}

unsigned int web_port(const struct web *web, size_t n)
{
	return n < web->listeners ? atomic_load(&web->listener[n].port) : 0;
}
