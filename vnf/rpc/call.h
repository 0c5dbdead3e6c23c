/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call, from its arrival until gRPC core has let go of it; only vnf/rpc sees it.
 *
 * Locks: `callbacks` is held around the handler's functions on RPC threads, so that they never run beside each other
 * for one call; `lock` guards the fields. Every batch in flight and the handler hold a reference.
 */
#ifndef SLUICE_RPC_CALL_H
#define SLUICE_RPC_CALL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <grpc/grpc.h>

#include "vnf/access/access.h"
#include "vnf/rpc/handler.h"
#include "vnf/rpc/live.h"
#include "vnf/rpc/message.h"
#include "vnf/rpc/turns.h"
#include "vnf/rpc/wire.h"

/* A tag comes back from the completion queue when its operation is done. */
struct rpc_tag;
typedef void rpc_done(struct rpc_tag *tag, bool ok);
struct rpc_tag {
	_Atomic(rpc_done *) done;
};

/* Called before a tag is given to core. The queue orders one thread's writes before another's reads in a way that
 * ThreadSanitizer cannot see; this store it sees. */
static inline void rpc_tag_arm(struct rpc_tag *tag, rpc_done *done)
{
	atomic_store_explicit(&tag->done, done, memory_order_release);
}

static inline void rpc_tag_done(struct rpc_tag *tag, bool ok)
{
	atomic_load_explicit(&tag->done, memory_order_acquire)(tag, ok);
}

/* One batch of a call. */
struct rpc_batch {
	struct rpc_tag tag;
	rpc_done *done;
	struct rpc_call *call;
};

/* Messages that are read ahead. */
#define RPC_AHEAD	32
#define RPC_AHEAD_BYTES ((size_t)64 << 10) /* of them on the wire; the last of them may exceed it */

struct rpc_ahead {
	ProtobufCMessage *message;
	struct wire_memory memory;
	size_t size; /* on the wire */
};

/* The part of the server that all its calls use. */
struct rpc_shared {
	struct rpc_dispatch dispatch;
	size_t max_message;
	struct wire_budget budget;
	struct live_calls live;
	struct readers *readers;
	struct turns turns;
};

struct rpc_call {
	atomic_uint references;
	struct rpc_shared *shared;
	grpc_call *core;
	const struct rpc_method *method; /* NULL: no such method */
	const ProtobufCMethodDescriptor *descriptor;
	struct loop_work work; /* of a method that runs on a reader, or needs something first */
	struct turn turn;      /* of one that runs on the control thread */
	char *peer;
	struct access_caller *caller; /* NULL: the server knows nobody */
	bool counted[2];	      /* among its requests, and its streams */
	void *data;		      /* the handler's */

	pthread_mutex_t callbacks, lock;
	struct rpc_batch closing, receiving, sending, finishing;
	int cancelled;	   /* written by core */
	bool delivered;	   /* the handler knows the call */
	bool reading;	   /* a message is being received */
	bool ended;	   /* the client's stream has */
	bool idle;	   /* the handler has asked for more, and there was none */
	bool closed;	   /* the cancellation was noticed */
	bool finished;	   /* rpc_finish was called */
	bool initial_sent; /* initial metadata */
	bool in_flight;	   /* a message is being sent */
	bool finish_waits; /* the call ends once that message is sent */
	void (*sent)(struct rpc_call *call, bool ok);
	grpc_byte_buffer *received, *outgoing, *last;
	struct wire_memory memory;
	ProtobufCMessage *message;
	struct rpc_ahead *ahead; /* a ring; NULL: none was read ahead yet */
	size_t ahead_first, ahead_count, ahead_bytes;
	struct error *broken; /* the stream's last message did not unpack: the error that the call will end with */
	/* the end, from rpc_finish until it is on the wire */
	grpc_status_code status;
	grpc_slice status_text;
	grpc_metadata details;
	size_t details_count;
};

static inline struct rpc_call *rpc_batch_call(struct rpc_tag *tag)
{
	return ((struct rpc_batch *)tag)->call;
}

void rpc_call_put(struct rpc_call *call);

/* --- with the call's lock held --- */

/* Starts a batch; it has a reference until it is done. */
void rpc_call_batch(struct rpc_call *call, struct rpc_batch *batch, const grpc_op *ops, size_t count);
/* Asks for the client's next message. */
void rpc_call_receive(struct rpc_call *call);
/* Does so where there is room to read ahead and nothing against it. */
void rpc_call_read_on(struct rpc_call *call);
/* Makes the next of those that were read ahead the call's message; false: there is none. */
bool rpc_call_take_ahead(struct rpc_call *call);

/* --- */

/* Has the handler run with the call's message, or NULL, on the thread that its row names. */
void rpc_call_dispatch(struct rpc_call *call);

/* A response of the call's method, all defaults; NULL: out of memory. Free it with protobuf_c_message_free_unpacked. */
ProtobufCMessage *rpc_call_response(const struct rpc_call *call);

#endif
