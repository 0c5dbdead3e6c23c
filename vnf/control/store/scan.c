/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/scan.h"

#include <string.h>

/* Is there a whole record behind `from` that was written when the one with this sequence was on the disk? */
static bool durable_record_behind(const char *bytes, uint64_t size, uint64_t from, uint64_t sequence)
{
	for (uint64_t at = from; at < size; at += 8) {
		const struct record_header *header = record_at(bytes + at, size - at);

		if (header && header->sequence > sequence && header->durable >= sequence)
			return true;
	}
	return false;
}

static enum scan_result check_file_header(const void *bytes, uint64_t size)
{
	const struct file_header *header = bytes;

	if (size < sizeof(*header) || memcmp(header->magic, FILE_MAGIC, sizeof(header->magic)) != 0)
		return SCAN_FOREIGN;
	if (header->layout < FILE_OLDEST || header->layout > FILE_LAYOUT)
		return SCAN_LAYOUT;
	return header->crc == file_header_crc(header) ? SCAN_OK : SCAN_DAMAGED;
}

/* Entries of the records from `at` to `end`, which are whole. */
static enum scan_result visit_group(const char *bytes, uint64_t at, uint64_t end, struct scan *scan, int *error)
{
	if (scan->group)
		scan->group(scan->context, (const void *)(bytes + at));
	while (at < end) {
		const struct record_header *header = (const void *)(bytes + at);
		struct entry entry;
		size_t offset = 0;
		int more;

		while ((more = entry_next(header + 1, header->length, &offset, &entry)) > 0) {
			*error = scan->visit(scan->context, &entry);
			if (*error)
				return SCAN_STOPPED;
		}
		if (more < 0) {
			scan->at = at;
			return SCAN_DAMAGED;
		}
		at += record_bytes(header->length);
	}
	return SCAN_OK;
}

/* The end of the group that begins at `at`; 0: it is not whole, and scan->at is where not. */
static uint64_t group_end(const char *bytes, uint64_t size, uint64_t at, bool snapshot, uint64_t sequence,
			  struct scan *scan)
{
	for (;;) {
		const struct record_header *header = record_at(bytes + at, size - at);

		scan->at = at;
		if (!header || !(header->flags & RECORD_SNAPSHOT) == snapshot ||
		    (!snapshot && header->sequence != ++sequence))
			return 0;
		at += record_bytes(header->length);
		if (header->flags & RECORD_MORE)
			continue;
		scan->sequence = header->sequence;
		scan->revision = header->revision;
		scan->generation = header->generation;
		scan->time = header->time;
		return at;
	}
}

enum scan_result scan_journal(const void *file, uint64_t size, struct scan *scan, int *error)
{
	enum scan_result result = check_file_header(file, size);
	const char *bytes = file;
	uint64_t begin = sizeof(struct file_header);

	scan->at = 0;
	*error = 0;
	if (result != SCAN_OK)
		return result;
	scan->layout = ((const struct file_header *)file)->layout;
	for (bool snapshot = true;; snapshot = false) {
		uint64_t end = group_end(bytes, size, begin, snapshot, scan->sequence, scan);

		if (!end)
			break;
		result = visit_group(bytes, begin, end, scan, error);
		if (result != SCAN_OK)
			return result;
		if (snapshot)
			scan->snapshot_end = end;
		scan->end = begin = end;
	}
	/* A snapshot was whole before the file had its name. */
	if (!scan->snapshot_end || durable_record_behind(bytes, size, scan->at + 8, scan->sequence + 1))
		return SCAN_DAMAGED;
	return SCAN_OK;
}
