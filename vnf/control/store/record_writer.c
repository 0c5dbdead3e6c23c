/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/record_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_ROOM 4096

void record_writer_free(struct record_writer *writer)
{
	free(writer->buffer);
	writer->buffer = NULL;
	writer->used = writer->room = 0;
}

int write_all(int fd, const void *bytes, size_t size, uint64_t offset)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = pwrite(fd, at, size, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		if (written == 0)
			return -EIO;
		at += written;
		size -= (size_t)written;
		offset += (uint64_t)written;
	}
	return 0;
}

/* Room for so many bytes more. 0 or -ENOMEM. */
static int make_room(struct record_writer *writer, size_t size)
{
	size_t room = writer->room ? writer->room : FIRST_ROOM;
	uint8_t *grown;

	while (room < writer->used + size)
		room *= 2;
	if (room == writer->room)
		return 0;
	grown = realloc(writer->buffer, room);
	if (!grown)
		return -ENOMEM;
	writer->buffer = grown;
	writer->room = room;
	return 0;
}

void record_writer_begin(struct record_writer *writer, uint32_t flags, uint64_t revision, uint64_t generation)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	writer->header = (struct record_header){
		.magic = RECORD_MAGIC,
		.flags = flags,
		.revision = revision,
		.generation = generation,
		.time = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
	};
	writer->used = 0;
	writer->error = make_room(writer, sizeof(writer->header));
	writer->used = sizeof(writer->header);
}

/* The record at hand; `more`: the group goes on. */
static void flush(struct record_writer *writer, bool more)
{
	struct record_header *header = &writer->header;
	size_t length = writer->used - sizeof(*header), size = (size_t)record_bytes(length);

	header->length = (uint32_t)length;
	header->flags = (header->flags & RECORD_SNAPSHOT) | (more ? RECORD_MORE : 0);
	/* A snapshot stands for records that it is not counted with. */
	header->sequence = writer->sequence + !(header->flags & RECORD_SNAPSHOT);
	header->durable = writer->durable;
	header->crc = record_crc(header, writer->buffer + sizeof(*header));
	writer->error = make_room(writer, size - writer->used);
	if (writer->error)
		return;
	memcpy(writer->buffer, header, sizeof(*header));
	memset(writer->buffer + writer->used, 0, size - writer->used);
	writer->error = write_all(writer->fd, writer->buffer, size, writer->offset);
	if (writer->error)
		return;
	writer->sequence = header->sequence;
	writer->offset += size;
	writer->used = sizeof(*header);
}

void record_writer_put(struct record_writer *writer, const struct entry *entry)
{
	size_t size = entry_bytes(entry);

	if (!writer->error && writer->used > sizeof(writer->header) && writer->used + size > RECORD_PAYLOAD)
		flush(writer, true);
	if (!writer->error && size > RECORD_LIMIT)
		writer->error = -EMSGSIZE;
	if (!writer->error)
		writer->error = make_room(writer, size);
	if (writer->error)
		return;
	entry_write(entry, writer->buffer + writer->used);
	writer->used += size;
}

int record_writer_end(struct record_writer *writer)
{
	if (!writer->error)
		flush(writer, false);
	return writer->error;
}
