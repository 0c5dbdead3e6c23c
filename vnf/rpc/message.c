/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/message.h"

#include <stdlib.h>
#include <string.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>

grpc_slice message_slice(uint8_t *bytes, size_t size)
{
	return grpc_slice_new(bytes, size, free);
}

grpc_byte_buffer *message_pack(const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	/* not grpc_slice_malloc, which ends the process where memory is short */
	uint8_t *bytes = malloc(size ? size : 1);
	grpc_byte_buffer *buffer;
	grpc_slice slice;

	if (!bytes)
		return NULL;
	protobuf_c_message_pack(message, bytes);
	slice = message_slice(bytes, size);
	buffer = grpc_raw_byte_buffer_create(&slice, 1);
	grpc_slice_unref(slice);
	return buffer;
}

ProtobufCMessage *message_unpack(const ProtobufCMessageDescriptor *descriptor, grpc_byte_buffer *buffer,
				 struct wire_memory *memory, struct error *error)
{
	size_t size = grpc_byte_buffer_length(buffer), used = 0;
	grpc_byte_buffer_reader reader;
	ProtobufCMessage *message;
	uint8_t *bytes;
	grpc_slice slice;

	bytes = malloc(size ? size : 1);
	if (!bytes || !grpc_byte_buffer_reader_init(&reader, buffer)) {
		free(bytes);
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "no memory for the message now: send it again later");
		return NULL;
	}
	while (grpc_byte_buffer_reader_next(&reader, &slice)) {
		size_t length = GRPC_SLICE_LENGTH(slice);

		if (length > size - used)
			length = size - used;
		memcpy(bytes + used, GRPC_SLICE_START_PTR(slice), length);
		used += length;
		grpc_slice_unref(slice);
	}
	grpc_byte_buffer_reader_destroy(&reader);
	message = wire_unpack(descriptor, bytes, used, memory, error);
	free(bytes);
	return message;
}
