/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP, read-only, on a thread of its own: metrics for Prometheus, and the page for people. It knows the methods GET
 * and HEAD, no file system, and the paths of one table (path.h). What a client may take is bounded: its connections,
 * the size of its request, the time for it, and what waits to be read by it.
 */
#ifndef SLUICE_WEB_H
#define SLUICE_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/core/error.h"

struct access;
struct web;
struct web_path;

/* All of it is borrowed, and must live as long as the server. */
struct web_options {
	char *const *listen; /* as web_address.h has them; ends with NULL */
	const char *device;  /* by which alone connections come to addresses beyond loopback; NULL: any */
	/* Addresses that somebody else has are tried again until they are free: another daemon is about to end. */
	bool wait;
	/* PEM files: addresses beyond loopback are served over TLS, and clients need a certificate of that CA. NULL:
	 * none. */
	const char *certificate, *key, *client_ca;
	/* Beyond loopback the caller needs the role "read". NULL: nobody asks. */
	struct access *access;
	const struct web_path *paths; /* ends with one whose path is NULL */
	void (*started)(void);	      /* called on the thread before it does anything; may be NULL */
};

/* Binds the addresses in the network namespace of who calls, and starts the thread. NULL and *error, whose fields are
 * "web.listen[0]". */
struct web *web_new(const struct web_options *options, struct error *error);

/* From now on requests are answered, by handlers that get `context`; before, connections are refused. */
void web_serve(struct web *web, void *context);

/* No handler runs any more when it returns; NULL is fine, and so is a second time. */
void web_stop(struct web *web);
void web_free(struct web *web); /* stops it; NULL is fine */

/* The port of the n-th address, host order; 0: there is none, or it is not bound yet. */
unsigned int web_port(const struct web *web, size_t n);

#endif
