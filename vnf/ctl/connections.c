/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/connections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/connection_service.pb-c.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/packet_options.h"
#include "vnf/json/json_write.h"

#define SERVICE	   (&sluice__v1__connection_service__descriptor)
#define PAGE	   10000
#define SOURCES	   20
#define TABLE_ROWS 50000 /* that are laid out together */

static char *text_or_nothing(const char *text)
{
	return (char *)(text ? text : "");
}

/* What the options select; the texts are theirs. 0, or -1 and a line on stderr. */
static int take_filter(const struct options *options, Sluice__V1__ConnectionFilter *filter)
{
	uint64_t port = 0;

	*filter = (Sluice__V1__ConnectionFilter)SLUICE__V1__CONNECTION_FILTER__INIT;
	filter->vrf = text_or_nothing(options->vrf);
	filter->prefix = text_or_nothing(options->prefix);
	filter->rule = text_or_nothing(options->rule);
	filter->member = text_or_nothing(options->member);
	filter->listener = text_or_nothing(options->listener);
	filter->load_balancer = text_or_nothing(options->load_balancer);
	if (options->port && options_number("port", options->port, 1, 65535, &port))
		return -1;
	filter->port = (uint32_t)port;
	return options->protocol ? protocol_option(options->protocol, &filter->protocol) : 0;
}

/* A row as people read it: "10.0.0.1:443", "tcp established", and seconds. 0, or -1: out of memory. */
static int join_end(char **address, uint32_t port)
{
	size_t size = strlen(*address) + 10;
	char *text = malloc(size);

	if (!text)
		return -1;
	if (!port)
		snprintf(text, size, "%s", *address);
	else
		snprintf(text, size, strchr(*address, ':') ? "[%s]:%u" : "%s:%u", *address, port);
	free(*address);
	*address = text;
	return 0;
}

static int make_readable(Sluice__V1__Connection *connection)
{
	size_t size = strlen(connection->state) + 16;
	const char *protocol = protocol_name(connection->protocol);
	char *text = malloc(size);

	if (!text)
		return -1;
	if (protocol)
		snprintf(text, size, "%s %s", protocol, connection->state);
	else
		snprintf(text, size, "%" PRIu32 " %s", connection->protocol, connection->state);
	free(connection->state);
	connection->state = text;
	connection->idle_milliseconds /= 1000;
	connection->expires_milliseconds /= 1000;
	return join_end(&connection->source, connection->source_port) ||
			       join_end(&connection->destination, connection->destination_port)
		       ? -1
		       : 0;
}

bool connections_check_others(const struct options *options)
{
	if (!options->prefix && !options->protocol && !options->port && !options->rule && !options->member &&
	    !options->listener && !options->load_balancer && !options->by_source)
		return true;
	if (options->by_source)
		fprintf(stderr, "error: --by source is for show connections\n");
	else
		fprintf(stderr, "error: --prefix, --protocol, --port, --rule, --member, --listener and --load-balancer "
				"select connections, and nothing else\n");
	return false;
}

struct output_stream {
	const struct session *session;
	struct table *table; /* NULL: JSON */
	uint64_t shown;
};

static int print_json(const struct output_stream *stream, const Sluice__V1__Connection *connection)
{
	struct json_object *object = json_message(&connection->base);

	if (!object)
		return -1;
	printf("%s\n%s", stream->shown ? "," : "{\"connections\": [",
	       json_object_to_json_string_ext(object, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return 0;
}

static int print_page(struct output_stream *stream, const Sluice__V1__ListConnectionsResponse *page)
{
	for (size_t i = 0; i < page->n_connections; i++) {
		Sluice__V1__Connection *connection = page->connections[i];

		if (stream->table ? make_readable(connection) || table_add(stream->table, &connection->base)
				  : print_json(stream, connection))
			return out_of_memory();
		stream->shown++;
	}
	if (stream->table && table_rows(stream->table) >= TABLE_ROWS)
		table_flush(stream->table);
	return DONE;
}

static void print_end(struct output_stream *stream, const Sluice__V1__ListConnectionsResponse *last)
{
	if (stream->table) {
		table_flush(stream->table);
		fprintf(stderr, "%" PRIu64 " of %" PRIu64 " connections; there is room for %" PRIu64 " of IPv4\n",
			stream->shown, last->count, last->capacity);
	} else {
		printf("%s], \"count\": %" PRIu64 ", \"capacity\": %" PRIu64 "}\n",
		       stream->shown ? "\n" : "{\"connections\": [", last->count, last->capacity);
	}
}

static int show_pages(struct session *session, struct output_stream *stream,
		      Sluice__V1__ListConnectionsRequest *request)
{
	Sluice__V1__ListConnectionsResponse *page = NULL;
	struct error error;
	int rc = DONE;

	do {
		ProtobufCMessage *next = session_call(session, SERVICE, "ListConnections", &request->base, &error);

		if (page)
			protobuf_c_message_free_unpacked(&page->base, NULL);
		page = (Sluice__V1__ListConnectionsResponse *)next;
		if (!page)
			return session_report(&error, NULL, 0);
		rc = print_page(stream, page);
		request->page_token = page->next_page_token;
	} while (rc == DONE && *page->next_page_token);
	if (rc == DONE)
		print_end(stream, page);
	protobuf_c_message_free_unpacked(&page->base, NULL);
	return rc;
}

/* Who holds them. */
static int show_sources(struct session *session, Sluice__V1__ListConnectionsRequest *request)
{
	const struct options *options = session->options;
	Sluice__V1__ListConnectionsResponse *response;
	struct table *table = NULL;
	struct error error;
	int failed = 0;

	request->page_size = 0;
	request->heaviest_sources = SOURCES;
	response = (Sluice__V1__ListConnectionsResponse *)session_call(session, SERVICE, "ListConnections",
								       &request->base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (options->output == OUTPUT_JSON) {
		failed = json_print(json_message(&response->base));
	} else {
		table = table_new(connection_source_columns, NULL, options->output == OUTPUT_WIDE, options->color);
		failed = !table;
		for (size_t i = 0; i < response->n_sources && !failed; i++)
			failed = table_add(table, &response->sources[i]->base);
		if (!failed)
			table_flush(table);
		fprintf(stderr, "of %" PRIu64 " connections; there is room for %" PRIu64 " of IPv4\n", response->count,
			response->capacity);
		table_free(table);
	}
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return failed ? out_of_memory() : DONE;
}

int show_connections(struct session *session)
{
	Sluice__V1__ListConnectionsRequest request = SLUICE__V1__LIST_CONNECTIONS_REQUEST__INIT;
	const struct options *options = session->options;
	struct output_stream stream = {.session = session};
	Sluice__V1__ConnectionFilter filter;
	int rc;

	if (options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	if (take_filter(options, &filter))
		return FAILED;
	request.filter = &filter;
	if (options->by_source)
		return show_sources(session, &request);
	request.page_size = PAGE;
	if (options->output != OUTPUT_JSON) {
		stream.table = table_new(connection_columns, NULL, options->output == OUTPUT_WIDE, options->color);
		if (!stream.table)
			return out_of_memory();
	}
	rc = show_pages(session, &stream, &request);
	table_free(stream.table);
	return rc;
}

int delete_connections(struct session *session)
{
	Sluice__V1__DeleteConnectionsRequest request = SLUICE__V1__DELETE_CONNECTIONS_REQUEST__INIT;
	Sluice__V1__DeleteConnectionsResponse *response;
	Sluice__V1__ConnectionFilter filter;
	struct error error;
	int rc = DONE;

	if (session->options->dry_run || session->options->confirm_seconds || session->options->expected_revision) {
		fprintf(stderr, "error: --dry-run, --confirm and --expected-revision are for resources: connections "
				"are none, and cannot be brought back\n");
		return FAILED;
	}
	if (take_filter(session->options, &filter))
		return FAILED;
	request.filter = &filter;
	request.all = session->options->all;
	response = (Sluice__V1__DeleteConnectionsResponse *)session_call(session, SERVICE, "DeleteConnections",
									 &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(&response->base)) ? out_of_memory() : DONE;
	else
		printf("deleted %" PRIu64 " connections\n", response->deleted);
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return rc;
}
