/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/changes.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/resources/kinds.h"

static void change_clear(struct change *change, struct names *names)
{
	resource_free(names, change->resource);
	free(change->id);
	*change = (struct change){0};
}

static void decode_change(struct decoder *decoder, const Sluice__V1__Change *message, struct name *owner,
			  struct change *change)
{
	size_t above;

	change->operation = (uint8_t)message->op;
	if (message->op < SLUICE__V1__OPERATION__OPERATION_UPSERT ||
	    message->op > SLUICE__V1__OPERATION__OPERATION_DELETE)
		decode_fault(decoder, "op", "%d is not an operation: UPSERT, CREATE, REPLACE or DELETE",
			     (int)message->op);
	if (*message->id && decode_text(decoder, "id", message->id, false)) {
		change->id = strdup(message->id);
		if (!change->id)
			decode_no_memory(decoder);
	}
	above = decoder_enter_field(decoder, "resource");
	decoder->key_only = message->op == SLUICE__V1__OPERATION__OPERATION_DELETE;
	change->resource = resource_decode(decoder, message->resource);
	decoder_leave(decoder, above);
	if (change->resource) {
		owner->references++;
		change->resource->owner = owner;
	}
}

static int make_room(struct changes *changes, size_t count)
{
	size_t room = changes->room ? changes->room : 16;
	struct change *change;

	while (room < changes->count + count)
		room *= 2;
	if (room == changes->room)
		return 0;
	change = realloc(changes->change, room * sizeof(*change));
	if (!change)
		return -1;
	changes->bytes += (room - changes->room) * sizeof(*change);
	changes->change = change;
	changes->room = room;
	return 0;
}

/* What the heap gives away for it. */
static size_t heap_bytes(const struct change *change)
{
	return malloc_usable_size(change->resource) + malloc_usable_size(change->id);
}

int changes_add(struct changes *changes, struct names *names, struct name *owner, Sluice__V1__Change *const *messages,
		size_t count, size_t first, struct error *error)
{
	bool failed = false;
	size_t bytes = 0;

	if (make_room(changes, count)) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct change *change = &changes->change[changes->count + i];
		struct decoder decoder;

		*change = (struct change){0};
		decoder.names = names;
		decoder.error = error;
		decoder.failed = decoder.key_only = false;
		decoder.length = 0;
		decoder_enter_element(&decoder, "changes", first + i);
		decode_change(&decoder, messages[i], owner, change);
		failed |= decoder.failed;
		bytes += heap_bytes(change);
	}
	if (!failed) {
		changes->count += count;
		changes->bytes += bytes;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		change_clear(&changes->change[changes->count + i], names);
	return -1;
}

void changes_drop(struct changes *changes, struct names *names, size_t count)
{
	while (count-- > 0) {
		struct change *change = &changes->change[--changes->count];

		changes->bytes -= heap_bytes(change);
		change_clear(change, names);
	}
}

void changes_clear(struct changes *changes, struct names *names)
{
	for (size_t i = 0; i < changes->count; i++)
		change_clear(&changes->change[i], names);
	free(changes->change);
	*changes = (struct changes){0};
}
