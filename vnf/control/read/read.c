/* SPDX-License-Identifier: Apache-2.0 */
/* GetResource and ListResources. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/pages.h"
#include "vnf/control/read/resource_state.h"

#define PAGE_DEFAULT 1000
#define PAGE_MAX     10000
#define PAGE_BYTES   (2U << 20) /* a page ends early beyond this: clients take 4 MiB unless told otherwise */

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

static int check_kind(Sluice__V1__ResourceKind kind, struct error *error)
{
	if (kind_ops((enum resource_kind)kind))
		return 0;
	error_add(error, ERROR_INVALID_ARGUMENT, "kind", "%d is not a kind of resource", (int)kind);
	return -1;
}

/* A key's text in parts; `vrf` keeps the copy that *key points to. */
struct parsed_key {
	char vrf[RESOURCE_KEY_TEXT];
	struct ip_prefix prefix;
	struct resource_key key;
};

static int parse_key(enum resource_kind kind, const char *text, struct parsed_key *parsed)
{
	const char *slash = strchr(text, '/');

	parsed->key = (struct resource_key){text, NULL};
	if (kind != RESOURCE_ROUTE)
		return 0;
	if (!slash || (size_t)(slash - text) >= sizeof(parsed->vrf) || ip_prefix_parse(slash + 1, &parsed->prefix))
		return -1;
	snprintf(parsed->vrf, sizeof(parsed->vrf), "%.*s", (int)(slash - text), text);
	parsed->key = (struct resource_key){parsed->vrf, &parsed->prefix};
	return 0;
}

int control_get(struct control *control, const Sluice__V1__GetResourceRequest *request,
		Sluice__V1__GetResourceResponse *response, struct error *error)
{
	enum resource_kind kind = (enum resource_kind)request->kind;
	const struct resource *resource;
	const struct snapshot *snapshot;
	struct parsed_key parsed;
	int result = -1;

	if (check_kind(request->kind, error))
		return -1;
	if (parse_key(kind, request->key, &parsed)) {
		error_add(error, ERROR_INVALID_ARGUMENT, "key",
			  "\"%.128s\" is not VRF/prefix, such as blue/203.0.113.0/24", request->key);
		return -1;
	}
	snapshot = history_pin(&control->history);
	resource = snapshot_find_key(snapshot, kind, &parsed.key);
	if (!resource) {
		error_add(error, ERROR_NOT_FOUND, "key", "there is no %s \"%.128s\"", kind_ops(kind)->label,
			  request->key);
		goto out;
	}
	response->state = resource_state(control, snapshot, resource);
	if (!response->state) {
		no_memory(error);
		goto out;
	}
	response->revision = snapshot->revision;
	result = 0;
out:
	snapshot_unpin(snapshot);
	return result;
}

/* What a listing shows, and from where. */
struct listing {
	const struct snapshot *snapshot;
	enum resource_kind kind;
	const char *vrf; /* "": all */
	size_t page_size;
	bool first;
	struct parsed_key from;
};

static const struct handle *vrf_of(const struct resource *resource)
{
	switch (resource->kind) {
	case RESOURCE_ROUTE:
		return ((const struct route *)resource)->vrf;
	case RESOURCE_INTERFACE:
		return ((const struct interface *)resource)->vrf;
	case RESOURCE_FLOW_CLASSIFIER:
		return ((const struct flow_classifier *)resource)->vrf;
	default:
		return NULL;
	}
}

/* The next that the listing shows; NULL: the end. */
static const struct resource *advance(const struct listing *listing, const struct resource *previous)
{
	static const struct ip_prefix before_all;
	const struct resource *resource;
	struct resource_key key;

	if (previous)
		key = resource_key(previous);
	else if (!listing->first)
		key = listing->from.key;
	else
		key = (struct resource_key){listing->vrf, &before_all};
	/* Routes are sorted by VRF: one VRF's are a range. */
	if (previous || !listing->first || (listing->kind == RESOURCE_ROUTE && *listing->vrf))
		resource = snapshot_after(listing->snapshot, listing->kind, &key);
	else
		resource = snapshot_after(listing->snapshot, listing->kind, NULL);
	while (resource && *listing->vrf && strcmp(vrf_of(resource)->text, listing->vrf) != 0) {
		if (listing->kind == RESOURCE_ROUTE)
			return NULL;
		key = resource_key(resource);
		resource = snapshot_after(listing->snapshot, listing->kind, &key);
	}
	return resource;
}

/* Pins the token's revision, or the newest. */
static int start(struct control *control, const Sluice__V1__ListResourcesRequest *request, struct listing *listing,
		 struct error *error)
{
	struct page_token token;

	listing->first = !*request->page_token;
	if (listing->first) {
		listing->snapshot = history_pin(&control->history);
		return 0;
	}
	if (page_token_parse(control->pages, request->page_token, &token, error))
		return -1;
	if (token.kind != listing->kind || strcmp(token.vrf, listing->vrf) != 0 ||
	    parse_key(token.kind, token.key, &listing->from)) {
		error_add(error, ERROR_INVALID_ARGUMENT, "page_token",
			  "is of another listing: kind and vrf must stay the same");
		return -1;
	}
	/* A name's text is in the token, which goes out of scope. */
	if (token.kind != RESOURCE_ROUTE) {
		memcpy(listing->from.vrf, token.key, sizeof(token.key));
		listing->from.key.text = listing->from.vrf;
	}
	listing->snapshot = pages_find(control->pages, token.revision);
	if (listing->snapshot)
		return 0;
	error_add(error, ERROR_ABORTED, "page_token",
		  "its revision is not held any more: list again from the first page");
	return -1;
}

static int next_token(struct control *control, const struct listing *listing, const struct resource *last, char **field)
{
	struct page_token token = {.revision = listing->snapshot->revision, .kind = listing->kind};
	char text[PAGE_TOKEN_TEXT];

	snprintf(token.vrf, sizeof(token.vrf), "%s", listing->vrf);
	resource_key_format(last, token.key);
	page_token_format(control->pages, &token, text);
	if (encode_text(field, text))
		return -1;
	pages_hold(control->pages, listing->snapshot);
	return 0;
}

static int fill(struct control *control, const struct listing *listing, Sluice__V1__ListResourcesResponse *page)
{
	const struct resource *resource = advance(listing, NULL), *last = NULL;
	size_t bytes = 0, room = snapshot_count(listing->snapshot, listing->kind);

	if (!resource)
		return 0;
	page->states = calloc(room < listing->page_size ? room : listing->page_size, sizeof(*page->states));
	if (!page->states)
		return -1;
	while (resource && page->n_states < listing->page_size && bytes < PAGE_BYTES) {
		Sluice__V1__ResourceState *state = resource_state(control, listing->snapshot, resource);

		if (!state)
			return -1;
		page->states[page->n_states++] = state;
		bytes += protobuf_c_message_get_packed_size(&state->base);
		last = resource;
		resource = advance(listing, resource);
	}
	return resource ? next_token(control, listing, last, &page->next_page_token) : 0;
}

int control_list(struct control *control, const Sluice__V1__ListResourcesRequest *request,
		 Sluice__V1__ListResourcesResponse *response, struct error *error)
{
	Sluice__V1__ListResourcesResponse *page;
	struct listing listing = {.kind = (enum resource_kind)request->kind, .vrf = request->vrf};
	int result;

	if (check_kind(request->kind, error))
		return -1;
	if (request->page_size > PAGE_MAX)
		error_add(error, ERROR_INVALID_ARGUMENT, "page_size", "%u is out of range: 1 to %d, or 0 for %d",
			  request->page_size, PAGE_MAX, PAGE_DEFAULT);
	if (*request->vrf && listing.kind != RESOURCE_ROUTE && listing.kind != RESOURCE_INTERFACE &&
	    listing.kind != RESOURCE_FLOW_CLASSIFIER)
		error_add(error, ERROR_INVALID_ARGUMENT, "vrf",
			  "only routes, interfaces and flow classifiers are of a VRF");
	if (strlen(request->vrf) > NAME_BYTES)
		error_add(error, ERROR_INVALID_ARGUMENT, "vrf", "is longer than any name");
	if (error->count)
		return -1;
	listing.page_size = request->page_size ? request->page_size : PAGE_DEFAULT;
	page = message_new(&sluice__v1__list_resources_response__descriptor);
	if (!page)
		return no_memory(error);
	if (start(control, request, &listing, error)) {
		message_free(page);
		return -1;
	}
	page->revision = listing.snapshot->revision;
	result = fill(control, &listing, page);
	snapshot_unpin(listing.snapshot);
	if (result) {
		message_free(page);
		return no_memory(error);
	}
	*response = *page;
	free(page);
	return 0;
}
