/* SPDX-License-Identifier: Apache-2.0 */
/* A small blocking gRPC client on gRPC core, for sluicectl and the orchestrator. One thread. */
#ifndef SLUICE_CLIENT_H
#define SLUICE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"

struct rpc_client;
struct rpc_stream;

/* `target` as in rpc_options.listen. Connects at the first call. NULL: out of memory. */
struct rpc_client *rpc_client_new(const char *target);

/* PEM files of TLS. */
struct rpc_client_tls {
	const char *ca;		       /* the authority that signs servers' certificates */
	const char *certificate, *key; /* the client's own; NULL: none */
};

/* The names by which messages about TLS call these files, such as "--tls-ca" or "tls.ca"; otherwise they say "ca",
 * "certificate" and "key". The names outlive the client. */
void rpc_client_name_tls(struct rpc_client *client, const struct rpc_client_tls *names);

/* Makes a client that speaks TLS; the server's certificate must be for the target's address or name. NULL and
 * *error: the files cannot be used, or no memory. */
struct rpc_client *rpc_client_new_tls(const char *target, const struct rpc_client_tls *tls, struct error *error);

/* Was the last call not made since one side refuses the other's certificate, or has none? So somebody is there. */
bool rpc_client_refused(const struct rpc_client *client);

/* The end of the certificate that the server showed in the last call that was answered; 0: none yet, or plain text. */
time_t rpc_client_server_expiry(const struct rpc_client *client);

void rpc_client_free(struct rpc_client *client); /* NULL is fine */

/* Makes a unary call. NULL and *error on failure (its faults are those of the status details, or one with the status
 * message); otherwise the response: protobuf_c_message_free_unpacked(response, NULL). */
ProtobufCMessage *rpc_client_call(struct rpc_client *client, const ProtobufCServiceDescriptor *service,
				  const char *method, const ProtobufCMessage *request, unsigned int timeout_ms,
				  struct error *error);

/* A client stream is opened, sends any number of messages (0, or -1: the stream broke, and finish explains it), and
 * is finished, as rpc_client_call ends. */
struct rpc_stream *rpc_stream_open(struct rpc_client *client, const ProtobufCServiceDescriptor *service,
				   const char *method, unsigned int timeout_ms, struct error *error);
int rpc_stream_send(struct rpc_stream *stream, const ProtobufCMessage *message);
ProtobufCMessage *rpc_stream_finish(struct rpc_stream *stream, struct error *error); /* frees the stream */

/* A stream both ways is opened and sent to in the same way. What is sent waits where the server wants its answers read
 * first: never send without bound and not receive. */
/* Ends this side: no more messages from here. */
void rpc_stream_half_close(struct rpc_stream *stream);
/* The server's next message, which the caller frees as an answer; NULL: there is none any more. */
ProtobufCMessage *rpc_stream_receive(struct rpc_stream *stream, struct error *error);
/* Breaks the stream off: what waits for it returns. Any thread, while the stream is there. */
void rpc_stream_cancel(struct rpc_stream *stream);
/* How the stream ended, after rpc_stream_receive has returned NULL: 0, or -1 and *error. Frees it. */
int rpc_stream_end(struct rpc_stream *stream, struct error *error);

#endif
