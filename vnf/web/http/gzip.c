/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/gzip.h"

#include <event2/buffer.h>
#include <limits.h>
#include <zlib.h>

#define GZIP   (15 + 16) /* zlib.h: the largest window, with gzip's header */
#define MEMORY 8
#define FAST   1 /* a scrape is to take little time; what is left is a tenth all the same */

/* Deflates into one piece of memory that is large enough. */
static bool deflate_into(struct evbuffer *buffer, struct evbuffer *packed, z_stream *stream)
{
	size_t length = evbuffer_get_length(buffer);
	unsigned char *whole = evbuffer_pullup(buffer, -1);
	size_t bound = deflateBound(stream, length);
	struct evbuffer_iovec room;

	if (!whole || bound > UINT_MAX || evbuffer_reserve_space(packed, (ev_ssize_t)bound, &room, 1) != 1)
		return false;
	stream->next_in = whole;
	stream->avail_in = (unsigned int)length;
	stream->next_out = room.iov_base;
	stream->avail_out = (unsigned int)bound;
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return false;
	room.iov_len = stream->total_out;
	return evbuffer_commit_space(packed, &room, 1) == 0;
}

bool gzip_buffer(struct evbuffer *buffer)
{
	struct evbuffer *packed = evbuffer_new();
	z_stream stream = {0};
	bool done = false;

	if (packed && deflateInit2(&stream, FAST, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK) {
		done = deflate_into(buffer, packed, &stream);
		deflateEnd(&stream);
	}
	if (done) {
		evbuffer_drain(buffer, evbuffer_get_length(buffer));
		evbuffer_add_buffer(buffer, packed);
	}
	if (packed)
		evbuffer_free(packed);
	return done;
}
