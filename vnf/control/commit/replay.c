/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/replay.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/resources/decode.h"

#define BRIEF_BYTES	  192 /* an answer without its results: numbers, or a transaction's id */
#define TRANSACTION_BYTES 63

struct replay_entry {
	char owner[NAME_BYTES + 1], request_id[NAME_BYTES + 1], transaction[TRANSACTION_BYTES + 1];
	const ProtobufCMessageDescriptor *descriptor;
	uint8_t *full; /* the packed answer; NULL: only the brief one */
	size_t full_size, brief_size;
	uint8_t brief[BRIEF_BYTES];
};

struct replay {
	struct replay_entry *ring[REPLAY_WRITES];
	size_t next;  /* the oldest, which the next one replaces */
	size_t bytes; /* in full answers */
};

struct replay *replay_new(void)
{
	return calloc(1, sizeof(struct replay));
}

void replay_entry_free(struct replay_entry *entry)
{
	if (!entry)
		return;
	free(entry->full);
	free(entry);
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	for (size_t i = 0; i < REPLAY_WRITES; i++)
		replay_entry_free(replay->ring[i]);
	free(replay);
}

bool replay_entry_matches(const struct replay_entry *entry, const struct replay_key *key)
{
	if (!entry || !*key->request_id || strcmp(entry->request_id, key->request_id) != 0)
		return false;
	if (*key->transaction && !*key->owner)
		return strcmp(entry->transaction, key->transaction) == 0;
	return strcmp(entry->owner, key->owner) == 0;
}

int replay_find(const struct replay *replay, const struct replay_key *key, const ProtobufCMessageDescriptor *descriptor,
		ProtobufCMessage **message, struct error *error)
{
	if (!*key->request_id)
		return 0;
	for (size_t i = 0; i < REPLAY_WRITES; i++) {
		const struct replay_entry *entry = replay->ring[i];

		if (!replay_entry_matches(entry, key))
			continue;
		if (entry->descriptor != descriptor || strcmp(entry->transaction, key->transaction) != 0) {
			error_add(error, ERROR_INVALID_ARGUMENT, "options.request_id",
				  "\"%s\" was another write's: choose a new one", key->request_id);
			return -1;
		}
		*message =
			protobuf_c_message_unpack(descriptor, NULL, entry->full ? entry->full_size : entry->brief_size,
						  entry->full ? entry->full : entry->brief);
		if (*message)
			return 1;
		error_no_memory(error, NULL);
		return -1;
	}
	return 0;
}

static void copy_text(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
}

struct replay_entry *replay_entry_new(const struct replay_key *key)
{
	struct replay_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	copy_text(entry->owner, key->owner);
	copy_text(entry->request_id, key->request_id);
	copy_text(entry->transaction, key->transaction);
	return entry;
}

static void drop_full(struct replay *replay, struct replay_entry *entry)
{
	free(entry->full);
	entry->full = NULL;
	replay->bytes -= entry->full_size;
	entry->full_size = 0;
}

static void pack_brief(struct replay_entry *entry, const ProtobufCMessage *answer, Sluice__V1__WriteResult *result)
{
	size_t results = result ? result->n_results : 0;

	if (result)
		result->n_results = 0;
	if (protobuf_c_message_get_packed_size(answer) <= sizeof(entry->brief))
		entry->brief_size = protobuf_c_message_pack(answer, entry->brief);
	if (result)
		result->n_results = results;
}

void replay_add(struct replay *replay, struct replay_entry *entry, const ProtobufCMessage *answer,
		Sluice__V1__WriteResult *result)
{
	struct replay_entry **slot = &replay->ring[replay->next];

	if (*slot)
		drop_full(replay, *slot);
	replay_entry_free(*slot);
	*slot = entry;
	replay->next = (replay->next + 1) % REPLAY_WRITES;

	entry->descriptor = answer->descriptor;
	pack_brief(entry, answer, result);
	entry->full_size = protobuf_c_message_get_packed_size(answer);
	entry->full = malloc(entry->full_size ? entry->full_size : 1);
	if (!entry->full) {
		entry->full_size = 0;
		return;
	}
	protobuf_c_message_pack(answer, entry->full);
	replay->bytes += entry->full_size;
	for (size_t i = 0; i < REPLAY_WRITES && replay->bytes > REPLAY_BYTES; i++) {
		struct replay_entry *old = replay->ring[(replay->next + i) % REPLAY_WRITES];

		if (old && old->full)
			drop_full(replay, old);
	}
}
