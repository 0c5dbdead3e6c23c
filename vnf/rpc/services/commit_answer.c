/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/commit_answer.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/rpc/status.h"

/* All of a refusal's texts lie in one block. */
struct texts {
	Sluice__V1__FieldViolation violation[ERROR_FAULTS], *list[ERROR_FAULTS];
	char text[];
};

void commit_answer_init(struct commit_answer *answer, uint64_t sequence)
{
	sluice__v1__commit_answer__init(&answer->message);
	sluice__v1__apply_changes_response__init(&answer->response);
	sluice__v1__commit_refusal__init(&answer->refusal);
	answer->message.sequence = sequence;
	answer->message.answer_case = SLUICE__V1__COMMIT_ANSWER__ANSWER_DONE;
	answer->message.done = &answer->response;
	answer->texts = NULL;
}

static char *put(char **at, const char *text)
{
	char *start = *at;

	*at = stpcpy(start, text) + 1;
	return start;
}

void commit_answer_refuse(struct commit_answer *answer, const struct error *error)
{
	Sluice__V1__CommitRefusal *refusal = &answer->refusal;
	size_t count = error->count < ERROR_FAULTS ? error->count : ERROR_FAULTS, size;
	char message[STATUS_MESSAGE_TEXT], *at;
	struct texts *texts;

	answer->message.answer_case = SLUICE__V1__COMMIT_ANSWER__ANSWER_REFUSED;
	answer->message.refused = refusal;
	refusal->code = (int32_t)error->code;
	size = strlen(status_message(error, message)) + 1;
	for (size_t i = 0; i < count; i++)
		size += strlen(error->fault[i].field) + strlen(error->fault[i].message) + 2;
	texts = answer->texts = malloc(sizeof(*texts) + size);
	if (!texts)
		return;
	at = texts->text;
	refusal->message = put(&at, message);
	refusal->violations = texts->list;
	for (size_t i = 0; i < count; i++) {
		Sluice__V1__FieldViolation *violation = &texts->violation[refusal->n_violations];

		if (!error->fault[i].field[0])
			continue;
		sluice__v1__field_violation__init(violation);
		violation->field = put(&at, error->fault[i].field);
		violation->description = put(&at, error->fault[i].message);
		texts->list[refusal->n_violations++] = violation;
	}
}

void commit_answer_clear(struct commit_answer *answer)
{
	Sluice__V1__ApplyChangesResponse *response = &answer->response;

	if (response->result)
		protobuf_c_message_free_unpacked(&response->result->base, NULL);
	for (size_t i = 0; i < response->n_differences; i++)
		protobuf_c_message_free_unpacked(&response->differences[i]->base, NULL);
	free(response->differences);
	free(answer->texts);
}
