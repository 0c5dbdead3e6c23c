/* SPDX-License-Identifier: Apache-2.0 */
/* history, and diff of two revisions. */
#include "vnf/ctl/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/history_service.pb-c.h"
#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/field.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/report.h"

#define SHOWN	20   /* revisions, unless all are asked for */
#define PAGE	1000 /* and of differences */
#define WAIT_MS 2000 /* a shell that waits longer looks dead */

static const ProtobufCServiceDescriptor *const service = &sluice__v1__history_service__descriptor;

int revision_argument(const char *text, uint64_t *revision)
{
	char *end;

	errno = 0;
	*revision = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno)
		return 0;
	fprintf(stderr, "error: \"%s\" is not a revision: see sluicectl history\n", text);
	return -1;
}

/* The page that begins at the token; NULL: *rc is the exit code, and the fault was printed. */
static Sluice__V1__ListRevisionsResponse *list_page(struct session *session, uint32_t size, const char *token, int *rc)
{
	Sluice__V1__ListRevisionsRequest request = SLUICE__V1__LIST_REVISIONS_REQUEST__INIT;
	ProtobufCMessage *page;
	struct error error;

	request.page_size = size;
	request.page_token = (char *)token;
	page = session_call(session, service, "ListRevisions", &request.base, &error);
	*rc = page ? DONE : session_report(&error, NULL, 0);
	return (Sluice__V1__ListRevisionsResponse *)page;
}

void history_offer_revisions(struct cli_completion *completion)
{
	struct options *options = completion->options;
	struct session session = {.options = options};
	Sluice__V1__ListRevisionsResponse *page;
	char text[24];
	int rc;

	options->timeout_ms = WAIT_MS;
	page = list_page(&session, PAGE, "", &rc);
	for (size_t i = 0; page && i < page->n_revisions; i++) {
		snprintf(text, sizeof(text), "%" PRIu64, page->revisions[i]->revision);
		cli_offer(completion, text);
	}
	protobuf_c_message_free_unpacked((ProtobufCMessage *)page, NULL);
	session_end(&session);
}

/* Appends the messages of one repeated field to another's; the list that they came from is empty then. 0 or -1. */
static int take_over(void *to, size_t *to_count, void *from, size_t *from_count)
{
	void ***into = to, ***out = from;
	void **grown = reallocarray(*into, *to_count + *from_count + 1, sizeof(*grown));

	if (!grown)
		return -1;
	if (*from_count)
		memcpy(grown + *to_count, *out, *from_count * sizeof(*grown));
	*into = grown;
	*to_count += *from_count;
	*from_count = 0;
	return 0;
}

/* All pages as one; NULL: *rc is the exit code. */
static Sluice__V1__ListRevisionsResponse *list_all(struct session *session, uint32_t size, bool all, int *rc)
{
	Sluice__V1__ListRevisionsResponse *first = list_page(session, size, "", rc);

	while (first && all && *first->next_page_token && *rc == DONE) {
		Sluice__V1__ListRevisionsResponse *page = list_page(session, size, first->next_page_token, rc);
		char *token;

		if (!page)
			break;
		token = first->next_page_token;
		first->next_page_token = page->next_page_token;
		page->next_page_token = token;
		if (take_over(&first->revisions, &first->n_revisions, &page->revisions, &page->n_revisions))
			*rc = out_of_memory();
		protobuf_c_message_free_unpacked(&page->base, NULL);
	}
	return first;
}

static int print_table(const struct session *session, const Sluice__V1__ListRevisionsResponse *list)
{
	struct table *table =
		table_new(revision_columns, NULL, session->options->output == OUTPUT_WIDE, session->options->color);
	int rc = table ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < list->n_revisions; i++)
		rc = table_add(table, &list->revisions[i]->base);
	if (rc == 0)
		table_flush(table);
	table_free(table);
	if (rc)
		return out_of_memory();
	printf("%srevisions %" PRIu64 " to %" PRIu64 " can be compared and rolled back to%s\n",
	       list->n_revisions ? "" : "nothing was committed; ", list->oldest_revision, list->newest_revision,
	       *list->next_page_token ? "; -a shows them all" : "");
	return DONE;
}

int command_history(void *context, char **arguments)
{
	struct session *session = context;
	bool all = session->options->all;
	Sluice__V1__ListRevisionsResponse *list;
	int rc;

	(void)arguments;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	list = list_all(session, all ? PAGE : SHOWN, all, &rc);
	if (list && rc == DONE && session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(&list->base)) ? out_of_memory() : DONE;
	else if (list && rc == DONE)
		rc = print_table(session, list);
	protobuf_c_message_free_unpacked((ProtobufCMessage *)list, NULL);
	return rc;
}

/* One page; NULL: *rc is the exit code. */
static Sluice__V1__DiffRevisionsResponse *diff_page(struct session *session, uint64_t from, uint64_t to,
						    const char *token, int *rc)
{
	Sluice__V1__DiffRevisionsRequest request = SLUICE__V1__DIFF_REVISIONS_REQUEST__INIT;
	ProtobufCMessage *page;
	struct error error;

	request.from_revision = from;
	request.to_revision = to;
	request.page_size = PAGE;
	request.page_token = (char *)token;
	page = session_call(session, service, "DiffRevisions", &request.base, &error);
	*rc = page ? DONE : session_report(&error, NULL, 0);
	return (Sluice__V1__DiffRevisionsResponse *)page;
}

/* Prints, and *different: there was something. Of JSON each page is a document. */
static int print_page(const struct session *session, const Sluice__V1__DiffRevisionsResponse *page, bool *different)
{
	int rc = DONE;

	*different |= page->n_differences != 0;
	if (session->options->output == OUTPUT_JSON)
		return json_print(json_message(&page->base)) ? out_of_memory() : DONE;
	for (size_t i = 0; i < page->n_differences && rc == DONE; i++)
		rc = print_difference(session, page->differences[i]);
	return rc;
}

/* The newest revision. 0 or an exit code. */
static int newest(struct session *session, uint64_t *revision)
{
	int rc;
	Sluice__V1__ListRevisionsResponse *page = list_page(session, 1, "", &rc);

	if (page)
		*revision = page->newest_revision;
	protobuf_c_message_free_unpacked((ProtobufCMessage *)page, NULL);
	return rc;
}

int diff_revisions(struct session *session, char **arguments)
{
	Sluice__V1__DiffRevisionsResponse *page = NULL;
	bool different = false;
	uint64_t from, to;
	int rc = DONE;

	if (revision_argument(arguments[0], &from) || (arguments[1] && revision_argument(arguments[1], &to)))
		return FAILED;
	if (!arguments[1])
		rc = newest(session, &to);
	while (rc == DONE) {
		Sluice__V1__DiffRevisionsResponse *next =
			diff_page(session, from, to, page ? page->next_page_token : "", &rc);

		protobuf_c_message_free_unpacked((ProtobufCMessage *)page, NULL);
		page = next;
		if (page)
			rc = print_page(session, page, &different);
		if (!page || !*page->next_page_token)
			break;
	}
	protobuf_c_message_free_unpacked((ProtobufCMessage *)page, NULL);
	return rc == DONE && different ? DIFFERENT : rc == TRY_AGAIN ? FAILED : rc;
}
