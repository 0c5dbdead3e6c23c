/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/candidates.h"

#include <string.h>

#include "vnf/core/address.h"

#define CHUNK	5000	  /* candidates between calls of listing->page */
#define LEARNED "source/" /* the owner of what is learned begins so */

bool is_learned(const Sluice__V1__ResourceState *state)
{
	return strncmp(state->owner, LEARNED, strlen(LEARNED)) == 0;
}

static void place_of(const Sluice__V1__ResourceState *state, const char **vrf, const char **prefix)
{
	const Sluice__V1__Resource *resource = state->resource;

	*vrf = *prefix = "";
	if (resource && resource->kind_case == SLUICE__V1__RESOURCE__KIND_ROUTE) {
		*vrf = resource->route->vrf;
		*prefix = resource->route->prefix;
	} else if (resource && resource->kind_case == SLUICE__V1__RESOURCE__KIND_SOURCE_ROUTE) {
		*vrf = resource->source_route->vrf;
		*prefix = resource->source_route->prefix;
	}
}

/* In the order of both listings. */
static int compare(const Sluice__V1__ResourceState *a, const Sluice__V1__ResourceState *b)
{
	const char *vrf[2], *text[2];
	struct ip_prefix prefix[2];
	int order;

	place_of(a, &vrf[0], &text[0]);
	place_of(b, &vrf[1], &text[1]);
	order = strcmp(vrf[0], vrf[1]);
	if (order || ip_prefix_parse(text[0], &prefix[0]) || ip_prefix_parse(text[1], &prefix[1]))
		return order;
	return ip_prefix_compare(&prefix[0], &prefix[1]);
}

/* The next one of both; NULL: there is none. DONE, or an exit code. */
static int take(struct session *session, struct cursor cursor[2], struct cursor **from,
		const Sluice__V1__ResourceState **state)
{
	const Sluice__V1__ResourceState *first[2];
	int rc;

	for (int i = 0; i < 2; i++) {
		rc = cursor_peek(session, &cursor[i], &first[i]);
		if (rc != DONE)
			return rc;
	}
	*from = &cursor[!first[0] || (first[1] && compare(first[1], first[0]) < 0)];
	*state = first[*from - cursor];
	return DONE;
}

int list_candidates(struct session *session, struct listing *listing)
{
	const Sluice__V1__ResourceState *state = NULL;
	struct cursor cursor[2], *from;
	size_t count = 0;
	int rc;

	cursor_begin(&cursor[0], SLUICE__V1__RESOURCE__KIND_ROUTE, listing->vrf);
	cursor_begin(&cursor[1], SLUICE__V1__RESOURCE__KIND_SOURCE_ROUTE, listing->vrf);
	for (;;) {
		rc = take(session, cursor, &from, &state);
		if (rc != DONE || !state)
			break;
		rc = listing->each(state, listing->context);
		cursor_step(from);
		if (rc == DONE && listing->page && ++count % CHUNK == 0)
			rc = listing->page(listing->context);
		if (rc != DONE)
			break;
	}
	if (cursor[0].page)
		listing->revision = cursor[0].page->revision;
	for (int i = 0; i < 2; i++)
		cursor_end(&cursor[i]);
	return rc;
}
