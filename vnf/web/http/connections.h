/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of the server, of which there are at most so many. One that does not send its first request in time,
 * nor reads its answer, or is idle for long, is closed; one more than there is room for takes the place of the one that
 * has been waited for longest. libevent's HTTP server has times for each read and write, but none for a request.
 */
#ifndef SLUICE_WEB_CONNECTIONS_H
#define SLUICE_WEB_CONNECTIONS_H

#include <stddef.h>

#define WEB_CONNECTIONS	    64
#define WEB_REQUEST_SECONDS 5		       /* until a connection's first request is there */
#define WEB_ANSWER_SECONDS  10		       /* until an answer is read */
#define WEB_IDLE_SECONDS    75		       /* until the next request */
#define WEB_OUTPUT_BYTES    ((size_t)32 << 20) /* that wait to be read, of all connections */

struct bufferevent;
struct connections;
struct event_base;

struct connections *connections_new(struct event_base *base); /* NULL: no memory */
void connections_free(struct connections *connections);	      /* after the server; NULL is fine */

/* A new connection's; ssl NULL: it is plain, else taken over. Never NULL but for want of memory. */
struct bufferevent *connections_open(struct connections *connections, void *ssl);
/* A request has come by it. */
void connections_asked(struct connections *connections, const struct bufferevent *bufferevent);
/* Bytes that wait to be read by clients. */
size_t connections_output(const struct connections *connections);

#endif
