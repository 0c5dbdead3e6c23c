/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/api/answer.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>
#include <string.h>

#include "vnf/json/field.h"
#include "vnf/json/json_write.h"

int api_take_one(ProtobufCMessage *message, const char *name, const char *text, struct error *error)
{
	const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
	int rc;

	if (!field || field->type == PROTOBUF_C_TYPE_MESSAGE || field_is_set(message, field)) {
		error_add(error, ERROR_INVALID_ARGUMENT, name, field ? "is there twice" : "there is no such parameter");
		return -1;
	}
	rc = field_add_text(message, field, text);
	if (rc == -ENOMEM)
		error_no_memory(error, NULL);
	else if (rc)
		error_add(error, ERROR_INVALID_ARGUMENT, name, "does not take \"%s\"", text);
	return rc ? -1 : 0;
}

int api_take(const struct web_request *request, ProtobufCMessage *message, struct error *error)
{
	const struct evkeyval *each;

	TAILQ_FOREACH(each, request->query, next)
	{
		if (api_take_one(message, each->key, each->value, error))
			return -1;
	}
	return 0;
}

static int status_of(enum error_code code)
{
	switch (code) {
	case ERROR_INVALID_ARGUMENT:
		return 400;
	case ERROR_PERMISSION_DENIED:
		return 403;
	case ERROR_NOT_FOUND:
	case ERROR_OUT_OF_RANGE:
		return 404;
	case ERROR_ABORTED:
	case ERROR_FAILED_PRECONDITION:
		return 409;
	case ERROR_RESOURCE_EXHAUSTED:
		return 429;
	case ERROR_UNIMPLEMENTED:
		return 501;
	case ERROR_UNAVAILABLE:
		return 503;
	case ERROR_DEADLINE_EXCEEDED:
		return 504;
	default:
		return 500;
	}
}

int api_answer(struct web_answer *answer, const ProtobufCMessage *message, const struct error *error)
{
	return api_answer_json(answer, error->count ? NULL : json_message(message), error);
}

int api_answer_json(struct web_answer *answer, struct json_object *object, const struct error *error)
{
	const struct fault *fault = &error->fault[0];
	const char *text;
	size_t length;
	int rc = -1;

	if (error->count) {
		json_object_put(object);
		return web_fail(answer, status_of(error->code), *fault->field ? "%s: %s" : "%s%s", fault->field,
				fault->message);
	}
	answer->type = "application/json";
	text = object ? json_object_to_json_string_length(object, JSON_C_TO_STRING_NOSLASHESCAPE, &length) : NULL;
	if (text)
		rc = evbuffer_add(answer->body, text, length);
	json_object_put(object);
	return rc;
}
