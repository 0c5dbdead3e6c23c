/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/rpc/status.pb-c.h"
#include "vnf/rpc/wire.h"

#define BAD_REQUEST "type.googleapis.com/google.rpc.BadRequest"

/* Clients refuse headers beyond 8 KiB, and the details travel in base64. */
#define DETAILS_MAX 5600

const char *status_message(const struct error *error, char text[STATUS_MESSAGE_TEXT])
{
	const struct fault *fault = &error->fault[0];
	char more[48] = "";

	if (!error->count)
		return strcpy(text, "");
	if (error->count > 1)
		snprintf(more, sizeof(more), " (and %zu more)", error->count - 1);
	snprintf(text, STATUS_MESSAGE_TEXT, "%s%s%s%s", fault->field, fault->field[0] ? ": " : "", fault->message,
		 more);
	return text;
}

uint8_t *status_details(const struct error *error, size_t *size)
{
	Google__Rpc__BadRequest__FieldViolation violation[ERROR_FAULTS], *list[ERROR_FAULTS];
	Google__Rpc__BadRequest request = GOOGLE__RPC__BAD_REQUEST__INIT;
	Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
	Google__Rpc__Any any = GOOGLE__RPC__ANY__INIT, *anys = &any;
	size_t faults = error->count < ERROR_FAULTS ? error->count : ERROR_FAULTS;
	char message[STATUS_MESSAGE_TEXT];
	bool fields = false;
	uint8_t *packed = NULL;

	request.field_violations = list;
	for (size_t i = 0; i < faults; i++) {
		google__rpc__bad_request__field_violation__init(&violation[i]);
		violation[i].field = (char *)error->fault[i].field;
		violation[i].description = (char *)error->fault[i].message;
		fields |= error->fault[i].field[0] != '\0';
		list[request.n_field_violations++] = &violation[i];
	}
	if (!fields)
		return NULL;
	while (google__rpc__bad_request__get_packed_size(&request) > DETAILS_MAX - STATUS_MESSAGE_TEXT - 64)
		request.n_field_violations--;
	any.type_url = (char *)BAD_REQUEST;
	any.value.len = google__rpc__bad_request__get_packed_size(&request);
	any.value.data = malloc(any.value.len);
	if (!any.value.data)
		return NULL;
	google__rpc__bad_request__pack(&request, any.value.data);
	status.code = (int32_t)error->code;
	status.message = (char *)status_message(error, message);
	status.n_details = 1;
	status.details = &anys;
	*size = google__rpc__status__get_packed_size(&status);
	packed = malloc(*size);
	if (packed)
		google__rpc__status__pack(&status, packed);
	free(any.value.data);
	return packed;
}

/* Unpacks a message from another process. */
static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size,
				struct wire_memory *memory)
{
	struct error ignored = {0};

	wire_memory_init(memory, 1 << 18, NULL);
	return wire_unpack(descriptor, data, size, memory, &ignored);
}

static bool add_faults(const ProtobufCBinaryData *value, enum error_code code, struct error *error)
{
	struct wire_memory memory;
	Google__Rpc__BadRequest *request;
	bool any = false;

	request = (Google__Rpc__BadRequest *)unpack(&google__rpc__bad_request__descriptor, value->data, value->len,
						    &memory);
	if (!request)
		return false;
	for (size_t i = 0; i < request->n_field_violations; i++, any = true)
		error_add(error, code, request->field_violations[i]->field, "%s",
			  request->field_violations[i]->description);
	wire_free(&request->base, &memory);
	return any;
}

int status_details_parse(const uint8_t *data, size_t size, enum error_code code, struct error *error)
{
	struct wire_memory memory;
	Google__Rpc__Status *status;
	bool any = false;

	status = (Google__Rpc__Status *)unpack(&google__rpc__status__descriptor, data, size, &memory);
	if (!status)
		return -1;
	for (size_t i = 0; i < status->n_details; i++)
		if (!strcmp(status->details[i]->type_url, BAD_REQUEST))
			any |= add_faults(&status->details[i]->value, code, error);
	wire_free(&status->base, &memory);
	return any ? 0 : -1;
}
