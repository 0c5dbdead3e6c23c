/* SPDX-License-Identifier: Apache-2.0 */
/* --prune: deletes the resources that the owner has in the router and the files do not name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/ctl/commands.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/listing.h"

struct prune {
	const char *owner;
	struct change_list *list;
	char **key; /* of one kind in the files, sorted */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int prune_one(const Sluice__V1__ResourceState *state, void *context)
{
	const struct prune *prune = context;
	const ProtobufCFieldDescriptor *kind = state->resource ? kind_by_number(state->resource->kind_case) : NULL;
	Sluice__V1__Resource *resource;

	if (!kind || strcmp(state->owner, prune->owner) != 0 ||
	    (prune->count && bsearch(&state->key, prune->key, prune->count, sizeof(*prune->key), compare)))
		return DONE;
	resource = resource_from_key(kind, state->key);
	if (!resource || change_list_add(prune->list, SLUICE__V1__OPERATION__OPERATION_DELETE, resource, 0))
		return out_of_memory();
	return DONE;
}

static int prune_kind(struct session *session, struct prune *prune, unsigned int kind, size_t named)
{
	struct listing listing = {.each = prune_one, .context = prune};
	int rc = DONE;

	prune->count = 0;
	prune->key = calloc(named + 1, sizeof(*prune->key));
	if (!prune->key)
		return out_of_memory();
	for (size_t i = 0; i < named && rc == DONE; i++) {
		if (prune->list->change[i]->resource->kind_case != kind)
			continue;
		prune->key[prune->count] = resource_key(prune->list->change[i]->resource);
		if (!prune->key[prune->count++])
			rc = out_of_memory();
	}
	if (rc == DONE) {
		qsort(prune->key, prune->count, sizeof(*prune->key), compare);
		rc = list_resources(session, kind, &listing);
	}
	for (size_t i = 0; i < prune->count; i++)
		free(prune->key[i]);
	free(prune->key);
	return rc;
}

int add_pruned(struct session *session, struct change_list *list)
{
	struct prune prune = {.owner = session->options->owner, .list = list};
	const ProtobufCFieldDescriptor *kind;
	size_t named = list->count;
	int rc = DONE;

	for (unsigned int i = 0; rc == DONE && (kind = kind_at(i)); i++)
		rc = prune_kind(session, &prune, kind->id, named);
	return rc;
}
