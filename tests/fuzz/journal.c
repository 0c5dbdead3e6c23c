/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's reader over any bytes: it neither crashes nor reads beyond them, and says what it is. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vnf/control/store/journal_index.h"
#include "vnf/control/store/record.h"
#include "vnf/control/store/scan.h"

static int visit(void *context, const struct entry *entry)
{
	return journal_index_set(context, entry);
}

/* Most inputs fail at the first CRC; those that a fuzzer makes are given right ones, so that it gets behind them. */
static void mend(uint8_t *bytes, size_t size)
{
	struct file_header *file = (void *)bytes;
	size_t at = sizeof(*file);

	if (size < sizeof(*file) + sizeof(struct record_header))
		return;
	memcpy(file->magic, FILE_MAGIC, sizeof(file->magic));
	file->layout = FILE_LAYOUT;
	file->crc = file_header_crc(file);
	while (size - at >= sizeof(struct record_header)) {
		struct record_header *record = (void *)(bytes + at);

		if (at == sizeof(*file))
			record->flags |= RECORD_SNAPSHOT;
		record->magic = RECORD_MAGIC;
		if (record_bytes(record->length) > size - at)
			record->length = (uint32_t)(size - at - sizeof(*record)) & ~7U;
		record->crc = record_crc(record, record + 1);
		at += record_bytes(record->length);
		if (at > size)
			return;
	}
}

static void read_all(const uint8_t *bytes, size_t size)
{
	struct journal_index index = {0};
	struct scan scan = {.visit = visit, .context = &index};
	enum scan_result result;
	struct entry entry;
	size_t found = 0;
	int error;

	result = scan_journal(bytes, size, &scan, &error);
	if (scan.end > size || scan.snapshot_end > scan.end || (result == SCAN_OK && !scan.snapshot_end))
		abort();
	journal_index_sort(&index);
	while (journal_index_get(&index, found, &entry))
		found++;
	if (found != index.count)
		abort();
	journal_index_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = calloc(size ? size : 1, 1); /* its end is the sanitizer's */

	if (size)
		memcpy(bytes, data, size);
	read_all(bytes, size);
	mend(bytes, size);
	read_all(bytes, size);
	free(bytes);
	return 0;
}

static size_t add_record(uint8_t *bytes, size_t at, uint32_t flags, uint64_t sequence, unsigned int entries)
{
	struct record_header header = {
		.magic = RECORD_MAGIC, .flags = flags, .sequence = sequence, .durable = sequence, .revision = sequence};
	uint8_t *payload = bytes + at + sizeof(header), *to = payload;

	for (unsigned int i = 0; i < entries; i++) {
		const struct entry entry = {.operation = i % 4 ? ENTRY_PUT : ENTRY_DELETE,
					    .kind = (uint8_t)(i % 3),
					    .key = "abcdef",
					    .key_size = 1 + i % 6,
					    .owner = "me",
					    .owner_size = i % 4 ? 2 : 0,
					    .value = (const uint8_t *)"value",
					    .value_size = i % 4 ? i % 5 : 0,
					    .id = i,
					    .revision = i};

		entry_write(&entry, to);
		to += entry_bytes(&entry);
	}
	header.length = (uint32_t)(to - payload);
	header.crc = record_crc(&header, payload);
	memcpy(bytes + at, &header, sizeof(header));
	return at + record_bytes(header.length);
}

/* A whole journal: a snapshot of two records, a group of one and one of three. */
static size_t whole_journal(uint8_t bytes[FUZZ_BYTES])
{
	struct file_header file = {.magic = FILE_MAGIC, .layout = FILE_LAYOUT};
	size_t size = sizeof(file);

	memset(bytes, 0, FUZZ_BYTES);
	file.crc = file_header_crc(&file);
	memcpy(bytes, &file, sizeof(file));
	size = add_record(bytes, size, RECORD_SNAPSHOT | RECORD_MORE, 5, 3);
	size = add_record(bytes, size, RECORD_SNAPSHOT, 5, 2);
	size = add_record(bytes, size, 0, 6, 1);
	size = add_record(bytes, size, RECORD_MORE, 7, 4);
	size = add_record(bytes, size, RECORD_MORE, 8, 0);
	return add_record(bytes, size, 0, 9, 2);
}

size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	return n ? 0 : whole_journal(bytes);
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	_Alignas(8) uint8_t bytes[FUZZ_BYTES];
	struct journal_index index = {0};
	struct scan scan = {.visit = visit, .context = &index};
	int error;

	memcpy(bytes, data, size);
	if (scan_journal(bytes, size, &scan, &error) != SCAN_OK || scan.end != size || scan.revision != 9 ||
	    index.count != 3)
		abort();
	journal_index_free(&index);
}
