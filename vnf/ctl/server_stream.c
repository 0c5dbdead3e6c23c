/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/server_stream.h"

#include "vnf/client/client.h"
#include "vnf/ctl/interrupt.h"
#include "vnf/ctl/session.h"

#define DAY_MS 86400000 /* it lasts as long as its events are few */

static int receive_all(struct rpc_stream *stream, int (*show)(void *context, ProtobufCMessage *message), void *context,
		       struct error *error)
{
	ProtobufCMessage *message;
	int rc = DONE;

	while (rc == DONE && (message = rpc_stream_receive(stream, error))) {
		rc = show(context, message);
		protobuf_c_message_free_unpacked(message, NULL);
	}
	if (rc != DONE)
		rpc_stream_cancel(stream);
	return rc;
}

int server_stream(struct session *session, const ProtobufCServiceDescriptor *service, const char *method,
		  const ProtobufCMessage *request, int (*show)(void *context, ProtobufCMessage *message), void *context)
{
	struct rpc_stream *stream = NULL;
	struct error error = {0};
	bool interrupted;
	int rc = DONE;

	if (interrupt_begin())
		return FAILED;
	if (!session_connect(session, &error))
		stream = rpc_stream_open(session->client, service, method, DAY_MS, &error);
	if (stream) {
		interrupt_cancels(stream);
		if (!rpc_stream_send(stream, request))
			rpc_stream_half_close(stream);
		rc = receive_all(stream, show, context, &error);
		interrupt_cancels(NULL);
		rpc_stream_end(stream, &error);
	}
	interrupted = interrupt_end();
	if (rc != DONE || error.code == ERROR_NONE || (interrupted && error.code == ERROR_CANCELLED))
		return rc;
	return session_report(&error, NULL, 0);
}
