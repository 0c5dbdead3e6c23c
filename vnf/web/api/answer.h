/* SPDX-License-Identifier: Apache-2.0 */
/* From a request's parameters to a message, and from the answer to a body. */
#ifndef SLUICE_WEB_API_ANSWER_H
#define SLUICE_WEB_API_ANSWER_H

#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"
#include "vnf/web/http/path.h"

/* Sets the message's fields of the parameters' names from their texts. 0, or -1 and *error: there is no such field, or
 * it does not take the text. */
int api_take(const struct web_request *request, ProtobufCMessage *message, struct error *error);

/* The same of one parameter. */
int api_take_one(ProtobufCMessage *message, const char *name, const char *text, struct error *error);

/* The message as JSON, or the error, with its status, where it has one. 0, or -1: no memory. */
int api_answer(struct web_answer *answer, const ProtobufCMessage *message, const struct error *error);

/* Of an object that is taken; NULL where there is no error: no memory. */
struct json_object;
int api_answer_json(struct web_answer *answer, struct json_object *object, const struct error *error);

#endif
