/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/handles.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/ids.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/hash.h"
#include "vnf/dataplane/bank/limits.h"

#define FIRST_BUCKETS 1024

struct handles {
	struct handle **bucket;
	size_t mask; /* buckets - 1 */
	size_t count;
	struct ids ids[RESOURCE_KINDS];
	struct dp_limits limits;
};

/* Its own, or those that it shares. */
static enum resource_kind ids_kind(enum resource_kind kind)
{
	return kind_ops(kind)->ids_of ? kind_ops(kind)->ids_of : kind;
}

struct handles *handles_new(const struct dp_limits *limits)
{
	struct handles *handles = calloc(1, sizeof(*handles));

	if (!handles)
		return NULL;
	handles->bucket = calloc(FIRST_BUCKETS, sizeof(*handles->bucket));
	if (!handles->bucket)
		goto err;
	handles->mask = FIRST_BUCKETS - 1;
	handles->limits = *limits;
	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		if (ids_init(&handles->ids[kind], limit_get(limits, kind_ops((enum resource_kind)kind)->limit)))
			goto err;
	return handles;

err:
	handles_free(handles);
	return NULL;
}

void handles_free(struct handles *handles)
{
	if (!handles)
		return;
	for (size_t i = 0; handles->bucket && i <= handles->mask; i++)
		while (handles->bucket[i]) {
			struct handle *handle = handles->bucket[i];

			handles->bucket[i] = handle->chain;
			free(handle);
		}
	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		ids_clear(&handles->ids[kind]);
	free(handles->bucket);
	free(handles);
}

static size_t hash(enum resource_kind kind, const char *text)
{
	uint64_t h = hash_text(HASH_SEED ^ kind, text);

	return (size_t)(h ^ (h >> 32));
}

struct handle *handles_find(const struct handles *handles, enum resource_kind kind, const char *text)
{
	struct handle *handle = handles->bucket[hash(kind, text) & handles->mask];

	while (handle && (handle->kind != kind || strcmp(handle->text, text) != 0))
		handle = handle->chain;
	return handle;
}

/* Without memory for a larger table the chains grow longer: slower, still right. */
static void grow(struct handles *handles)
{
	size_t mask = handles->mask * 2 + 1;
	struct handle **bucket = calloc(mask + 1, sizeof(*bucket));

	if (!bucket)
		return;
	for (size_t i = 0; i <= handles->mask; i++)
		while (handles->bucket[i]) {
			struct handle *handle = handles->bucket[i], **slot;

			handles->bucket[i] = handle->chain;
			slot = &bucket[hash(handle->kind, handle->text) & mask];
			handle->chain = *slot;
			*slot = handle;
		}
	free(handles->bucket);
	handles->bucket = bucket;
	handles->mask = mask;
}

struct handle *handles_get(struct handles *handles, enum resource_kind kind, const char *text)
{
	struct handle *handle = handles_find(handles, kind, text), **slot;
	size_t size = strlen(text) + 1;

	if (handle) {
		handle->references++;
		return handle;
	}
	handle = calloc(1, sizeof(*handle) + size);
	if (!handle)
		return NULL;
	memcpy(handle->text, text, size);
	handle->kind = kind;
	handle->references = 1;
	if (handles->count++ > handles->mask)
		grow(handles);
	slot = &handles->bucket[hash(kind, text) & handles->mask];
	handle->chain = *slot;
	*slot = handle;
	return handle;
}

void handles_put(struct handles *handles, struct handle *handle)
{
	struct handle **slot;

	if (!handle || --handle->references)
		return;
	slot = &handles->bucket[hash(handle->kind, handle->text) & handles->mask];
	while (*slot != handle)
		slot = &(*slot)->chain;
	*slot = handle->chain;
	handles->count--;
	free(handle);
}

const struct dp_limits *handles_limits(const struct handles *handles)
{
	return &handles->limits;
}

uint32_t handles_maximum(const struct handles *handles, enum resource_kind kind)
{
	return handles->ids[ids_kind(kind)].maximum;
}

uint32_t handles_take_id(struct handles *handles, enum resource_kind kind)
{
	return ids_take(&handles->ids[ids_kind(kind)]);
}

uint32_t handles_take_this_id(struct handles *handles, enum resource_kind kind, uint32_t id)
{
	return ids_take_this(&handles->ids[ids_kind(kind)], id);
}

void handles_give_id(struct handles *handles, enum resource_kind kind, uint32_t id)
{
	ids_give(&handles->ids[ids_kind(kind)], id);
}
