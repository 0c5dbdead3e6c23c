/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/recorder_entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

_Static_assert(RESOURCE_KINDS <= ENTRY_KIND_REQUEST, "a kind of resource has this number");

/* The message's size, with its bytes in `packing`; 0: out of memory. */
static size_t pack(struct packing *packing, const struct resource *resource)
{
	Sluice__V1__Resource *message = resource_encode(resource);
	size_t size;

	if (!message)
		return 0;
	size = sluice__v1__resource__get_packed_size(message);
	if (size > packing->room) {
		uint8_t *grown = realloc(packing->bytes, 2 * size);

		if (grown) {
			packing->bytes = grown;
			packing->room = 2 * size;
		} else {
			size = 0;
		}
	}
	if (size)
		sluice__v1__resource__pack(message, packing->bytes);
	message_free(message);
	return size;
}

static int resource_entry(struct packing *packing, const struct resource *resource, char key[RESOURCE_KEY_TEXT],
			  struct entry *entry)
{
	size_t size = pack(packing, resource);

	if (!size)
		return -ENOMEM;
	resource_key_format(resource, key);
	*entry = (struct entry){
		.operation = ENTRY_PUT,
		.kind = (uint8_t)resource->kind,
		.id = resource_id(resource),
		.revision = resource->revision,
		.key = key,
		.key_size = strlen(key),
		.owner = resource->owner->text,
		.owner_size = strlen(resource->owner->text),
		.value = packing->bytes,
		.value_size = size,
	};
	return 0;
}

int recorder_put(struct packing *packing, struct record_writer *writer, const struct resource *resource)
{
	char key[RESOURCE_KEY_TEXT];
	struct entry entry;

	if (resource_entry(packing, resource, key, &entry))
		return -ENOMEM;
	record_writer_put(writer, &entry);
	return 0;
}

int recorder_before(struct packing *packing, const struct delta_entry *difference, char key[RESOURCE_KEY_TEXT],
		    struct entry *entry)
{
	if (!difference->before) {
		resource_key_format(difference->after, key);
		*entry = (struct entry){.kind = (uint8_t)difference->after->kind, .key = key, .key_size = strlen(key)};
	} else if (resource_entry(packing, difference->before, key, entry)) {
		return -ENOMEM;
	}
	entry->operation = ENTRY_BEFORE;
	return 0;
}

int recorder_put_difference(struct packing *packing, struct record_writer *writer, const struct delta_entry *difference)
{
	char key[RESOURCE_KEY_TEXT];
	struct entry entry;

	if (difference->after)
		return recorder_put(packing, writer, difference->after);
	resource_key_format(difference->before, key);
	entry = (struct entry){
		.operation = ENTRY_DELETE,
		.kind = (uint8_t)difference->before->kind,
		.key = key,
		.key_size = strlen(key),
	};
	record_writer_put(writer, &entry);
	return 0;
}

struct entry recorder_request(const struct idempotency_record *record, uint64_t revision)
{
	return (struct entry){
		.operation = ENTRY_REQUEST,
		.kind = ENTRY_KIND_REQUEST,
		.revision = revision,
		.key = record->key,
		.key_size = record->key_size,
		.owner = "",
		.value = record->value,
		.value_size = record->value_size,
	};
}

static void put_request(void *context, const struct idempotency_record *record)
{
	const struct entry entry = recorder_request(record, 0);

	journal_rewrite_put(context, &entry);
}

void recorder_put_requests(const struct idempotency_cache *requests, struct journal_rewrite *job)
{
	if (requests)
		idempotency_cache_visit(requests, put_request, job);
}
