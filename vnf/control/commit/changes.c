/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/changes.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"

static void clear(struct changes *changes, size_t i, struct handles *handles)
{
	resource_free(handles, changes->resource[i]);
	changes->resource[i] = NULL;
	if (!changes->id)
		return;
	free(changes->id[i]);
	changes->id[i] = NULL;
}

static int set_id(struct changes *changes, size_t i, const char *id)
{
	if (!changes->id) {
		changes->id = calloc(changes->room, sizeof(*changes->id));
		if (!changes->id)
			return -1;
		changes->bytes += changes->room * sizeof(*changes->id);
	}
	changes->id[i] = strdup(id);
	return changes->id[i] ? 0 : -1;
}

static void decode_change(struct decoder *decoder, const Sluice__V1__Change *message, struct handle *owner,
			  struct changes *changes, size_t i)
{
	size_t above;

	changes->result[i].operation = (unsigned int)message->op & 0xf;
	if (message->op < SLUICE__V1__OPERATION__OPERATION_UPSERT ||
	    message->op > SLUICE__V1__OPERATION__OPERATION_DELETE)
		decode_fault(decoder, "op", "%d is not an operation: UPSERT, CREATE, REPLACE or DELETE",
			     (int)message->op);
	if (*message->id && decode_text(decoder, "id", message->id, false) && set_id(changes, i, message->id))
		decode_no_memory(decoder);
	above = decoder_enter_field(decoder, "resource");
	decoder->key_only = message->op == SLUICE__V1__OPERATION__OPERATION_DELETE;
	changes->resource[i] = resource_decode(decoder, message->resource);
	decoder_leave(decoder, above);
	if (changes->resource[i]) {
		owner->references++;
		changes->resource[i]->owner = owner;
	}
}

/* 0 or -1. */
static int grow(void *column, size_t size, size_t room)
{
	void **array = column, *grown = realloc(*array, room * size);

	if (!grown)
		return -1;
	*array = grown;
	return 0;
}

static int make_room(struct changes *changes, size_t count)
{
	size_t before = changes->room, room = before ? before : 16,
	       bytes = sizeof(*changes->resource) + sizeof(*changes->result);

	while (room < changes->count + count)
		room *= 2;
	if (room == before)
		return 0;
	if (grow(&changes->resource, sizeof(*changes->resource), room) ||
	    grow(&changes->result, sizeof(*changes->result), room))
		return -1;
	if (changes->id) {
		if (grow(&changes->id, sizeof(*changes->id), room))
			return -1;
		memset(&changes->id[before], 0, (room - before) * sizeof(*changes->id));
		bytes += sizeof(*changes->id);
	}
	changes->bytes += (room - before) * bytes;
	changes->room = room;
	return 0;
}

/* What the heap gives away for it. */
static size_t heap_bytes(const struct changes *changes, size_t i)
{
	return malloc_usable_size(changes->resource[i]) + (changes->id ? malloc_usable_size(changes->id[i]) : 0);
}

int changes_add(struct changes *changes, struct handles *handles, struct handle *owner,
		Sluice__V1__Change *const *messages, size_t count, size_t first, struct error *error)
{
	bool failed = false;
	size_t bytes = 0;

	if (make_room(changes, count)) {
		error_no_memory(error, NULL);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct decoder decoder;

		decoder.handles = handles;
		decoder.error = error;
		decoder.failed = decoder.key_only = false;
		decoder.length = 0;
		decoder_enter_element(&decoder, "changes", first + i);
		decode_change(&decoder, messages[i], owner, changes, changes->count + i);
		failed |= decoder.failed;
		bytes += heap_bytes(changes, changes->count + i);
	}
	if (!failed) {
		changes->count += count;
		changes->bytes += bytes;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		clear(changes, changes->count + i, handles);
	return -1;
}

int changes_add_resource(struct changes *changes, struct resource *resource, uint8_t operation)
{
	if (make_room(changes, 1))
		return -ENOMEM;
	changes->result[changes->count] = (struct change_result){operation & 0xf, 0};
	changes->resource[changes->count] = resource;
	changes->bytes += heap_bytes(changes, changes->count);
	changes->count++;
	return 0;
}

int changes_add_delete(struct changes *changes, const struct resource *resource)
{
	struct resource *deleted;

	if (make_room(changes, 1))
		return -ENOMEM;
	deleted = resource_new_key(resource);
	return deleted ? changes_add_resource(changes, deleted, SLUICE__V1__OPERATION__OPERATION_DELETE) : -ENOMEM;
}

const char *changes_path(const struct changes *changes, size_t index, char path[CHANGE_PATH_TEXT])
{
	const struct resource *resource = changes->resource[index];
	char key[RESOURCE_KEY_TEXT];

	if (!changes->follow || index < changes->own)
		snprintf(path, CHANGE_PATH_TEXT, "changes[%zu].resource", index);
	else
		snprintf(path, CHANGE_PATH_TEXT, "owned.%s[\"%s\"]", kind_ops(resource->kind)->name,
			 resource_key_format(resource, key));
	return path;
}

void changes_drop(struct changes *changes, struct handles *handles, size_t count)
{
	while (count-- > 0) {
		changes->bytes -= heap_bytes(changes, --changes->count);
		clear(changes, changes->count, handles);
	}
}

void changes_clear(struct changes *changes, struct handles *handles)
{
	for (size_t i = 0; i < changes->count; i++)
		clear(changes, i, handles);
	free(changes->resource);
	free(changes->result);
	free(changes->id);
	free(changes->origin);
	*changes = (struct changes){0};
}
