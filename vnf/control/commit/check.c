/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/check.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vnf/control/commit/candidate.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"

void check_fault(struct check *check, enum error_code code, const char *field, long index, const char *member,
		 const char *format, ...)
{
	char path[2 * CHANGE_PATH_TEXT], start[CHANGE_PATH_TEXT], message[320], subscript[24] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (index >= 0)
		snprintf(subscript, sizeof(subscript), "[%ld]", index);
	changes_path(check->candidate->changes, check->change, start);
	snprintf(path, sizeof(path), "%s%s%s%s%s%s%s%s", start, field ? "." : "",
		 field ? kind_ops(check->kind)->name : "", field ? "." : "", field ? field : "", subscript,
		 member ? "." : "", member ? member : "");
	error_add(check->error, code, path, "%s", message);
}

void check_at_end(struct check *check, void (*rule)(struct check *check))
{
	for (size_t i = 0; i < check->rules; i++)
		if (check->rule[i] == rule)
			return;
	assert(check->rules < CHECK_RULES);
	check->rule[check->rules++] = rule;
}

size_t check_differences(const struct check *check)
{
	return check->candidate->delta.count;
}

const struct dp_limits *check_router_limits(const struct check *check)
{
	return handles_limits(check->candidate->base.handles);
}

void check_walk(struct check *check, enum resource_kind kind, bool (*visit)(void *object, void *context), void *context)
{
	pmap_walk(&check->next->map[kind], visit, context);
}

void check_changes(struct check *check, void (*visit)(const struct resource *after, void *context), void *context)
{
	for (size_t i = 0; i < check->candidate->delta.count; i++) {
		const struct resource *after = check->candidate->delta.entry[i].after;

		if (!after)
			continue;
		check->change = candidate_change(check->candidate, i);
		check->kind = after->kind;
		visit(after, context);
	}
}

bool check_is_new(const struct check *check, const struct resource *resource)
{
	return resource->revision == check->next->revision;
}

bool check_attribute(struct check *check, const struct resource *resource)
{
	size_t change;

	if (!check_is_new(check, resource))
		return false;
	if (check->error->count >= ERROR_FAULTS)
		return true; /* nobody reads the path of a fault that is only counted */
	change = candidate_change_of(check->candidate, resource);
	if (change == SIZE_MAX)
		return false;
	check->change = change;
	check->kind = resource->kind;
	return true;
}

void *check_memory(struct check *check, enum resource_kind kind, size_t size)
{
	if (!check->memory[kind])
		check->memory[kind] = calloc(1, size);
	return check->memory[kind];
}

static void check_reference(const struct reference *reference, void *context)
{
	struct check *check = context;

	if (reference->handle->kind == HANDLE_OWNER)
		return; /* a client may come at any time */
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
	if (!resource_is_learned(search->at))
		kind_ops(search->at->kind)->references(search->at, compare_reference, search);
	return !search->found;
}

static void still_used(struct check *check, const struct resource *gone)
{
	const struct handle *handle = gone->self;
	struct search search = {.handle = handle};
	char key[RESOURCE_KEY_TEXT], others[32] = "", owner[NAME_BYTES + 5] = "";
	/* The search walks over everything; nobody reads the text of a fault that is only counted. */
	bool search_it = check->error->count < ERROR_FAULTS;

	for (int kind = kind_after(0); kind < RESOURCE_KINDS && search_it && !search.found; kind = kind_after(kind))
		if (kind_ops((enum resource_kind)kind)->references)
			pmap_walk(&check->next->map[kind], search_resource, &search);
	if (handle->users - handle->learned_users > 1)
		snprintf(others, sizeof(others), ", and %u more", handle->users - handle->learned_users - 1);
	if (search.found && search.found->owner != gone->owner)
		snprintf(owner, sizeof(owner), " of %s", search.found->owner->text);
	if (!search.found)
		check_fault(check, ERROR_FAILED_PRECONDITION, NULL, -1, NULL, "%s \"%s\" is in use",
			    kind_ops(handle->kind)->label, handle->text);
	else
		check_fault(check, ERROR_FAILED_PRECONDITION, NULL, -1, NULL,
			    "%s \"%s\" is in use: %s \"%s\"%s refers to it%s: delete what refers to it first",
			    kind_ops(handle->kind)->label, handle->text, kind_ops(search.found->kind)->label,
			    resource_key_format(search.found, key), owner, others);
}

/* What is learned holds nothing but what is learned. */
static bool is_held(const struct resource *resource)
{
	return resource->self &&
	       resource->self->users > (resource_is_learned(resource) ? 0 : resource->self->learned_users);
}

static void check_entry(struct check *check, const struct delta_entry *entry)
{
	const struct resource *resource = entry->after ? entry->after : entry->before;
	const struct kind_ops *ops = kind_ops(resource->kind);

	check->kind = resource->kind;
	if (!entry->after && is_held(resource))
		still_used(check, resource);
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
			      .management = candidate->base.management,
			      .error = error};
	size_t faults = error->count;

	for (size_t i = 0; i < candidate->delta.count; i++) {
		check.change = candidate_change(candidate, i);
		check_entry(&check, &candidate->delta.entry[i]);
	}
	for (size_t i = 0; error->count == faults && i < check.rules; i++)
		check.rule[i](&check);
	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		free(check.memory[kind]);
	return error->count > faults ? -1 : 0;
}
