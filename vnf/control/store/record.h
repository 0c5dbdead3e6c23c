/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of the journal's file. A file_header, then records, each at a multiple of 8 bytes: a record_header and its
 * payload, which is entries one behind the other and zeros up to the next multiple of 8. A group of records is what one
 * commit wrote: all of its records but the last have RECORD_MORE, and it counts only as a whole. The first group of a
 * file is a snapshot: the whole state at its revision, and the revisions before it. Those behind it are changes. Zeros
 * behind the last group are room that was made ahead.
 *
 * Numbers are little-endian. What an entry is about is not known here: a kind is a number, key, owner and value are
 * bytes.
 */
#ifndef SLUICE_STORE_RECORD_H
#define SLUICE_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the structures are written as they are in memory");

#define FILE_MAGIC  "SLUICEJ\n"
#define FILE_LAYOUT 2 /* another one when anything here changes */
#define FILE_OLDEST 1 /* that is still read: it has resources alone */

struct file_header {
	char magic[8];
	uint32_t layout;
	uint32_t crc; /* CRC32C of this structure with 0 here */
	uint64_t time;
	uint64_t reserved;
};

#define RECORD_MAGIC   0x72656353U /* "Scer" in the file */
#define RECORD_PAYLOAD (1U << 20)  /* a writer begins another record of the group beyond this */
#define RECORD_LIMIT   (64U << 20) /* bytes of a payload at most */

enum {
	RECORD_MORE = 1,     /* the group goes on in the next record */
	RECORD_SNAPSHOT = 2, /* of the group that is the whole state */
};

struct record_header {
	uint32_t magic;
	uint32_t length;   /* of the payload, without the zeros behind it */
	uint32_t crc;	   /* CRC32C of the rest of the header, and of the payload */
	uint32_t flags;	   /* RECORD_... */
	uint64_t sequence; /* one more than the record's before; a snapshot's: of the last record that it stands for */
	/* The highest sequence that was known to be on the disk when this was written. A bad record up to there is
	 * damage; beyond it may be a write that a crash has cut short. */
	uint64_t durable;
	uint64_t revision;   /* of the state after the group */
	uint64_t generation; /* of the dataplane, that was to show it */
	uint64_t time;	     /* nanoseconds since 1970 */
};

_Static_assert(sizeof(struct file_header) == 32 && sizeof(struct record_header) == 56, "both without holes");

enum entry_operation {
	ENTRY_PUT = 1,
	ENTRY_DELETE = 2, /* owner and value are empty */
	/* The resources that follow, up to the next one or the group's end, are changed by this revision. The key is
	 * its owner, the kind its REVISION_... flags, the value what is known about it. In a snapshot ENTRY_BEFORE
	 * follow. */
	ENTRY_COMMIT = 3,
	/* The same of a revision that was there before: its flags and value are now these. */
	ENTRY_ABOUT = 4,
	ENTRY_BEFORE = 5, /* what was under the key before the revision; owner and value empty: nothing */
	/* The highest election id of the owner who is the key, as the revision; kind, owner and value say nothing. */
	ENTRY_ELECTION = 6,
	/* The answer of a write with a request_id, for a retry: a PUT of no resource. */
	ENTRY_REQUEST = 7,
	ENTRY_LAST = ENTRY_REQUEST,
};

/* Of a revision. */
enum {
	REVISION_FORGOTTEN = 1, /* its changes are not known */
	REVISION_KEPT = 2,	/* they are kept until a later entry says otherwise */
	REVISION_OLDEST = 4,	/* of an ENTRY_ABOUT in a snapshot: revisions are known from this one on */
};

struct entry_header {
	uint8_t operation;
	uint8_t kind;
	uint16_t key_size, owner_size;
	uint16_t reserved;
	uint32_t id;
	uint32_t value_size;
	uint64_t revision; /* at which the value became what it is */
};

_Static_assert(sizeof(struct entry_header) == 24, "without holes");

/* An entry; the bytes are borrowed. */
struct entry {
	enum entry_operation operation;
	uint8_t kind;
	uint32_t id;
	uint64_t revision;
	size_t key_size, owner_size, value_size;
	const char *key, *owner; /* not terminated */
	const uint8_t *value;
};

static inline uint64_t record_bytes(uint64_t payload)
{
	return (sizeof(struct record_header) + payload + 7) & ~(uint64_t)7;
}

uint32_t file_header_crc(const struct file_header *header);
uint32_t record_crc(const struct record_header *header, const void *payload);

/* Is there a whole record at the front of these bytes? Its header, aligned to 8 bytes as the bytes must be; NULL. */
const struct record_header *record_at(const void *bytes, uint64_t size);

/* The entry at *at of the payload, and *at moved behind it. 1; 0 at the end; -1: that is no entry. */
int entry_next(const void *payload, size_t length, size_t *at, struct entry *entry);

size_t entry_bytes(const struct entry *entry);
/* Its bytes, entry_bytes() of them. */
void entry_write(const struct entry *entry, uint8_t *to);

#endif
