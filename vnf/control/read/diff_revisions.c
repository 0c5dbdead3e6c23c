/* SPDX-License-Identifier: Apache-2.0 */
/* DiffRevisions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/decode.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/pages.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/store/journal_index.h"
#include "vnf/control/store/revisions.h"

#define PAGE_MAX   1000
#define PAGE_BYTES (2U << 20) /* a page ends early beyond this: clients take 4 MiB unless told otherwise */

/* Two revisions that are compared. */
struct comparison {
	const Sluice__V1__DiffRevisionsRequest *request;
	uint64_t older, newer;
	const struct snapshot *snapshot; /* the newest; pinned */
	struct revision_list list;	 /* of what came after the older */
	struct journal_index changed;	 /* in between: by key, what was there at the older */
	struct journal_index later;	 /* after the newer: what was there at it */
	size_t *order;			 /* of the entries of `changed` */
};

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

static void comparison_clear(struct comparison *comparison)
{
	snapshot_unpin(comparison->snapshot);
	revision_list_clear(&comparison->list);
	journal_index_free(&comparison->changed);
	journal_index_free(&comparison->later);
	free(comparison->order);
}

static int check_known(const struct comparison *comparison, const char *field, uint64_t revision, struct error *error)
{
	if (revision >= comparison->list.oldest && revision <= comparison->snapshot->revision)
		return 0;
	error_add(error, ERROR_OUT_OF_RANGE, field, "%llu is not known: %llu to %llu are", (unsigned long long)revision,
		  (unsigned long long)comparison->list.oldest, (unsigned long long)comparison->snapshot->revision);
	return -1;
}

/* From the newest to the oldest, so that the oldest of a key stays. 0 or -1: no memory. */
static int index_revisions(struct comparison *comparison)
{
	for (size_t i = comparison->list.count; i > 0; i--) {
		const struct revision *revision = comparison->list.revision[i - 1];
		bool between = revision->revision <= comparison->newer;
		struct entry entry;
		size_t at = 0;

		if (revision->revision > comparison->snapshot->revision || !revision->changes_size ||
		    (between && *comparison->request->owner &&
		     strcmp(comparison->request->owner, revision->owner) != 0))
			continue;
		while (entry_next(revision->changes, revision->changes_size, &at, &entry) > 0)
			if (journal_index_set(between ? &comparison->changed : &comparison->later, &entry))
				return -1;
	}
	return 0;
}

static int compare_entries(const struct entry *a, const struct entry *b)
{
	size_t size = a->key_size < b->key_size ? a->key_size : b->key_size;
	int order = a->kind != b->kind ? (int)a->kind - (int)b->kind : memcmp(a->key, b->key, size);

	return order ? order : (a->key_size > b->key_size) - (a->key_size < b->key_size);
}

static int compare_places(const void *a, const void *b, void *context)
{
	struct entry left, right;

	journal_index_get(context, *(const size_t *)a, &left);
	journal_index_get(context, *(const size_t *)b, &right);
	return compare_entries(&left, &right);
}

static int sort(struct comparison *comparison)
{
	journal_index_sort(&comparison->changed);
	comparison->order = malloc((comparison->changed.count + 1) * sizeof(*comparison->order));
	if (!comparison->order)
		return -1;
	for (size_t i = 0; i < comparison->changed.count; i++)
		comparison->order[i] = i;
	qsort_r(comparison->order, comparison->changed.count, sizeof(*comparison->order), compare_places,
		&comparison->changed);
	return 0;
}

/* The resource that the entry holds, or in *absent that there was none; NULL and !*absent: no memory. */
static Sluice__V1__Resource *unpack(const struct entry *entry, bool *absent)
{
	*absent = !entry->value_size;
	return *absent ? NULL : sluice__v1__resource__unpack(NULL, entry->value_size, entry->value);
}

/* What the key had at the newer revision. */
static Sluice__V1__Resource *at_newer(const struct comparison *comparison, const struct entry *key, bool *absent)
{
	const struct resource *resource = NULL;
	char text[RESOURCE_KEY_TEXT];
	struct parsed_key parsed;
	struct entry entry;

	if (journal_index_find(&comparison->later, key, &entry))
		return unpack(&entry, absent);
	snprintf(text, sizeof(text), "%.*s", (int)key->key_size, key->key);
	if (!resource_key_parse(kind_ops((enum resource_kind)key->kind)->key.form, text, &parsed))
		resource = snapshot_find_key(comparison->snapshot, (enum resource_kind)key->kind, &parsed.key);
	*absent = !resource;
	return resource ? resource_encode(resource) : NULL;
}

static bool same(const Sluice__V1__Resource *a, const Sluice__V1__Resource *b, bool *failed)
{
	size_t size = a && b ? sluice__v1__resource__get_packed_size(a) : 0;
	uint8_t *bytes;
	bool result;

	if (!a || !b)
		return a == b;
	if (size != sluice__v1__resource__get_packed_size(b))
		return false;
	bytes = malloc(2 * size + 1);
	*failed = !bytes;
	if (!bytes)
		return false;
	sluice__v1__resource__pack(a, bytes);
	sluice__v1__resource__pack(b, bytes + size);
	result = memcmp(bytes, bytes + size, size) == 0;
	free(bytes);
	return result;
}

/* 1: *difference is one; 0: there is none; -1: no memory. */
static int differ(const struct comparison *comparison, const struct entry *key, Sluice__V1__Difference **difference)
{
	bool forward = comparison->request->from_revision <= comparison->request->to_revision;
	bool no_old, no_new, failed = false;
	Sluice__V1__Resource *old = unpack(key, &no_old), *new = at_newer(comparison, key, &no_new);
	Sluice__V1__Difference *made = message_new(&sluice__v1__difference__descriptor);
	char text[RESOURCE_KEY_TEXT];
	int result = -1;

	snprintf(text, sizeof(text), "%.*s", (int)key->key_size, key->key);
	if (!made || (!old && !no_old) || (!new && !no_new) || encode_text(&made->key, text))
		goto out;
	result = !same(old, new, &failed);
	if (failed)
		result = -1;
	if (result != 1)
		goto out;
	made->kind = (Sluice__V1__ResourceKind)key->kind;
	made->before = forward ? old : new;
	made->after = forward ? new : old;
	made->outcome = !made->before  ? SLUICE__V1__OUTCOME__OUTCOME_CREATED
			: !made->after ? SLUICE__V1__OUTCOME__OUTCOME_DELETED
				       : SLUICE__V1__OUTCOME__OUTCOME_REPLACED;
	*difference = made;
	return 1;
out:
	message_free(old);
	message_free(new);
	message_free(made);
	return result;
}

static void format_pair(const Sluice__V1__DiffRevisionsRequest *request, char text[64])
{
	snprintf(text, 64, "%llu-%llu", (unsigned long long)request->from_revision,
		 (unsigned long long)request->to_revision);
}

/* The first entry of the order that the page may show. 0, or -1 and a fault. */
static int start(struct reader *reader, const struct comparison *comparison, size_t *first, struct error *error)
{
	struct page_token token;
	struct entry from, entry;
	char pair[64];

	*first = 0;
	if (!*comparison->request->page_token)
		return 0;
	if (page_token_parse(reader->pages, comparison->request->page_token, &token, error))
		return -1;
	format_pair(comparison->request, pair);
	if (strcmp(token.vrf, pair) != 0) {
		error_add(error, ERROR_INVALID_ARGUMENT, "page_token",
			  "is of another listing: the revisions must stay the same");
		return -1;
	}
	from = (struct entry){.kind = (uint8_t)token.kind, .key = token.key, .key_size = strlen(token.key)};
	for (; *first < comparison->changed.count; ++*first) {
		journal_index_get(&comparison->changed, comparison->order[*first], &entry);
		if (compare_entries(&entry, &from) > 0)
			break;
	}
	return 0;
}

static int next_token(struct reader *reader, const struct comparison *comparison, const struct entry *last,
		      char **field)
{
	struct page_token token = {.number = comparison->newer, .kind = (enum resource_kind)last->kind};
	char text[PAGE_TOKEN_TEXT];

	format_pair(comparison->request, token.vrf);
	snprintf(token.key, sizeof(token.key), "%.*s", (int)last->key_size, last->key);
	page_token_format(reader->pages, &token, text);
	return encode_text(field, text);
}

/* 0 or -1: no memory. */
static int fill(struct reader *reader, const struct comparison *comparison, size_t first,
		Sluice__V1__DiffRevisionsResponse *page)
{
	size_t size = comparison->request->page_size ? comparison->request->page_size : PAGE_MAX, bytes = 0;
	struct entry entry, last = {0};

	page->differences = calloc(size, sizeof(Sluice__V1__Difference *));
	if (!page->differences)
		return -1;
	for (size_t i = first; i < comparison->changed.count; i++) {
		Sluice__V1__Difference *difference;
		int result;

		if (page->n_differences == size || bytes > PAGE_BYTES)
			return next_token(reader, comparison, &last, &page->next_page_token);
		journal_index_get(&comparison->changed, comparison->order[i], &entry);
		result = differ(comparison, &entry, &difference);
		if (result < 0)
			return -1;
		last = entry;
		if (!result)
			continue;
		page->differences[page->n_differences++] = difference;
		bytes += protobuf_c_message_get_packed_size(&difference->base);
	}
	return 0;
}

/* 0, or -1 and a fault. */
static int prepare(struct reader *reader, struct comparison *comparison, struct error *error)
{
	const Sluice__V1__DiffRevisionsRequest *request = comparison->request;

	comparison->older =
		request->from_revision < request->to_revision ? request->from_revision : request->to_revision;
	comparison->newer =
		request->from_revision < request->to_revision ? request->to_revision : request->from_revision;
	/* The revisions that led to it are there before it is. */
	comparison->snapshot = history_pin(reader->history);
	if (revisions_list(*reader->revisions, comparison->older, false, &comparison->list))
		return no_memory(error);
	if (check_known(comparison, "from_revision", request->from_revision, error) ||
	    check_known(comparison, "to_revision", request->to_revision, error))
		return -1;
	return index_revisions(comparison) || sort(comparison) ? no_memory(error) : 0;
}

int read_diff_revisions(struct reader *reader, const Sluice__V1__DiffRevisionsRequest *request,
			Sluice__V1__DiffRevisionsResponse *response, struct error *error)
{
	struct comparison comparison = {.request = request};
	Sluice__V1__DiffRevisionsResponse *page;
	size_t first;
	int result;

	if (request->page_size > PAGE_MAX)
		error_add(error, ERROR_INVALID_ARGUMENT, "page_size", "%u is out of range: 1 to %d, or 0 for %d",
			  request->page_size, PAGE_MAX, PAGE_MAX);
	if (strlen(request->owner) > NAME_BYTES)
		error_add(error, ERROR_INVALID_ARGUMENT, "owner", "is longer than any owner's name");
	if (error->count)
		return -1;
	page = message_new(&sluice__v1__diff_revisions_response__descriptor);
	if (!page)
		return no_memory(error);
	result = prepare(reader, &comparison, error);
	if (!result)
		result = start(reader, &comparison, &first, error);
	if (!result && fill(reader, &comparison, first, page))
		result = no_memory(error);
	comparison_clear(&comparison);
	if (result) {
		message_free(page);
		return -1;
	}
	*response = *page;
	free(page);
	return 0;
}
