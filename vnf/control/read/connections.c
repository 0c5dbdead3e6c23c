/* SPDX-License-Identifier: Apache-2.0 */
/* ListConnections, and whose connections are meant. */
#include "vnf/control/read/connections.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/rule_names.h"
#include "vnf/dataplane/connections/heaviest.h"
#include "vnf/dataplane/connections/vips.h"
#include "vnf/dataplane/dataplane.h"

#define PAGE_DEFAULT 1000
#define PAGE_MAX     10000
#define SOURCES_MAX  1000
#define PAGE_BYTES   (2U << 20) /* as of ListResources */

static const char *const state_names[] = {
	[DP_CONNECTION_NEW] = "new",
	[DP_CONNECTION_SYN_SENT] = "syn_sent",
	[DP_CONNECTION_SYN_SENT_BOTH] = "syn_sent",
	[DP_CONNECTION_SYN_RECEIVED] = "syn_received",
	[DP_CONNECTION_SYN_RECEIVED_BOTH] = "syn_received",
	[DP_CONNECTION_ESTABLISHED] = "established",
	[DP_CONNECTION_RESET_SEEN] = "established",
	[DP_CONNECTION_FIN_BY_INITIATOR] = "fin_wait",
	[DP_CONNECTION_FIN_BY_RESPONDER] = "fin_wait",
	[DP_CONNECTION_TIME_WAIT] = "time_wait",
	[DP_CONNECTION_CLOSED] = "closed",
};

const char *connection_state_name(unsigned int state)
{
	return state < sizeof(state_names) / sizeof(*state_names) && state_names[state] ? state_names[state] : "";
}

static const char *const kind_names[] = {
	[DP_CONNECTION_POLICY] = "",
	[DP_CONNECTION_SERVICE] = "service",
	[DP_CONNECTION_ANSWER] = "answer",
	[DP_CONNECTION_AFFINITY] = "affinity",
};

/* A prefix, or an address alone. */
static void take_prefix(const char *text, struct ip_prefix *prefix, struct error *error)
{
	if (!ip_address_parse(text, &prefix->address)) {
		prefix->length = prefix->address.family == 4 ? 32 : 128;
		return;
	}
	if (ip_prefix_parse(text, prefix))
		error_add(error, ERROR_INVALID_ARGUMENT, "filter.prefix",
			  "\"%.64s\" is neither an address nor a prefix without bits beyond its length", text);
}

/* The id of the resource; 0, and a fault where a name is given and nothing has it. */
static uint32_t take_name(const char *name, const struct snapshot *snapshot, enum resource_kind kind, const char *field,
			  struct error *error)
{
	const struct resource *resource = *name ? snapshot_find(snapshot, kind, name) : NULL;

	if (*name && !resource)
		error_add(error, ERROR_NOT_FOUND, field, "there is no %s \"%.64s\"", kind_ops(kind)->label, name);
	return resource ? resource_id(resource) : 0;
}

int connections_filter(const Sluice__V1__ConnectionFilter *from, const struct snapshot *snapshot,
		       struct connection_filter *filter, struct error *error)
{
	*filter = (struct connection_filter){0};
	if (!from)
		return 0;
	filter->vrf = (uint16_t)take_name(from->vrf, snapshot, RESOURCE_VRF, "filter.vrf", error);
	if (*from->prefix)
		take_prefix(from->prefix, &filter->prefix, error);
	if (from->protocol > 255)
		error_add(error, ERROR_INVALID_ARGUMENT, "filter.protocol", "%u is out of range: 1 to 255",
			  from->protocol);
	if (from->port > 65535)
		error_add(error, ERROR_INVALID_ARGUMENT, "filter.port", "%u is out of range: 1 to 65535", from->port);
	filter->protocol = (uint8_t)from->protocol;
	filter->port = (uint16_t)from->port;
	filter->member = take_name(from->member, snapshot, RESOURCE_MEMBER, "filter.member", error);
	filter->listener = take_name(from->listener, snapshot, RESOURCE_LISTENER, "filter.listener", error);
	filter->balancer =
		take_name(from->load_balancer, snapshot, RESOURCE_LOAD_BALANCER, "filter.load_balancer", error);
	if (*from->rule) {
		filter->rule = rule_id(snapshot, from->rule);
		if (!filter->rule)
			error_add(error, ERROR_NOT_FOUND, "filter.rule",
				  "there is no policy rule or rule of a security group \"%.64s\"", from->rule);
	}
	return error->count ? -1 : 0;
}

struct listing {
	const struct connection_tables *tables;
	struct conntracks how;
	struct connection_filter filter;
	struct rule_names names;
	uint64_t revision;
	uint32_t page_size;
	uint32_t sources; /* instead of connections; 0: connections */
	uint64_t place;
};

/* The newest revision with these low bits. */
static uint64_t revision_of(uint64_t newest, uint32_t epoch)
{
	uint64_t revision = (newest & ~(uint64_t)UINT32_MAX) | epoch;

	return revision > newest && revision > UINT32_MAX ? revision - UINT32_MAX - 1 : revision;
}

static int encode_ends(const struct connection *from, Sluice__V1__Connection *to)
{
	to->source_port = from->source_port;
	to->destination_port = from->destination_port;
	return encode_address(&to->source, &from->source) || encode_address(&to->destination, &from->destination);
}

static int encode_service(const struct listing *listing, const struct connection *from, Sluice__V1__Connection *to)
{
	const size_t kind = from->kind;

	to->generation = from->generation;
	if (kind == DP_CONNECTION_POLICY)
		to->revision = revision_of(listing->revision, from->epoch);
	return encode_text(&to->service, kind < sizeof(kind_names) / sizeof(*kind_names) ? kind_names[kind] : "") ||
	       encode_text(&to->member, member_name(&listing->names, from->member)) ||
	       encode_text(&to->listener, listener_name(&listing->names, from->listener));
}

/* NULL: out of memory. */
static Sluice__V1__Connection *encode(const struct listing *listing, const struct connection *from)
{
	Sluice__V1__Connection *to = message_new(&sluice__v1__connection__descriptor);
	char number[16];
	const char *rule = rule_name(&listing->names, from->rule, number);

	if (!to)
		return NULL;
	to->protocol = from->protocol;
	to->idle_milliseconds = from->idle_ms;
	to->expires_milliseconds = from->timeout_ms - from->idle_ms;
	if (!encode_service(listing, from, to) && !encode_text(&to->vrf, vrf_name(&listing->names, from->vrf)) &&
	    !encode_ends(from, to) && !encode_text(&to->state, state_names[from->state]) &&
	    !encode_text(&to->rule, rule))
		return to;
	message_free(to);
	return NULL;
}

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

static int fill(struct listing *listing, Sluice__V1__ListConnectionsResponse *page)
{
	struct connection connection;
	uint64_t next = listing->place;
	size_t bytes = 0;
	char token[24];

	page->connections = calloc(listing->page_size, sizeof(*page->connections));
	if (!page->connections)
		return -1;
	while (conntrack_next(listing->tables, &listing->how, &listing->filter, &next, &connection)) {
		Sluice__V1__Connection *one;

		if (page->n_connections == listing->page_size || bytes >= PAGE_BYTES) {
			snprintf(token, sizeof(token), "%llu", (unsigned long long)listing->place);
			return encode_text(&page->next_page_token, token);
		}
		one = encode(listing, &connection);
		if (!one)
			return -1;
		page->connections[page->n_connections++] = one;
		bytes += protobuf_c_message_get_packed_size(&one->base);
		listing->place = next;
	}
	return 0;
}

static int take_place(const char *token, const struct connection_tables *tables, uint64_t *place, struct error *error)
{
	char *end;

	*place = 0;
	if (!*token)
		return 0;
	*place = strtoull(token, &end, 10);
	if (*token >= '0' && *token <= '9' && !*end && strlen(token) < 20 && *place < conntrack_places(tables))
		return 0;
	error_add(error, ERROR_INVALID_ARGUMENT, "page_token", "is not a token of an earlier page");
	return -1;
}

static int start(struct listing *listing, const Sluice__V1__ListConnectionsRequest *request,
		 const struct snapshot *snapshot, struct error *error)
{
	if (request->page_size > PAGE_MAX)
		error_add(error, ERROR_INVALID_ARGUMENT, "page_size", "%u is out of range: 1 to %d, or 0 for %d",
			  request->page_size, PAGE_MAX, PAGE_DEFAULT);
	listing->page_size = request->page_size ? request->page_size : PAGE_DEFAULT;
	if (request->heaviest_sources > SOURCES_MAX)
		error_add(error, ERROR_INVALID_ARGUMENT, "heaviest_sources", "%u is out of range: 1 to %d, or 0",
			  request->heaviest_sources, SOURCES_MAX);
	if (request->heaviest_sources && *request->page_token)
		error_add(error, ERROR_INVALID_ARGUMENT, "page_token",
			  "does not go with heaviest_sources, whose answer is one page: leave one of them out");
	listing->sources = request->heaviest_sources;
	listing->revision = snapshot_revision(snapshot);
	take_place(request->page_token, listing->tables, &listing->place, error);
	return connections_filter(request->filter, snapshot, &listing->filter, error);
}

static Sluice__V1__ConnectionSource *encode_source(const struct listing *listing, const struct connection_source *from)
{
	Sluice__V1__ConnectionSource *to = message_new(&sluice__v1__connection_source__descriptor);
	char text[IP_PREFIX_TEXT];

	if (!to)
		return NULL;
	to->entries = from->entries;
	to->embryonic = from->embryonic;
	if (from->source.address.family == 4)
		ip_address_format(&from->source.address, text);
	else
		ip_prefix_format(&from->source, text);
	if (!encode_text(&to->source, text) && !encode_text(&to->vrf, vrf_name(&listing->names, from->vrf)))
		return to;
	message_free(to);
	return NULL;
}

static int fill_sources(const struct listing *listing, Sluice__V1__ListConnectionsResponse *page)
{
	struct connection_source *source = calloc(listing->sources, sizeof(*source));
	int count =
		source ? conntrack_heaviest(listing->tables, &listing->how, &listing->filter, source, listing->sources)
		       : -1;

	page->sources = calloc(listing->sources, sizeof(*page->sources));
	for (int i = 0; i < count && page->sources; i++) {
		page->sources[i] = encode_source(listing, &source[i]);
		if (!page->sources[i])
			break;
		page->n_sources++;
	}
	free(source);
	return count >= 0 && page->n_sources == (size_t)count ? 0 : -1;
}

static int answer(struct reader *reader, struct listing *listing, Sluice__V1__ListConnectionsResponse *response,
		  struct error *error)
{
	Sluice__V1__ListConnectionsResponse *page = message_new(&sluice__v1__list_connections_response__descriptor);
	struct connection_counts counts = conntrack_count(listing->tables);

	if (!page || (listing->sources ? fill_sources(listing, page) : fill(listing, page))) {
		message_free(page);
		return no_memory(error);
	}
	page->count = counts.embryonic + counts.established + counts.over;
	page->capacity = handles_limits(reader->handles)->connections;
	memcpy(response, page, sizeof(*page));
	free(page);
	return 0;
}

int read_connections(struct reader *reader, const Sluice__V1__ListConnectionsRequest *request,
		     Sluice__V1__ListConnectionsResponse *response, struct error *error)
{
	struct listing listing = {.tables = dataplane_connections(reader->dataplane),
				  .how = dataplane_conntracks(reader->dataplane)};
	const struct snapshot *snapshot = history_pin(reader->history);
	struct vips vips = {0};
	int result = start(&listing, request, snapshot, error);

	listing.how.vips = &vips;
	if (!result && (vips_make(&vips, &listing.how) ||
			rule_names_init(&listing.names, snapshot, handles_limits(reader->handles))))
		result = no_memory(error);
	if (!result) {
		result = answer(reader, &listing, response, error);
		rule_names_clear(&listing.names);
	}
	vips_free(&vips);
	snapshot_unpin(snapshot);
	return result;
}

int connections_delete(const struct reader *reader, const struct connection_filter *filter, uint64_t *deleted,
		       struct error *error)
{
	struct conntracks how = dataplane_conntracks(reader->dataplane);
	struct vips vips = {0};
	int result = vips_make(&vips, &how);

	how.vips = &vips;
	if (result)
		error_no_memory(error, NULL);
	else
		*deleted = conntrack_delete(dataplane_connections(reader->dataplane), &how, filter);
	vips_free(&vips);
	return result ? -1 : 0;
}
