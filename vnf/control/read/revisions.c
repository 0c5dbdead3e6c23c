/* SPDX-License-Identifier: Apache-2.0 */
/* ListRevisions. */
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/decode.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/read/pages.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/store/revisions.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     1000

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

/* Where the page begins: below *below. 0, or -1 and a fault. */
static int start(struct reader *reader, const Sluice__V1__ListRevisionsRequest *request, uint64_t *below,
		 struct error *error)
{
	struct page_token token;

	*below = UINT64_MAX;
	if (request->page_size > PAGE_MAX)
		error_add(error, ERROR_INVALID_ARGUMENT, "page_size", "%u is out of range: 1 to %d, or 0 for %d",
			  request->page_size, PAGE_MAX, PAGE_DEFAULT);
	if (strlen(request->owner) > NAME_BYTES)
		error_add(error, ERROR_INVALID_ARGUMENT, "owner", "is longer than any owner's name");
	if (error->count)
		return -1;
	if (!*request->page_token)
		return 0;
	if (page_token_parse(reader->pages, request->page_token, &token, error))
		return -1;
	if (token.kind || strcmp(token.vrf, request->owner) != 0) {
		error_add(error, ERROR_INVALID_ARGUMENT, "page_token",
			  "is of another listing: the owner must stay the same");
		return -1;
	}
	*below = token.number;
	return 0;
}

static int next_token(struct reader *reader, const Sluice__V1__ListRevisionsRequest *request, uint64_t last,
		      char **field)
{
	struct page_token token = {.number = last};
	char text[PAGE_TOKEN_TEXT];

	memcpy(token.vrf, request->owner, strlen(request->owner) + 1);
	page_token_format(reader->pages, &token, text);
	return encode_text(field, text);
}

/* 0 or -1: no memory. */
static int fill(struct reader *reader, const Sluice__V1__ListRevisionsRequest *request,
		const struct revision_list *list, uint64_t below, Sluice__V1__ListRevisionsResponse *page)
{
	size_t size = request->page_size ? request->page_size : PAGE_DEFAULT;

	page->revisions = calloc(list->count + 1, sizeof(Sluice__V1__Revision *));
	if (!page->revisions)
		return -1;
	for (size_t i = list->count; i > 0; i--) {
		const struct revision *revision = list->revision[i - 1];
		Sluice__V1__Revision *message;

		if (revision->revision >= below || (*request->owner && strcmp(request->owner, revision->owner) != 0))
			continue;
		if (page->n_revisions == size)
			return next_token(reader, request, page->revisions[size - 1]->revision, &page->next_page_token);
		message = sluice__v1__revision__unpack(NULL, revision->about_size, revision->about);
		if (!message)
			return -1;
		page->revisions[page->n_revisions++] = message;
	}
	return 0;
}

int read_revisions(struct reader *reader, const Sluice__V1__ListRevisionsRequest *request,
		   Sluice__V1__ListRevisionsResponse *response, struct error *error)
{
	Sluice__V1__ListRevisionsResponse *page;
	const struct snapshot *snapshot;
	struct revision_list list;
	uint64_t below;
	int result;

	if (start(reader, request, &below, error))
		return -1;
	page = message_new(&sluice__v1__list_revisions_response__descriptor);
	if (!page)
		return no_memory(error);
	/* The revisions that led to it are there before it is. */
	snapshot = history_pin(reader->history);
	page->newest_revision = snapshot->revision;
	snapshot_unpin(snapshot);
	if (below > page->newest_revision + 1)
		below = page->newest_revision + 1;
	result = revisions_list(*reader->revisions, 0, false, &list);
	if (!result) {
		page->oldest_revision = list.oldest;
		result = fill(reader, request, &list, below, page);
	}
	revision_list_clear(&list);
	if (result) {
		message_free(page);
		return no_memory(error);
	}
	*response = *page;
	free(page);
	return 0;
}
