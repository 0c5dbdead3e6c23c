/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CTL_SERVER_STREAM_H
#define SLUICE_CTL_SERVER_STREAM_H

#include <protobuf-c/protobuf-c.h>

struct session;

/* Calls `show` with each message of a stream from the server, until it ends, is interrupted, or `show` is not 0.
 * Returns the exit code. */
int server_stream(struct session *session, const ProtobufCServiceDescriptor *service, const char *method,
		  const ProtobufCMessage *request, int (*show)(void *context, ProtobufCMessage *message),
		  void *context);

#endif
