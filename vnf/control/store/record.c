/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/record.h"

#include <string.h>

#include "vnf/control/store/crc32c.h"

uint32_t file_header_crc(const struct file_header *header)
{
	struct file_header copy = *header;

	copy.crc = 0;
	return crc32c(0, &copy, sizeof(copy));
}

uint32_t record_crc(const struct record_header *header, const void *payload)
{
	size_t begin = offsetof(struct record_header, flags);
	uint32_t crc = crc32c(0, (const char *)header + begin, sizeof(*header) - begin);

	crc = crc32c(crc, &header->length, sizeof(header->length));
	return crc32c(crc, payload, header->length);
}

const struct record_header *record_at(const void *bytes, uint64_t size)
{
	const struct record_header *header = bytes;

	if (size < sizeof(*header) || header->magic != RECORD_MAGIC || header->length > RECORD_LIMIT ||
	    record_bytes(header->length) > size || record_crc(header, header + 1) != header->crc)
		return NULL;
	return header;
}

int entry_next(const void *payload, size_t length, size_t *at, struct entry *entry)
{
	const char *bytes = (const char *)payload + *at;
	struct entry_header header;
	size_t left = length - *at, rest;

	if (!left)
		return 0;
	if (left < sizeof(header))
		return -1;
	memcpy(&header, bytes, sizeof(header));
	rest = (size_t)header.key_size + header.owner_size;
	if (header.operation < ENTRY_PUT || header.operation > ENTRY_LAST || !header.key_size ||
	    left - sizeof(header) < rest || left - sizeof(header) - rest < header.value_size)
		return -1;
	bytes += sizeof(header);
	*entry = (struct entry){
		.operation = (enum entry_operation)header.operation,
		.kind = header.kind,
		.id = header.id,
		.revision = header.revision,
		.key_size = header.key_size,
		.owner_size = header.owner_size,
		.value_size = header.value_size,
		.key = bytes,
		.owner = bytes + header.key_size,
		.value = (const uint8_t *)bytes + rest,
	};
	*at += entry_bytes(entry);
	return 1;
}

size_t entry_bytes(const struct entry *entry)
{
	return sizeof(struct entry_header) + entry->key_size + entry->owner_size + entry->value_size;
}

static uint8_t *append(uint8_t *to, const void *bytes, size_t size)
{
	if (size)
		memcpy(to, bytes, size);
	return to + size;
}

void entry_write(const struct entry *entry, uint8_t *to)
{
	const struct entry_header header = {
		.operation = (uint8_t)entry->operation,
		.kind = entry->kind,
		.key_size = (uint16_t)entry->key_size,
		.owner_size = (uint16_t)entry->owner_size,
		.id = entry->id,
		.value_size = (uint32_t)entry->value_size,
		.revision = entry->revision,
	};

	to = append(to, &header, sizeof(header));
	to = append(to, entry->key, entry->key_size);
	to = append(to, entry->owner, entry->owner_size);
	append(to, entry->value, entry->value_size);
}
