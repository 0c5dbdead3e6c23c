/* SPDX-License-Identifier: Apache-2.0 */
/* GetResource and ListResources. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/read/reader.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/pages.h"
#include "vnf/control/read/resource_state.h"
#include "vnf/control/read/scope.h"

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

int read_get(struct reader *reader, const Sluice__V1__GetResourceRequest *request,
	     Sluice__V1__GetResourceResponse *response, struct error *error)
{
	enum resource_kind kind = (enum resource_kind)request->kind;
	const struct resource *resource;
	const struct snapshot *snapshot;
	struct access_view view;
	struct parsed_key parsed;
	int result = -1;

	if (check_kind(request->kind, error))
		return -1;
	if (resource_key_parse(kind_ops(kind)->key.form, request->key, &parsed)) {
		error_add(error, ERROR_INVALID_ARGUMENT, "key", "\"%.128s\" is not %s", request->key,
			  key_form_text(kind_ops(kind)->key.form));
		return -1;
	}
	access_view_open(&view, access_current(), "sluice.v1.StateService/GetResource");
	snapshot = history_pin(reader->history);
	resource = snapshot_find_key(snapshot, kind, &parsed.key);
	if (!resource || !scope_shows(&view, snapshot, resource)) {
		error_add(error, ERROR_NOT_FOUND, "key", "there is no %s \"%.128s\"", kind_ops(kind)->label,
			  request->key);
		goto out;
	}
	response->state = resource_state(reader, snapshot, resource);
	if (!response->state) {
		no_memory(error);
		goto out;
	}
	response->revision = snapshot->revision;
	result = 0;
out:
	snapshot_unpin(snapshot);
	access_view_close(&view);
	return result;
}

/* A listing from its request. */
struct listing {
	const struct snapshot *snapshot;
	enum resource_kind kind;
	const char *vrf; /* "": all */
	struct access_view view;
	size_t page_size;
	bool first;
	struct parsed_key from;
};

static bool shows(const struct listing *listing, const struct resource *resource)
{
	if (*listing->vrf && strcmp(kind_ops(listing->kind)->vrf(resource)->text, listing->vrf) != 0)
		return false;
	return scope_shows(&listing->view, listing->snapshot, resource);
}

/* The next that the listing shows; NULL: the end. Keys that begin with a VRF are sorted by it, so those of one VRF are
 * a range. */
static const struct resource *advance(const struct listing *listing, const struct resource *previous)
{
	static const struct ip_prefix before_all;
	const struct kind_ops *ops = kind_ops(listing->kind);
	bool in_range = *listing->vrf && ops->key.form != KEY_NAME;
	const struct resource *resource;
	struct resource_key key;

	if (previous)
		key = resource_key(previous);
	else if (!listing->first)
		key = listing->from.key;
	else
		key = (struct resource_key){listing->vrf, &before_all, NULL};
	resource =
		snapshot_after(listing->snapshot, listing->kind, previous || !listing->first || in_range ? &key : NULL);
	while (resource && !shows(listing, resource)) {
		if (in_range && strcmp(ops->vrf(resource)->text, listing->vrf) != 0)
			return NULL;
		key = resource_key(resource);
		resource = snapshot_after(listing->snapshot, listing->kind, &key);
	}
	return resource;
}

/* Pins the token's revision, or the newest. */
static int start(struct reader *reader, const Sluice__V1__ListResourcesRequest *request, struct listing *listing,
		 struct error *error)
{
	struct page_token token;

	listing->first = !*request->page_token;
	if (listing->first) {
		listing->snapshot = history_pin(reader->history);
		return 0;
	}
	if (page_token_parse(reader->pages, request->page_token, &token, error))
		return -1;
	if (token.kind != listing->kind || strcmp(token.vrf, listing->vrf) != 0 ||
	    resource_key_parse(kind_ops(token.kind)->key.form, token.key, &listing->from)) {
		error_add(error, ERROR_INVALID_ARGUMENT, "page_token",
			  "is of another listing: kind and vrf must stay the same");
		return -1;
	}
	listing->snapshot = pages_find(reader->pages, token.number);
	if (listing->snapshot)
		return 0;
	error_add(error, ERROR_ABORTED, "page_token",
		  "its revision is not held any more: list again from the first page");
	return -1;
}

static int next_token(struct reader *reader, const struct listing *listing, const struct resource *last, char **field)
{
	struct page_token token = {.number = listing->snapshot->number, .kind = listing->kind};
	char text[PAGE_TOKEN_TEXT];

	snprintf(token.vrf, sizeof(token.vrf), "%s", listing->vrf);
	resource_key_format(last, token.key);
	page_token_format(reader->pages, &token, text);
	if (encode_text(field, text))
		return -1;
	pages_hold(reader->pages, listing->snapshot);
	return 0;
}

static int fill(struct reader *reader, const struct listing *listing, Sluice__V1__ListResourcesResponse *page)
{
	const struct resource *resource = advance(listing, NULL), *last = NULL;
	size_t bytes = 0, room = snapshot_count(listing->snapshot, listing->kind);

	if (!resource)
		return 0;
	page->states = calloc(room < listing->page_size ? room : listing->page_size, sizeof(*page->states));
	if (!page->states)
		return -1;
	while (resource && page->n_states < listing->page_size && bytes < PAGE_BYTES) {
		Sluice__V1__ResourceState *state = resource_state(reader, listing->snapshot, resource);

		if (!state)
			return -1;
		page->states[page->n_states++] = state;
		bytes += protobuf_c_message_get_packed_size(&state->base);
		last = resource;
		resource = advance(listing, resource);
	}
	return resource ? next_token(reader, listing, last, &page->next_page_token) : 0;
}

/* "interfaces, routes, ..." */
static const char *kinds_of_vrf(char *text, size_t size)
{
	size_t length = 0;

	for (int kind = kind_after(0); kind < RESOURCE_KINDS && length < size; kind = kind_after(kind)) {
		const struct kind_ops *ops = kind_ops((enum resource_kind)kind);

		if (ops->vrf)
			length +=
				(size_t)snprintf(text + length, size - length, "%s%ss", length ? ", " : "", ops->label);
	}
	return text;
}

int read_list(struct reader *reader, const Sluice__V1__ListResourcesRequest *request,
	      Sluice__V1__ListResourcesResponse *response, struct error *error)
{
	Sluice__V1__ListResourcesResponse *page;
	struct listing listing = {.kind = (enum resource_kind)request->kind, .vrf = request->vrf};
	char kinds[256];
	int result;

	if (check_kind(request->kind, error))
		return -1;
	if (request->page_size > PAGE_MAX)
		error_add(error, ERROR_INVALID_ARGUMENT, "page_size", "%u is out of range: 1 to %d, or 0 for %d",
			  request->page_size, PAGE_MAX, PAGE_DEFAULT);
	if (*request->vrf && !kind_ops(listing.kind)->vrf)
		error_add(error, ERROR_INVALID_ARGUMENT, "vrf", "only %s are of a VRF",
			  kinds_of_vrf(kinds, sizeof(kinds)));
	if (strlen(request->vrf) > NAME_BYTES)
		error_add(error, ERROR_INVALID_ARGUMENT, "vrf", "is longer than any name");
	if (error->count)
		return -1;
	listing.page_size = request->page_size ? request->page_size : PAGE_DEFAULT;
	page = message_new(&sluice__v1__list_resources_response__descriptor);
	if (!page)
		return no_memory(error);
	if (start(reader, request, &listing, error)) {
		message_free(page);
		return -1;
	}
	page->revision = listing.snapshot->revision;
	access_view_open(&listing.view, access_current(), "sluice.v1.StateService/ListResources");
	result = fill(reader, &listing, page);
	access_view_close(&listing.view);
	snapshot_unpin(listing.snapshot);
	if (result) {
		message_free(page);
		return no_memory(error);
	}
	*response = *page;
	free(page);
	return 0;
}
