/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/undo_log.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096
#define KEPT_BYTES  65536 /* between runs */

/* Behind the old bytes, since the log is read backwards. */
struct undo_entry {
	void *at;
	size_t size;
};

static bool make_room(struct undo_log *log, size_t more)
{
	size_t capacity = log->capacity ? log->capacity : FIRST_BYTES;
	char *bytes;

	if (log->no_memory)
		return false;
	if (log->used + more <= log->capacity)
		return true;
	while (capacity < log->used + more)
		capacity *= 2;
	bytes = realloc(log->bytes, capacity);
	if (!bytes) {
		log->no_memory = true;
		return false;
	}
	log->bytes = bytes;
	log->capacity = capacity;
	return true;
}

bool undo_log_set(struct undo_log *log, void *at, const void *value, size_t size)
{
	const struct undo_entry entry = {.at = at, .size = size};

	if (memcmp(at, value, size) == 0 || (log && !make_room(log, size + sizeof(entry))))
		return false;
	if (log) {
		memcpy(log->bytes + log->used, at, size);
		memcpy(log->bytes + log->used + size, &entry, sizeof(entry));
		log->used += size + sizeof(entry);
	}
	memcpy(at, value, size);
	return true;
}

void undo_log_roll_back(struct undo_log *log)
{
	struct undo_entry entry;

	while (log->used) {
		log->used -= sizeof(entry);
		memcpy(&entry, log->bytes + log->used, sizeof(entry));
		log->used -= entry.size;
		memcpy(entry.at, log->bytes + log->used, entry.size);
	}
	undo_log_clear(log);
}

void undo_log_clear(struct undo_log *log)
{
	log->used = 0;
	log->no_memory = false;
	if (log->capacity > KEPT_BYTES)
		undo_log_free(log);
}

void undo_log_free(struct undo_log *log)
{
	free(log->bytes);
	*log = (struct undo_log){0};
}
