/* SPDX-License-Identifier: Apache-2.0 */
/* The fake's history: two revisions; a rollback makes the router empty; what was last written to be confirmed waits. */
#include "tests/unit/ctl_fake.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/json/field.h"

static Sluice__V1__Revision *revision(uint64_t number, Sluice__V1__RevisionState state)
{
	Sluice__V1__Revision *message = (void *)field_message_new(&sluice__v1__revision__descriptor);

	message->revision = number;
	message->time_unix_ms = 1600000000000;
	message->owner = strdup("operator");
	message->created = 3;
	message->state = state;
	return message;
}

int control_revisions(struct control *control, const Sluice__V1__ListRevisionsRequest *request,
		      Sluice__V1__ListRevisionsResponse *response, struct error *error)
{
	bool second = strcmp(request->page_token, "second") == 0;

	(void)control;
	(void)error;
	response->oldest_revision = 40;
	response->newest_revision = 42;
	response->revisions = calloc(1, sizeof(*response->revisions));
	response->n_revisions = 1;
	response->revisions[0] = second ? revision(41, SLUICE__V1__REVISION_STATE__REVISION_STATE_UNDONE)
					: revision(42, SLUICE__V1__REVISION_STATE__REVISION_STATE_PENDING);
	if (second)
		response->revisions[0]->undone_by = 42;
	else
		response->next_page_token = strdup("second");
	return 0;
}

int control_diff_revisions(struct control *control, const Sluice__V1__DiffRevisionsRequest *request,
			   Sluice__V1__DiffRevisionsResponse *response, struct error *error)
{
	Sluice__V1__Difference *difference;

	(void)control;
	if (request->from_revision < 40) {
		error_add(error, ERROR_OUT_OF_RANGE, "from_revision", "is not known: 40 to 42 are");
		return -1;
	}
	if (request->from_revision == request->to_revision)
		return 0;
	difference = (void *)field_message_new(&sluice__v1__difference__descriptor);
	difference->kind = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_VRF;
	difference->key = strdup(*request->page_token ? "later" : "blue");
	difference->after = (void *)field_message_new(&sluice__v1__resource__descriptor);
	difference->after->kind_case = SLUICE__V1__RESOURCE__KIND_VRF;
	difference->after->vrf = (void *)field_message_new(&sluice__v1__vrf__descriptor);
	difference->after->vrf->name = strdup(difference->key);
	response->differences = calloc(1, sizeof(*response->differences));
	response->differences[response->n_differences++] = difference;
	if (!*request->page_token)
		response->next_page_token = strdup("more");
	return 0;
}

void control_submit_rollback(struct control *control, const Sluice__V1__RollbackRequest *request,
			     Sluice__V1__RollbackResponse *response, struct error *error, struct control_answer *answer)
{
	pthread_mutex_lock(&control->lock);
	if (request->revision == 7) {
		error_add(error, ERROR_FAILED_PRECONDITION, "revision", "vrf \"a\" is in use");
	} else {
		response->result = (void *)field_message_new(&sluice__v1__write_result__descriptor);
		response->result->deleted = (uint32_t)control->count;
		if (!request->options->validate_only)
			control->revision++;
		for (size_t i = 0; i < control->count && !request->options->validate_only; i++)
			protobuf_c_message_free_unpacked(&control->state[i]->base, NULL);
		if (!request->options->validate_only)
			control->count = 0;
		response->result->revision = control->revision;
		response->result->generation = control->revision * 2;
	}
	pthread_mutex_unlock(&control->lock);
	answer->done(answer);
}

int control_confirm(struct control *control, const Sluice__V1__ConfirmCommitRequest *request,
		    Sluice__V1__ConfirmCommitResponse *response, struct error *error)
{
	(void)request;
	if (!control->confirm_seconds) {
		error_add(error, ERROR_NOT_FOUND, "revision", "nothing of %s waits for its confirmation",
			  request->options->owner);
		return -1;
	}
	control->confirm_seconds = 0;
	response->confirm_id = control->revision;
	return 0;
}
