/* SPDX-License-Identifier: Apache-2.0 */
/* What a server serves: a table of paths with their handlers. */
#ifndef SLUICE_WEB_PATH_H
#define SLUICE_WEB_PATH_H

#include <stdbool.h>

struct evbuffer;
struct evkeyvalq;

/* What a handler may look at; borrowed, while it runs. */
struct web_request {
	void *context;		 /* web_serve's */
	const char *path;	 /* without the query */
	struct evkeyvalq *query; /* decoded: evhttp_find_header finds a parameter */
	const struct evkeyvalq *headers;
};

/* What it fills in. */
struct web_answer {
	int status;	       /* 200, unless it says otherwise */
	const char *type;      /* of the body; static; "text/plain; charset=utf-8" unless it says otherwise */
	struct evbuffer *body; /* empty at first */
	/* A Content-Security-Policy; static. Otherwise nothing that a browser makes of the body may load anything. */
	const char *policy;
	const char *cache; /* Cache-Control; static; otherwise "no-store" */
	const char *etag;  /* static, a weak one; a client that has it gets 304 and no body; otherwise none */
};

/* On the web's thread, which RCU knows: it may read snapshots, as control.h's reads do. Requests wait for each other,
 * so it takes milliseconds, and never waits for another thread. Where it returns -1, no memory was left. */
typedef int web_handle(const struct web_request *request, struct web_answer *answer);

struct web_path {
	const char *path; /* whole; NULL: the table ends */
	web_handle *handle;
};

/* A status with one line for people. 0 or -1: no memory. */
int web_fail(struct web_answer *answer, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
