/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/curl_loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct curl_loop {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
};

/* Tells of transfers that have ended; they may be freed, and others begun, meanwhile. */
static void tell(struct curl_loop *loop)
{
	struct curl_transfer *transfer;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(loop->multi, &left))) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer))
			continue;
		transfer->ended(transfer, code);
	}
}

static void on_socket(evutil_socket_t fd, short what, void *context)
{
	struct curl_loop *loop = context;
	int running;

	curl_multi_socket_action(loop->multi, fd,
				 (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	tell(loop);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct curl_loop *loop = context;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	tell(loop);
}

static int set_timer(CURLM *multi, long ms, void *context)
{
	struct curl_loop *loop = context;
	const struct timeval pause = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)multi;
	if (ms < 0)
		return event_del(loop->timer);
	return event_add(loop->timer, &pause);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	struct curl_loop *loop = context;
	struct event *event = known;

	(void)easy;
	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(loop->base, fd,
				  (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) |
					  EV_PERSIST),
				  on_socket, loop);
		if (event)
			event_add(event, NULL);
	}
	curl_multi_assign(loop->multi, fd, event);
	return event || what == CURL_POLL_REMOVE ? 0 : -1;
}

struct curl_loop *curl_loop_new(struct event_base *base)
{
	struct curl_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->base = base;
	loop->multi = curl_global_init(CURL_GLOBAL_DEFAULT) ? NULL : curl_multi_init();
	loop->timer = evtimer_new(base, on_timer, loop);
	if (!loop->multi || !loop->timer) {
		curl_loop_free(loop);
		return NULL;
	}
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	return loop;
}

void curl_loop_free(struct curl_loop *loop)
{
	if (!loop)
		return;
	if (loop->multi)
		curl_multi_cleanup(loop->multi);
	if (loop->timer)
		event_free(loop->timer);
	curl_global_cleanup();
	free(loop);
}

static int bind_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
	const struct curl_transfer *transfer = context;

	(void)purpose;
	return probe_bind(fd, transfer->probe) ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

CURL *curl_transfer_easy(struct curl_transfer *transfer, const char *scheme, const char *host, const char *path)
{
	const struct probe *probe = transfer->probe;
	const bool ipv6 = probe->address.family == 6;
	char address[IP_ADDRESS_TEXT], url[1500], place[64];
	struct curl_slist *connect_to;
	CURL *easy = curl_easy_init();

	if (!easy)
		return NULL;
	ip_address_format(&probe->address, address);
	snprintf(place, sizeof(place), ipv6 ? "::[%s]:%u" : "::%s:%u", address, probe->port);
	if (*host)
		snprintf(url, sizeof(url), "%s://%s:%u%s", scheme, host, probe->port, path);
	else
		snprintf(url, sizeof(url), ipv6 ? "%s://[%s]:%u%s" : "%s://%s:%u%s", scheme, address, probe->port,
			 path);
	connect_to = curl_slist_append(NULL, place);
	transfer->easy = easy;
	transfer->connect_to = connect_to;
	if (!connect_to || curl_easy_setopt(easy, CURLOPT_URL, url) ||
	    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error)) {
		curl_transfer_stop(transfer);
		return NULL;
	}
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, bind_socket);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	return easy;
}

int curl_transfer_start(struct curl_transfer *transfer)
{
	return curl_multi_add_handle(transfer->probe->prober->curl->multi, transfer->easy) ? -ENOMEM : 0;
}

void curl_transfer_stop(struct curl_transfer *transfer)
{
	if (transfer->easy) {
		curl_multi_remove_handle(transfer->probe->prober->curl->multi, transfer->easy);
		curl_easy_cleanup(transfer->easy);
	}
	curl_slist_free_all(transfer->connect_to);
	transfer->easy = NULL;
	transfer->connect_to = NULL;
}
