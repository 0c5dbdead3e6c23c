/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of streams about packets have in common. */
#ifndef SLUICE_CONTROL_PACKET_STREAM_TYPE_H
#define SLUICE_CONTROL_PACKET_STREAM_TYPE_H

#include "vnf/control/packet_stream.h"
#include "vnf/observe/observer.h"

/* The first member of each. */
struct packet_stream {
	struct control *control;
	struct observer_session *session; /* NULL: it has none yet */
	packet_stream_ready *ready;
	void *context;
	size_t (*take)(struct packet_stream *stream, ProtobufCMessage **message, size_t most, bool *over);
	void (*free)(struct packet_stream *stream); /* the session is closed */
};

/* Opens the session that `wish` is; without one the stream is closed: NULL and *error. */
struct packet_stream *packet_stream_start(struct packet_stream *stream, const struct observer_wish *wish,
					  struct error *error);

/* Between CLOCK_MONOTONIC, which packets' times are of, and the time since 1970, in ns. */
int64_t packet_stream_clock(void);

#endif
