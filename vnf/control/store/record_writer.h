/* SPDX-License-Identifier: Apache-2.0 */
/* Writes groups of records into a file, at an offset of its own. A fault is kept until the group ends. */
#ifndef SLUICE_STORE_RECORD_WRITER_H
#define SLUICE_STORE_RECORD_WRITER_H

#include "vnf/control/store/record.h"

struct record_writer {
	int fd;
	int error;	   /* -errno of the group at hand; 0 */
	uint64_t offset;   /* where the next record goes */
	uint64_t sequence; /* of the last record */
	uint64_t durable;  /* the highest one that is on the disk */
	struct record_header header;
	uint8_t *buffer; /* a header's room, and the payload of the record at hand */
	size_t used, room;
};

void record_writer_free(struct record_writer *writer); /* frees the buffer, leaves the file open */

/* Begins a group. `flags`: RECORD_SNAPSHOT, or 0. */
void record_writer_begin(struct record_writer *writer, uint32_t flags, uint64_t revision, uint64_t generation);
void record_writer_put(struct record_writer *writer, const struct entry *entry);
/* Writes what is left of the group. 0, or -errno: parts of it may be in the file, behind the offset of its begin. */
int record_writer_end(struct record_writer *writer);

/* All of them, however many calls it takes. 0 or -errno. */
int write_all(int fd, const void *bytes, size_t size, uint64_t offset);

#endif
