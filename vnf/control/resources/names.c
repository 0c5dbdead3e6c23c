/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/resources/names.h"

#include <stdlib.h>
#include <string.h>

#include "api/dp/limits.h"
#include "vnf/control/resources/ids.h"

#define FIRST_BUCKETS 1024

struct names {
	struct name **bucket;
	size_t mask; /* buckets - 1 */
	size_t count;
	struct ids ids[RESOURCE_KINDS];
};

static const uint32_t maximum[RESOURCE_KINDS] = {
	[RESOURCE_VRF] = DP_MAX_VRFS,
	[RESOURCE_INTERFACE] = DP_MAX_INTERFACES,
	[RESOURCE_TUNNEL_ENDPOINT] = DP_MAX_TUNNEL_ENDPOINTS,
	[RESOURCE_NEXT_HOP] = DP_MAX_NEXT_HOPS,
	[RESOURCE_NEXT_HOP_GROUP] = DP_MAX_GROUPS,
	[RESOURCE_PORT_PAIR] = DP_MAX_PORT_PAIRS,
	[RESOURCE_PORT_PAIR_GROUP] = DP_MAX_PORT_PAIR_GROUPS,
	[RESOURCE_FLOW_CLASSIFIER] = DP_MAX_CLASSIFIERS,
	[RESOURCE_PORT_CHAIN] = DP_MAX_CHAINS,
};

struct names *names_new(uint32_t max_routes)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->bucket = calloc(FIRST_BUCKETS, sizeof(*names->bucket));
	if (!names->bucket)
		goto err;
	names->mask = FIRST_BUCKETS - 1;
	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS; kind++)
		if (ids_init(&names->ids[kind], kind == RESOURCE_ROUTE ? max_routes : maximum[kind]))
			goto err;
	return names;

err:
	names_free(names);
	return NULL;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	for (size_t i = 0; names->bucket && i <= names->mask; i++)
		while (names->bucket[i]) {
			struct name *name = names->bucket[i];

			names->bucket[i] = name->chain;
			free(name);
		}
	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS; kind++)
		ids_clear(&names->ids[kind]);
	free(names->bucket);
	free(names);
}

/* FNV-1a. */
static size_t hash(enum resource_kind kind, const char *text)
{
	uint64_t h = 0xcbf29ce484222325ULL ^ kind;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3ULL;
	return (size_t)(h ^ (h >> 32));
}

struct name *names_find(const struct names *names, enum resource_kind kind, const char *text)
{
	struct name *name = names->bucket[hash(kind, text) & names->mask];

	while (name && (name->kind != kind || strcmp(name->text, text) != 0))
		name = name->chain;
	return name;
}

/* Without memory for a larger table the chains grow longer: slower, still right. */
static void grow(struct names *names)
{
	size_t mask = names->mask * 2 + 1;
	struct name **bucket = calloc(mask + 1, sizeof(*bucket));

	if (!bucket)
		return;
	for (size_t i = 0; i <= names->mask; i++)
		while (names->bucket[i]) {
			struct name *name = names->bucket[i], **slot;

			names->bucket[i] = name->chain;
			slot = &bucket[hash(name->kind, name->text) & mask];
			name->chain = *slot;
			*slot = name;
		}
	free(names->bucket);
	names->bucket = bucket;
	names->mask = mask;
}

struct name *names_get(struct names *names, enum resource_kind kind, const char *text)
{
	struct name *name = names_find(names, kind, text), **slot;
	size_t size = strlen(text) + 1;

	if (name) {
		name->references++;
		return name;
	}
	name = calloc(1, sizeof(*name) + size);
	if (!name)
		return NULL;
	memcpy(name->text, text, size);
	name->kind = kind;
	name->references = 1;
	if (names->count++ > names->mask)
		grow(names);
	slot = &names->bucket[hash(kind, text) & names->mask];
	name->chain = *slot;
	*slot = name;
	return name;
}

void names_put(struct names *names, struct name *name)
{
	struct name **slot;

	if (!name || --name->references)
		return;
	slot = &names->bucket[hash(name->kind, name->text) & names->mask];
	while (*slot != name)
		slot = &(*slot)->chain;
	*slot = name->chain;
	names->count--;
	free(name);
}

uint32_t names_maximum(const struct names *names, enum resource_kind kind)
{
	return names->ids[kind].maximum;
}

uint32_t names_take_id(struct names *names, enum resource_kind kind)
{
	return ids_take(&names->ids[kind]);
}

void names_give_id(struct names *names, enum resource_kind kind, uint32_t id)
{
	ids_give(&names->ids[kind], id);
}
