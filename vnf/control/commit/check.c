/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/limits.h"
#include "vnf/control/commit/check_tables.h"
#include "vnf/control/commit/candidate.h"
#include "vnf/control/kinds/kinds.h"

#define NOT_KNOWN 0xff

void check_fault(struct check *check, enum error_code code, const char *field, long index, const char *member,
		 const char *format, ...)
{
	char path[192], message[320], subscript[24] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (index >= 0)
		snprintf(subscript, sizeof(subscript), "[%ld]", index);
	snprintf(path, sizeof(path), "changes[%zu].resource%s%s%s%s%s%s%s", check->change, field ? "." : "",
		 field ? kind_ops(check->kind)->name : "", field ? "." : "", field ? field : "", subscript,
		 member ? "." : "", member ? member : "");
	error_add(check->error, code, path, "%s", message);
}

uint8_t check_next_hop_families(const struct handle *handle)
{
	const struct next_hop *next_hop = (const struct next_hop *)handle->resource;

	if (!next_hop || next_hop->target != NEXT_HOP_GATEWAY)
		return 0;
	return next_hop->address.family == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
}

static uint8_t families(const struct next_hop_group *group)
{
	uint8_t all = 0;

	for (size_t i = 0; i < group->count; i++)
		all |= check_next_hop_families(group->member[i].next_hop);
	return all;
}

/* Remembered, since a commit of many routes asks again and again. */
uint8_t check_group_families(struct check *check, const struct handle *handle)
{
	const struct next_hop_group *group = (const struct next_hop_group *)handle->resource;
	uint32_t id = handle->id;

	if (!check->families) {
		check->families = malloc(DP_MAX_GROUPS + 1);
		if (!check->families)
			return families(group);
		memset(check->families, NOT_KNOWN, DP_MAX_GROUPS + 1);
	}
	if (check->families[id] == NOT_KNOWN)
		check->families[id] = families(group);
	return check->families[id];
}

static void check_reference(const struct reference *reference, void *context)
{
	struct check *check = context;

	if (!reference->handle->resource)
		check_fault(check, ERROR_INVALID_ARGUMENT, reference->field, reference->index, reference->member,
			    "there is no %s \"%s\"", kind_ops(reference->handle->kind)->label, reference->handle->text);
}

struct search {
	const struct handle *handle;
	const struct resource *found, *at;
};

static void compare_reference(const struct reference *reference, void *context)
{
	struct search *search = context;

	if (reference->handle == search->handle)
		search->found = search->at;
}

static bool search_resource(void *object, void *context)
{
	struct search *search = context;

	search->at = object;
	kind_ops(search->at->kind)->references(search->at, compare_reference, search);
	return !search->found;
}

static void still_used(struct check *check, const struct handle *handle)
{
	struct search search = {.handle = handle};
	char key[RESOURCE_KEY_TEXT], others[32] = "";
	/* The search walks all that there is; of the faults that are only counted nobody reads the text. */
	bool search_it = check->error->count < ERROR_FAULTS;

	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS && search_it && !search.found; kind++)
		if (kind_ops((enum resource_kind)kind)->references)
			pmap_walk(&check->next->map[kind], search_resource, &search);
	if (handle->users > 1)
		snprintf(others, sizeof(others), ", and %u more", handle->users - 1);
	if (!search.found)
		check_fault(check, ERROR_FAILED_PRECONDITION, NULL, -1, NULL, "%s \"%s\" is in use",
			    kind_ops(handle->kind)->label, handle->text);
	else
		check_fault(check, ERROR_FAILED_PRECONDITION, NULL, -1, NULL,
			    "%s \"%s\" is in use: %s \"%s\" refers to it%s: delete what refers to it first",
			    kind_ops(handle->kind)->label, handle->text, kind_ops(search.found->kind)->label,
			    resource_key_format(search.found, key), others);
}

static void check_entry(struct check *check, const struct delta_entry *entry)
{
	const struct resource *resource = entry->after ? entry->after : entry->before;
	const struct kind_ops *ops = kind_ops(resource->kind);

	check->kind = resource->kind;
	if (!entry->after && resource->self && resource->self->users)
		still_used(check, resource->self);
	if (entry->after && ops->references)
		ops->references(entry->after, check_reference, check);
	if (ops->check)
		ops->check(check, entry->before, entry->after);
}

int check_candidate(struct candidate *candidate, struct error *error)
{
	struct check check = {.candidate = candidate,
			      .next = candidate->next,
			      .unique_keys = candidate->base.unique_keys,
			      .error = error};
	size_t faults = error->count;

	for (size_t i = 0; i < candidate->delta.count; i++) {
		check.change = candidate_change(candidate, i);
		check_entry(&check, &candidate->delta.entry[i]);
	}
	/* What follows relies on every reference having its resource. */
	if (error->count == faults)
		check_tables(&check);
	free(check.families);
	return error->count > faults ? -1 : 0;
}
