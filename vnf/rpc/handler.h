/* SPDX-License-Identifier: Apache-2.0 */
/* The server as the handlers of methods and their table see it. */
#ifndef SLUICE_RPC_HANDLER_H
#define SLUICE_RPC_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"

struct access;
struct loop;
struct loop_work;
struct rpc_call; /* reference-counted: a handler owns the call until rpc_finish */

/* The number of messages that a method takes and sends: one or a stream. */
enum rpc_flow { RPC_UNARY, RPC_CLIENT_STREAM, RPC_SERVER_STREAM, RPC_BIDI };

/* The thread that runs a method's handler. What is answered at once runs on the RPC thread that took the call; reads
 * run on threads of their own, beside each other (readers.h); changes run on the control thread, one at a time. */
enum rpc_where { RPC_ON_RPC_THREAD, RPC_ON_READER, RPC_ON_CONTROL_THREAD };

/* The role that a method's callers need (vnf/access/policy.h). Where a row does not say: reads run on RPC threads, and
 * changes on the control thread. */
enum rpc_needs {
	RPC_NEEDS_BY_THREAD,
	RPC_NEEDS_NOTHING,
	RPC_NEEDS_READ,
	RPC_NEEDS_READ_SCOPE, /* the same, and it answers only what is in the caller's scope, or of nobody's */
	RPC_NEEDS_WRITE,
	RPC_NEEDS_ADMIN,
};

typedef void rpc_first(void *context);

/* A row of the table: one method and its handler, which is either `answer` or `handle`. */
struct rpc_method {
	const ProtobufCServiceDescriptor *service; /* NULL ends the table */
	const char *name;			   /* as in the service's descriptor */
	enum rpc_flow flow;
	enum rpc_where where;
	size_t max_request; /* bytes of one message; 0: the server's limit */
	/* Answers a unary method before it returns: fills the response, or adds to *error. */
	void (*answer)(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error);
	/*
	 * Handles a call of any other kind; it owes rpc_finish. Unary and server stream: called once with the
	 * request. Client stream and bidi: called for each message, the next one only after rpc_next, and at the end
	 * of the client's stream with message NULL. The message is the call's: valid until rpc_next or rpc_finish.
	 */
	void (*handle)(struct rpc_call *call, const ProtobufCMessage *message, void *context);
	/* Messages of the client's stream are read while the handler is busy, some and not many bytes of them: it takes
	 * them with rpc_more. */
	bool ahead;
	/* Of a method that runs on the control thread: does the message need something that takes long there? Any
	 * thread. It is then done on a reader's, before the message is handled. NULL: no message does. */
	rpc_first *(*first)(void *context, const ProtobufCMessage *request);
	/* The client went away or the deadline passed; rpc_finish is still owed. May be NULL. Runs on an RPC thread. */
	void (*cancelled)(struct rpc_call *call, void *context);
	enum rpc_needs needs;
};

/* The methods of a server, and all that their handlers need. */
struct rpc_dispatch {
	const struct rpc_method *methods; /* with every method of the services that occur in it */
	void *context;			  /* for the handlers */
	struct loop *loop;		  /* the control thread; NULL: no method runs there */
	void (*stopping)(void *context);  /* NULL, or ends streams that would run for ever: the server stops */
	struct access *access;		  /* who may call what; NULL: everybody everything, and nobody is known */
};

/* --- the functions of handlers; any thread may call them --- */

/* Keeps a pointer of the handler's own with the call. */
void rpc_set_data(struct rpc_call *call, void *data);
void *rpc_data(const struct rpc_call *call);

/* Asks for the next message of the client's stream. */
void rpc_next(struct rpc_call *call);

/* Of a method that reads ahead, instead of rpc_next: the next message where it is here, the call's until the next
 * rpc_more or rpc_finish. NULL: the handler is called once it is, or at the end of the client's stream. */
const ProtobufCMessage *rpc_more(struct rpc_call *call);

/* Sends one message of the server's stream, packed before it returns. The next one may follow when `sent` has been
 * called on an RPC thread; sent(call, false) means that the stream is broken. */
void rpc_send(struct rpc_call *call, const ProtobufCMessage *message, void (*sent)(struct rpc_call *call, bool ok));

/* Ends the call. With error NULL or ERROR_NONE the status is OK, with `response` (unary and client stream; else
 * NULL), packed before it returns. Otherwise the status is the error's, with google.rpc.BadRequest details for the
 * faults that name fields. */
void rpc_finish(struct rpc_call *call, const ProtobufCMessage *response, const struct error *error);

/* Breaks the call off, for a handler that cannot go on and waits for the client's next message: its stream ends. */
void rpc_abort(struct rpc_call *call);

/* The control thread's loop, for handlers that post work to it. */
struct loop *rpc_loop(const struct rpc_call *call);

/* Has run() called on a reader's thread, for handlers whose messages are made of snapshots. The call must not be
 * finished before that. */
void rpc_read(struct rpc_call *call, struct loop_work *work);

/* The address of the peer, for logs. */
const char *rpc_peer(const struct rpc_call *call);

#endif
