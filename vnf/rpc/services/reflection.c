/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/reflection.h"

#include <stdio.h>
#include <string.h>

#include "grpc/reflection/v1/reflection.pb-c.h"
#include "vnf/rpc/services/descriptors.h"

typedef Grpc__Reflection__V1__ServerReflectionRequest reflection_request;
typedef Grpc__Reflection__V1__ServerReflectionResponse reflection_response;
#define SERVICES       64 /* that a server has at most */
#define REQUEST(name)  GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name
#define RESPONSE(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

static const ProtobufCMethodDescriptor v1alpha_methods[] = {
	{"ServerReflectionInfo", &grpc__reflection__v1__server_reflection_request__descriptor,
	 &grpc__reflection__v1__server_reflection_response__descriptor},
};
static const unsigned int v1alpha_by_name[] = {0};

const ProtobufCServiceDescriptor reflection_v1alpha_descriptor = {
	.magic = PROTOBUF_C__SERVICE_DESCRIPTOR_MAGIC,
	.name = "grpc.reflection.v1alpha.ServerReflection",
	.short_name = "ServerReflection",
	.c_name = "Grpc__Reflection__V1alpha__ServerReflection",
	.package = "grpc.reflection.v1alpha",
	.n_methods = 1,
	.methods = v1alpha_methods,
	.method_indices_by_name = v1alpha_by_name,
};

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

static bool is_listed(const char *name, Grpc__Reflection__V1__ServiceResponse *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i]->name, name))
			return true;
	return false;
}

static void send_services(struct rpc_call *call, reflection_response *response, const struct rpc_method *methods)
{
	Grpc__Reflection__V1__ListServiceResponse answer = GRPC__REFLECTION__V1__LIST_SERVICE_RESPONSE__INIT;
	Grpc__Reflection__V1__ServiceResponse service[SERVICES], *list[SERVICES];

	answer.service = list;
	for (const struct rpc_method *method = methods; method->service && answer.n_service < SERVICES; method++) {
		if (is_listed(method->service->name, list, answer.n_service))
			continue;
		grpc__reflection__v1__service_response__init(&service[answer.n_service]);
		service[answer.n_service].name = (char *)method->service->name;
		list[answer.n_service] = &service[answer.n_service];
		answer.n_service++;
	}
	response->message_response_case = RESPONSE(LIST_SERVICES_RESPONSE);
	response->list_services_response = &answer;
	rpc_send(call, &response->base, on_sent);
}

void reflection_handle(struct rpc_call *call, const ProtobufCMessage *message, void *context)
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
		send_services(call, &response, ((struct services_context *)context)->methods);
		break;
	case REQUEST(FILE_CONTAINING_EXTENSION):
	case REQUEST(ALL_EXTENSION_NUMBERS_OF_TYPE):
		send_error(call, &response, ERROR_NOT_FOUND, "these protos have no extensions");
		break;
	default:
		send_error(call, &response, ERROR_UNIMPLEMENTED, "unknown kind of request");
	}
}
