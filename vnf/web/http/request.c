/* SPDX-License-Identifier: Apache-2.0 */
/* One request: is it one that is answered, by whom, and what the answer looks like. */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "vnf/access/access.h"
#include "vnf/web/http/accept.h"
#include "vnf/web/http/gzip.h"
#include "vnf/web/http/path.h"
#include "vnf/web/http/state.h"
#include "vnf/web/http/tls.h"

#define METHOD	   "http/GET" /* as an access policy names it */
#define GZIP_BYTES 512	      /* less than that is not worth it */
#define TEXT	   "text/plain; charset=utf-8"
#define NO_LOADING "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"

int web_fail(struct web_answer *answer, int status, const char *format, ...)
{
	va_list arguments;
	int length;

	answer->status = status;
	answer->type = TEXT;
	evbuffer_drain(answer->body, evbuffer_get_length(answer->body));
	va_start(arguments, format);
	length = evbuffer_add_vprintf(answer->body, format, arguments);
	va_end(arguments);
	return length < 0 || evbuffer_add(answer->body, "\n", 1) ? -1 : 0;
}

/* Does the client know the server by an address? A page from elsewhere that has its own name lead to this address would
 * otherwise have a browser on this machine ask for it (DNS rebinding). */
static bool is_named_by_address(struct evhttp_request *request)
{
	const char *host = evhttp_request_get_host(request);
	char text[INET6_ADDRSTRLEN + 2];
	struct in6_addr address;
	size_t length = host ? strlen(host) : 0;

	if (!host || !strcasecmp(host, "localhost") || inet_pton(AF_INET, host, &address) == 1)
		return true;
	if (length < 3 || length > sizeof(text) || host[0] != '[' || host[length - 1] != ']')
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)length - 2, host + 1);
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* 0, or -1 and the answer says why: the caller may not read. */
static int check_caller(const struct listener *listener, struct evhttp_request *request, struct web_answer *answer)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct access *access = listener->web->options.access;
	void *ssl = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(connection));
	struct access_caller *caller;
	struct identity identity;
	struct error error = {0};

	if (listener->loopback || !access)
		return 0;
	if (ssl)
		tls_identity(ssl, &identity);
	else
		identity_unproved(&identity);
	caller = access_caller(access, &identity);
	if (!caller)
		error_no_memory(&error, NULL);
	else if (!access_check_call(caller, METHOD, ROLE_READ, false, &error))
		answer->status = HTTP_OK;
	access_caller_put(caller);
	if (!error.count)
		return 0;
	web_fail(answer, error.code == ERROR_PERMISSION_DENIED ? 403 : HTTP_SERVUNAVAIL, "%s", error.fault[0].message);
	return -1;
}

static const struct web_path *find_path(const struct web *web, const char *path)
{
	for (const struct web_path *each = web->options.paths; each->path; each++)
		if (!strcmp(each->path, path))
			return each;
	return NULL;
}

/* 0, or -1: no memory. */
static int dispatch(const struct listener *listener, struct evhttp_request *request, struct web_answer *answer)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL, *text = uri ? evhttp_uri_get_query(uri) : NULL;
	const struct web_path *found = path ? find_path(listener->web, path) : NULL;
	struct evkeyvalq query = {0};
	struct web_request asked = {listener->web->context, path, &query, evhttp_request_get_input_headers(request)};
	enum evhttp_cmd_type method = evhttp_request_get_command(request);
	int status;

	if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
		return web_fail(answer, HTTP_BADMETHOD, "nothing can be changed here: ask with GET or HEAD");
	}
	if (listener->loopback && !is_named_by_address(request))
		return web_fail(answer, 421, "ask for localhost, or for the address itself");
	if (check_caller(listener, request, answer))
		return 0;
	if (!found)
		return web_fail(answer, HTTP_NOTFOUND, "there is no such page; there is /metrics");
	if (connections_output(listener->web->connections) > WEB_OUTPUT_BYTES)
		return web_fail(answer, HTTP_SERVUNAVAIL, "too much waits to be read by clients: ask again");
	if (evhttp_parse_query_str(text ? text : "", &query))
		return web_fail(answer, HTTP_BADREQUEST, "what follows the ? cannot be read");
	status = found->handle(&asked, answer);
	evhttp_clear_headers(&query);
	return status;
}

/* Does the client have this very body? */
static bool client_has(struct evhttp_request *request, const struct web_answer *answer)
{
	const char *tags = evhttp_find_header(evhttp_request_get_input_headers(request), "If-None-Match");

	return answer->status == HTTP_OK && answer->etag && tags && strstr(tags, answer->etag);
}

/* 0, or -1: no memory. */
static int add_headers(struct evhttp_request *request, const struct web_answer *answer, bool packed)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	char length[24];

	snprintf(length, sizeof(length), "%zu", evbuffer_get_length(answer->body));
	if (evhttp_add_header(headers, "Content-Type", answer->type) ||
	    (answer->status != HTTP_NOTMODIFIED && evhttp_add_header(headers, "Content-Length", length)) ||
	    evhttp_add_header(headers, "Vary", "Accept, Accept-Encoding") ||
	    evhttp_add_header(headers, "Cache-Control", answer->cache) ||
	    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff") ||
	    evhttp_add_header(headers, "Referrer-Policy", "no-referrer") ||
	    evhttp_add_header(headers, "Content-Security-Policy", answer->policy))
		return -1;
	if (answer->etag && evhttp_add_header(headers, "ETag", answer->etag))
		return -1;
	return packed ? evhttp_add_header(headers, "Content-Encoding", "gzip") : 0;
}

void web_answer_request(struct evhttp_request *request, void *context)
{
	const struct listener *listener = context;
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	const char *coding = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept-Encoding");
	struct web_answer answer = {
		.status = HTTP_OK, .type = TEXT, .body = evbuffer_new(), .policy = NO_LOADING, .cache = "no-store"};
	bool packed = false;

	connections_asked(listener->web->connections, evhttp_connection_get_bufferevent(connection));
	if (!answer.body || dispatch(listener, request, &answer)) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, "out of memory");
		goto out;
	}
	if (client_has(request, &answer)) {
		answer.status = HTTP_NOTMODIFIED;
		evbuffer_drain(answer.body, evbuffer_get_length(answer.body));
	}
	if (evbuffer_get_length(answer.body) >= GZIP_BYTES && accept_quality(coding, "gzip", NULL, 0))
		packed = gzip_buffer(answer.body);
	if (add_headers(request, &answer, packed)) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, "out of memory");
		goto out;
	}
	if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) /* the length is that of what GET gets */
		evbuffer_drain(answer.body, evbuffer_get_length(answer.body));
	evhttp_send_reply(request, answer.status, NULL, answer.body);
out:
	if (answer.body)
		evbuffer_free(answer.body);
}
