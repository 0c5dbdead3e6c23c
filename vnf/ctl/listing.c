/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/listing.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 5000

void cursor_begin(struct cursor *cursor, unsigned int kind, const char *vrf)
{
	*cursor = (struct cursor){.request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT};
	cursor->request.kind = kind;
	cursor->request.page_size = PAGE;
	if (vrf)
		cursor->request.vrf = (char *)vrf;
}

static void drop_page(struct cursor *cursor)
{
	if (cursor->page)
		sluice__v1__list_resources_response__free_unpacked(cursor->page, NULL);
	cursor->page = NULL;
	cursor->next = 0;
}

void cursor_end(struct cursor *cursor)
{
	drop_page(cursor);
	free(cursor->token);
	cursor->token = NULL;
}

/* The first page, or the one behind that in hand. DONE, or an exit code after the faults were printed. */
static int turn_page(struct session *session, struct cursor *cursor)
{
	char *token = NULL;
	struct error error;

	if (cursor->page) {
		token = strdup(cursor->page->next_page_token);
		if (!token)
			return out_of_memory();
		free(cursor->token);
		cursor->token = cursor->request.page_token = token;
	}
	drop_page(cursor);
	cursor->page = (Sluice__V1__ListResourcesResponse *)session_call(
		session, &sluice__v1__state_service__descriptor, "ListResources", &cursor->request.base, &error);
	return cursor->page ? DONE : session_report(&error, NULL, 0);
}

int cursor_peek(struct session *session, struct cursor *cursor, const Sluice__V1__ResourceState **state)
{
	*state = NULL;
	while (!cursor->page || cursor->next == cursor->page->n_states) {
		int rc;

		if (cursor->page && !*cursor->page->next_page_token)
			return DONE;
		rc = turn_page(session, cursor);
		if (rc != DONE)
			return rc;
	}
	*state = cursor->page->states[cursor->next];
	return DONE;
}

void cursor_step(struct cursor *cursor)
{
	cursor->next++;
}

static int hand_out(const Sluice__V1__ListResourcesResponse *response, struct listing *listing)
{
	int rc = DONE;

	for (size_t i = 0; i < response->n_states && rc == DONE; i++)
		rc = listing->each(response->states[i], listing->context);
	if (rc == DONE && listing->page)
		rc = listing->page(listing->context);
	return rc;
}

int list_resources(struct session *session, unsigned int kind, struct listing *listing)
{
	struct cursor cursor;
	int rc;

	cursor_begin(&cursor, kind, listing->vrf);
	do {
		rc = turn_page(session, &cursor);
		if (rc != DONE)
			break;
		listing->revision = cursor.page->revision;
		rc = hand_out(cursor.page, listing);
	} while (rc == DONE && *cursor.page->next_page_token);
	cursor_end(&cursor);
	return rc;
}
