/* SPDX-License-Identifier: Apache-2.0 */
/* Converts between protobuf-c messages and the byte buffers of gRPC core. */
#ifndef SLUICE_RPC_MESSAGE_H
#define SLUICE_RPC_MESSAGE_H

#include <grpc/grpc.h>
#include <grpc/slice.h>

#include "vnf/rpc/wire.h"

/* NULL: out of memory. Destroy it with grpc_byte_buffer_destroy. */
grpc_byte_buffer *message_pack(const ProtobufCMessage *message);

/* Unpacks as wire_unpack does. The buffer stays the caller's. */
ProtobufCMessage *message_unpack(const ProtobufCMessageDescriptor *descriptor, grpc_byte_buffer *buffer,
				 struct wire_memory *memory, struct error *error);

/* Bytes from malloc become a slice that frees them. */
grpc_slice message_slice(uint8_t *bytes, size_t size);

#endif
