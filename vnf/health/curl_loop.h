/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's transfers on a libevent loop, with sockets that are bound as a probe says. */
#ifndef SLUICE_HEALTH_CURL_LOOP_H
#define SLUICE_HEALTH_CURL_LOOP_H

#include <curl/curl.h>

#include "vnf/health/probe.h"

struct curl_loop *curl_loop_new(struct event_base *base); /* NULL: out of memory */
void curl_loop_free(struct curl_loop *loop);		  /* NULL is fine; no transfer may be under way */

/* A transfer of a probe. `ended` is called once, from the loop, unless it is stopped before. */
struct curl_transfer {
	struct probe *probe;
	CURL *easy;
	void (*ended)(struct curl_transfer *transfer, CURLcode code);
	struct curl_slist *connect_to;
	char error[CURL_ERROR_SIZE];
};

/* A handle for the scheme and path on the probe's address, with what all transfers have in common; NULL: out of memory.
 * The host of the URL is `host`, or the address where that is "". */
CURL *curl_transfer_easy(struct curl_transfer *transfer, const char *scheme, const char *host, const char *path);
/* 0 or -ENOMEM. */
int curl_transfer_start(struct curl_transfer *transfer);
/* Ends it, begun or not, and frees its handle. */
void curl_transfer_stop(struct curl_transfer *transfer);

#endif
