/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/reflection.h"

#include <stdio.h>
#include <stdlib.h>

#include "grpc/reflection/v1/reflection.pb-c.h"
#include "vnf/rpc/services/descriptors.h"

struct reflection {
	const struct rpc_service *services;
	size_t count;
	/* v1's descriptor under the older name: on the wire the two are the same */
	ProtobufCServiceDescriptor v1alpha;
};

typedef Grpc__Reflection__V1__ServerReflectionRequest reflection_request;
typedef Grpc__Reflection__V1__ServerReflectionResponse reflection_response;
#define REQUEST(name)  GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name
#define RESPONSE(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

struct reflection *reflection_new(void)
{
	struct reflection *reflection = calloc(1, sizeof(*reflection));

	if (!reflection)
		return NULL;
	reflection->v1alpha = grpc__reflection__v1__server_reflection__descriptor;
	reflection->v1alpha.name = "grpc.reflection.v1alpha.ServerReflection";
	return reflection;
}

void reflection_free(struct reflection *reflection)
{
	free(reflection);
}

void reflection_set_services(struct reflection *reflection, const struct rpc_service *services, size_t count)
{
	reflection->services = services;
	reflection->count = count;
}

static void on_sent(struct rpc_call *call, bool ok)
{
	if (ok)
		rpc_next(call);
	else
		rpc_finish(call, NULL, NULL); /* to nobody */
}

static void send_error(struct rpc_call *call, reflection_response *response, enum error_code code, const char *what)
{
	Grpc__Reflection__V1__ErrorResponse error = GRPC__REFLECTION__V1__ERROR_RESPONSE__INIT;
	char text[160];

	snprintf(text, sizeof(text), "%s: %s", error_code_name(code), what);
	error.error_code = (int32_t)code;
	error.error_message = text;
	response->message_response_case = RESPONSE(ERROR_RESPONSE);
	response->error_response = &error;
	rpc_send(call, &response->base, on_sent);
}

static void send_files(struct rpc_call *call, reflection_response *response, const struct descriptor_file *file)
{
	Grpc__Reflection__V1__FileDescriptorResponse answer = GRPC__REFLECTION__V1__FILE_DESCRIPTOR_RESPONSE__INIT;
	struct descriptor_file files[DESCRIPTOR_IMPORTS];
	ProtobufCBinaryData bytes[DESCRIPTOR_IMPORTS];

	answer.n_file_descriptor_proto = descriptors_with_imports(file, files);
	answer.file_descriptor_proto = bytes;
	for (size_t i = 0; i < answer.n_file_descriptor_proto; i++)
		bytes[i] = (ProtobufCBinaryData){files[i].size, (uint8_t *)files[i].data};
	response->message_response_case = RESPONSE(FILE_DESCRIPTOR_RESPONSE);
	response->file_descriptor_response = &answer;
	rpc_send(call, &response->base, on_sent);
}

static void send_services(struct rpc_call *call, reflection_response *response, const struct reflection *reflection)
{
	Grpc__Reflection__V1__ListServiceResponse answer = GRPC__REFLECTION__V1__LIST_SERVICE_RESPONSE__INIT;
	Grpc__Reflection__V1__ServiceResponse service[reflection->count], *list[reflection->count];

	for (size_t i = 0; i < reflection->count; i++) {
		grpc__reflection__v1__service_response__init(&service[i]);
		service[i].name = (char *)reflection->services[i].descriptor->name;
		list[i] = &service[i];
	}
	answer.n_service = reflection->count;
	answer.service = list;
	response->message_response_case = RESPONSE(LIST_SERVICES_RESPONSE);
	response->list_services_response = &answer;
	rpc_send(call, &response->base, on_sent);
}

static void handle(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	reflection_request *request = (reflection_request *)message;
	reflection_response response = GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
	struct descriptor_file file;

	if (!request) {
		rpc_finish(call, NULL, NULL);
		return;
	}
	response.valid_host = request->host;
	response.original_request = request;
	switch (request->message_request_case) {
	case REQUEST(FILE_BY_FILENAME):
		if (descriptors_find_file(request->file_by_filename, &file))
			send_error(call, &response, ERROR_NOT_FOUND, "no such file");
		else
			send_files(call, &response, &file);
		break;
	case REQUEST(FILE_CONTAINING_SYMBOL):
		if (descriptors_find_symbol(request->file_containing_symbol, &file))
			send_error(call, &response, ERROR_NOT_FOUND, "no such symbol");
		else
			send_files(call, &response, &file);
		break;
	case REQUEST(LIST_SERVICES):
		send_services(call, &response, context);
		break;
	case REQUEST(FILE_CONTAINING_EXTENSION):
	case REQUEST(ALL_EXTENSION_NUMBERS_OF_TYPE):
		send_error(call, &response, ERROR_NOT_FOUND, "these protos have no extensions");
		break;
	default:
		send_error(call, &response, ERROR_UNIMPLEMENTED, "unknown kind of request");
	}
}

static const struct rpc_method methods[] = {
	{"ServerReflectionInfo", RPC_BIDI, handle, NULL},
	{0},
};

struct rpc_service reflection_service_v1(struct reflection *reflection)
{
	return (struct rpc_service){&grpc__reflection__v1__server_reflection__descriptor, methods, reflection};
}

struct rpc_service reflection_service_v1alpha(struct reflection *reflection)
{
	return (struct rpc_service){&reflection->v1alpha, methods, reflection};
}
