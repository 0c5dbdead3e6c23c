/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/idempotency_cache.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/core/hash.h"

#define BRIEF_BYTES	  192 /* an answer without its results: numbers, or a transaction's id */
#define TRANSACTION_BYTES 63

struct idempotency_entry {
	char owner[NAME_BYTES + 1], request_id[NAME_BYTES + 1], transaction[TRANSACTION_BYTES + 1];
	uint64_t digest;
	const ProtobufCMessageDescriptor *descriptor;
	uint8_t *full; /* the packed answer; NULL: only the brief one */
	size_t full_size, brief_size;
	uint8_t brief[BRIEF_BYTES];
};

struct idempotency_cache {
	struct idempotency_entry *ring[IDEMPOTENCY_WRITES];
	size_t next;  /* the oldest, which the next one replaces */
	size_t bytes; /* in full answers */
};

/* FNV-1a of a message's bytes, as they are packed. */
struct digest {
	ProtobufCBuffer buffer;
	uint64_t hash;
};

static void add_bytes(ProtobufCBuffer *buffer, size_t size, const uint8_t *bytes)
{
	struct digest *digest = (struct digest *)buffer;

	digest->hash = hash_bytes(digest->hash, bytes, size);
}

uint64_t idempotency_digest(Sluice__V1__Change *const *changes, size_t count)
{
	struct digest digest = {{add_bytes}, HASH_SEED};

	for (size_t i = 0; i < count; i++) {
		uint64_t size = protobuf_c_message_pack_to_buffer(&changes[i]->base, &digest.buffer);

		add_bytes(&digest.buffer, sizeof(size), (const uint8_t *)&size);
	}
	return digest.hash ? digest.hash : 1;
}

struct idempotency_cache *idempotency_cache_new(void)
{
	return calloc(1, sizeof(struct idempotency_cache));
}

void idempotency_entry_free(struct idempotency_entry *entry)
{
	if (!entry)
		return;
	free(entry->full);
	free(entry);
}

void idempotency_cache_free(struct idempotency_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < IDEMPOTENCY_WRITES; i++)
		idempotency_entry_free(cache->ring[i]);
	free(cache);
}

bool idempotency_entry_matches(const struct idempotency_entry *entry, const struct idempotency_key *key)
{
	if (!entry || !*key->request_id || strcmp(entry->request_id, key->request_id) != 0)
		return false;
	if (*key->transaction && !*key->owner)
		return strcmp(entry->transaction, key->transaction) == 0;
	return strcmp(entry->owner, key->owner) == 0;
}

int idempotency_cache_find(const struct idempotency_cache *cache, const struct idempotency_key *key,
			   const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message,
			   struct error *error)
{
	if (!*key->request_id)
		return 0;
	for (size_t i = 0; i < IDEMPOTENCY_WRITES; i++) {
		const struct idempotency_entry *entry = cache->ring[i];

		if (!idempotency_entry_matches(entry, key))
			continue;
		if (entry->descriptor != descriptor || strcmp(entry->transaction, key->transaction) != 0 ||
		    entry->digest != key->digest) {
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

struct idempotency_entry *idempotency_entry_new(const struct idempotency_key *key)
{
	struct idempotency_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	copy_text(entry->owner, key->owner);
	copy_text(entry->request_id, key->request_id);
	copy_text(entry->transaction, key->transaction);
	entry->digest = key->digest;
	return entry;
}

static void drop_full(struct idempotency_cache *cache, struct idempotency_entry *entry)
{
	free(entry->full);
	entry->full = NULL;
	cache->bytes -= entry->full_size;
	entry->full_size = 0;
}

static void pack_brief(struct idempotency_entry *entry, const ProtobufCMessage *answer, Sluice__V1__WriteResult *result)
{
	size_t results = result ? result->n_results : 0;

	if (result)
		result->n_results = 0;
	if (protobuf_c_message_get_packed_size(answer) <= sizeof(entry->brief))
		entry->brief_size = protobuf_c_message_pack(answer, entry->brief);
	if (result)
		result->n_results = results;
}

void idempotency_cache_add(struct idempotency_cache *cache, struct idempotency_entry *entry,
			   const ProtobufCMessage *answer, Sluice__V1__WriteResult *result)
{
	struct idempotency_entry **slot = &cache->ring[cache->next];

	if (*slot)
		drop_full(cache, *slot);
	idempotency_entry_free(*slot);
	*slot = entry;
	cache->next = (cache->next + 1) % IDEMPOTENCY_WRITES;

	entry->descriptor = answer->descriptor;
	pack_brief(entry, answer, result);
	entry->full_size = protobuf_c_message_get_packed_size(answer);
	entry->full = malloc(entry->full_size ? entry->full_size : 1);
	if (!entry->full) {
		entry->full_size = 0;
		return;
	}
	protobuf_c_message_pack(answer, entry->full);
	cache->bytes += entry->full_size;
	for (size_t i = 0; i < IDEMPOTENCY_WRITES && cache->bytes > IDEMPOTENCY_BYTES; i++) {
		struct idempotency_entry *old = cache->ring[(cache->next + i) % IDEMPOTENCY_WRITES];

		if (old && old->full)
			drop_full(cache, old);
	}
}

/* The texts of a record's key, each with its end; then a value is the digest and the packed numbers. */
static size_t put_text(char *to, const char *text)
{
	size_t size = strlen(text) + 1;

	memcpy(to, text, size);
	return size;
}

void idempotency_record_make(struct idempotency_record *record, const struct idempotency_entry *entry,
			     Sluice__V1__WriteResult *result)
{
	size_t results = result->n_results;

	record->key_size = put_text(record->key, entry->owner);
	record->key_size += put_text(record->key + record->key_size, entry->request_id);
	record->key_size += put_text(record->key + record->key_size, entry->transaction);
	memcpy(record->value, &entry->digest, sizeof(entry->digest));
	record->value_size = sizeof(entry->digest);
	result->n_results = 0;
	if (sluice__v1__write_result__get_packed_size(result) <= sizeof(record->value) - record->value_size)
		record->value_size += sluice__v1__write_result__pack(result, record->value + record->value_size);
	result->n_results = results;
}

/* The numbers of a commit's answer; NULL: it is of another call, or there is no memory. Frees nothing of `answer`. */
static Sluice__V1__WriteResult *result_of(ProtobufCMessage *answer)
{
	if (answer->descriptor == &sluice__v1__apply_changes_response__descriptor)
		return ((Sluice__V1__ApplyChangesResponse *)answer)->result;
	if (answer->descriptor == &sluice__v1__commit_transaction_response__descriptor)
		return ((Sluice__V1__CommitTransactionResponse *)answer)->result;
	return NULL;
}

void idempotency_cache_visit(const struct idempotency_cache *cache,
			     void (*visit)(void *context, const struct idempotency_record *record), void *context)
{
	for (size_t i = 0; i < IDEMPOTENCY_WRITES; i++) {
		const struct idempotency_entry *entry = cache->ring[(cache->next + i) % IDEMPOTENCY_WRITES];
		struct idempotency_record record;
		ProtobufCMessage *answer;

		if (!entry)
			continue;
		answer = protobuf_c_message_unpack(entry->descriptor, NULL, entry->brief_size, entry->brief);
		if (!answer)
			continue; /* out of memory: a retry of this one will be done again, if the daemon ends first */
		if (result_of(answer)) {
			idempotency_record_make(&record, entry, result_of(answer));
			visit(context, &record);
		}
		protobuf_c_message_free_unpacked(answer, NULL);
	}
}

/* The text at *at, and *at behind it; NULL: it has no end, or more than `most` bytes. */
static const char *take_text(const char *key, size_t size, size_t *at, size_t most)
{
	const char *text = key + *at;
	size_t length = strnlen(text, size - *at);

	if (length == size - *at || length > most)
		return NULL;
	*at += length + 1;
	return text;
}

static int add_restored(struct idempotency_cache *cache, const struct idempotency_key *key,
			Sluice__V1__WriteResult *result)
{
	Sluice__V1__ApplyChangesResponse applied = SLUICE__V1__APPLY_CHANGES_RESPONSE__INIT;
	Sluice__V1__CommitTransactionResponse committed = SLUICE__V1__COMMIT_TRANSACTION_RESPONSE__INIT;
	struct idempotency_entry *entry = idempotency_entry_new(key);

	if (!entry)
		return -ENOMEM;
	applied.result = committed.result = result;
	idempotency_cache_add(cache, entry, *key->transaction ? &committed.base : &applied.base, result);
	return 0;
}

int idempotency_cache_restore(struct idempotency_cache *cache, const char *key, size_t key_size, const uint8_t *value,
			      size_t value_size)
{
	struct idempotency_key found = {0};
	Sluice__V1__WriteResult *result;
	size_t at = 0;
	int status;

	found.owner = take_text(key, key_size, &at, NAME_BYTES);
	found.request_id = found.owner ? take_text(key, key_size, &at, NAME_BYTES) : NULL;
	found.transaction = found.request_id ? take_text(key, key_size, &at, TRANSACTION_BYTES) : NULL;
	if (!found.transaction || at != key_size || value_size < sizeof(found.digest))
		return -EPROTO;
	memcpy(&found.digest, value, sizeof(found.digest));
	result =
		sluice__v1__write_result__unpack(NULL, value_size - sizeof(found.digest), value + sizeof(found.digest));
	if (!result)
		return -EPROTO;
	status = add_restored(cache, &found, result);
	sluice__v1__write_result__free_unpacked(result, NULL);
	return status;
}
