/* SPDX-License-Identifier: Apache-2.0 */
#include "control_history_fixture.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "failing.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"

struct error last_error;
unsigned int fail_call_in;
int64_t fake_time_ms;

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	int result = __real_clock_gettime(clock, time);

	if (clock == CLOCK_REALTIME)
		time->tv_sec += fake_time_ms / 1000;
	return result;
}

void must_confirm_later(const char *owner, uint32_t seconds, const char *const *lines)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of(owner, lines);
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);

	last_error = (struct error){0};
	request->options->confirm_seconds = seconds;
	if (control_apply(fixture.control, request, response, &last_error))
		fail_msg("%s", last_error.fault[0].message);
	message_free(request);
	message_free(response);
}

enum error_code rollback_as(const char *owner, uint64_t revision, uint32_t confirm_seconds)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__RollbackRequest request = SLUICE__V1__ROLLBACK_REQUEST__INIT;
	Sluice__V1__RollbackResponse *response = message_new(&sluice__v1__rollback_response__descriptor);

	last_error = (struct error){0};
	options.owner = (char *)owner;
	options.confirm_seconds = confirm_seconds;
	request.options = &options;
	request.revision = revision;
	fail_in = fail_call_in;
	control_rollback(fixture.control, &request, response, &last_error);
	assert_true(!response->result == (last_error.code != ERROR_NONE));
	message_free(response);
	return last_error.code;
}

enum error_code confirm_as(const char *owner, uint64_t revision)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ConfirmCommitRequest request = SLUICE__V1__CONFIRM_COMMIT_REQUEST__INIT;
	Sluice__V1__ConfirmCommitResponse response = SLUICE__V1__CONFIRM_COMMIT_RESPONSE__INIT;

	last_error = (struct error){0};
	options.owner = (char *)owner;
	request.options = &options;
	request.revision = revision;
	fail_in = fail_call_in;
	control_confirm(fixture.control, &request, &response, &last_error);
	return last_error.code;
}

void let_time_run_out(const char *owner)
{
	struct confirmation *waiting = confirmation_find(fixture.control->committer.confirmations, owner);

	assert_non_null(waiting);
	fail_in = fail_call_in;
	event_active(waiting->timer, EV_TIMEOUT, 1);
	fixture_turn(&fixture);
}

static void print_revision(FILE *file, const Sluice__V1__Revision *revision)
{
	static const char *const states[] = {"?", "committed", "pending", "confirmed", "undone"};

	fprintf(file, "%llu %s +%u ~%u -%u %s", (unsigned long long)revision->revision, revision->owner,
		revision->created, revision->replaced, revision->deleted, states[revision->state]);
	if (revision->confirm_id)
		fprintf(file, " %llu", (unsigned long long)revision->confirm_id);
	if (revision->undone_by)
		fprintf(file, " by %llu", (unsigned long long)revision->undone_by);
	if (revision->rolls_back)
		fprintf(file, " to %llu", (unsigned long long)revision->rollback_to);
	fprintf(file, "\n");
}

/* The answer; message_free. */
static Sluice__V1__ListRevisionsResponse *list(uint32_t page_size, const char *token)
{
	Sluice__V1__ListRevisionsRequest request = SLUICE__V1__LIST_REVISIONS_REQUEST__INIT;
	Sluice__V1__ListRevisionsResponse *page = message_new(&sluice__v1__list_revisions_response__descriptor);
	struct error error = {0};

	request.page_size = page_size;
	request.page_token = (char *)token;
	if (control_revisions(fixture.control, &request, page, &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	return page;
}

char *history_text(uint32_t page_size)
{
	char *text, *token = strdup("");
	size_t size;
	FILE *file = open_memstream(&text, &size);

	do {
		Sluice__V1__ListRevisionsResponse *page = list(page_size, token);

		for (size_t i = 0; i < page->n_revisions; i++)
			print_revision(file, page->revisions[i]);
		free(token);
		token = strdup(page->next_page_token);
		message_free(page);
	} while (*token);
	free(token);
	fclose(file);
	return text;
}

void assert_history(const char *expected)
{
	char *text = history_text(0);

	assert_string_equal(text, expected);
	free(text);
}

void assert_pages(void)
{
	char *one = history_text(0), *many = history_text(1);

	assert_string_equal(one, many);
	free(one);
	free(many);
}

void assert_left(const char *text)
{
	Sluice__V1__ListRevisionsResponse *page = list(1, "");

	assert_int_equal(page->n_revisions, 1);
	assert_true(page->revisions[0]->n_left > 0);
	assert_non_null(strstr(page->revisions[0]->left[0], text));
	message_free(page);
}
