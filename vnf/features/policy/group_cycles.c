/* SPDX-License-Identifier: Apache-2.0 */
/* An address group must not be in itself, by however many others: nobody could say what its members are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/core/error.h"
#include "vnf/features/policy/policy.h"

/* A group on the way down, and the next of its groups to look at. */
struct level {
	const struct address_group *group;
	size_t next;
};

enum { UNSEEN, ON_THE_WAY, DONE };

struct cycles {
	struct check *check;
	size_t depth;
	uint8_t seen[DP_MAX_ADDRESS_GROUPS + 1]; /* by id */
	struct level level[DP_MAX_ADDRESS_GROUPS + 1];
};

#define PATH_TEXT 220

/* "a, b, ..., c, a": from where the way comes to itself; in the middle what there is no room for is left out. */
static void format_path(const struct cycles *cycles, size_t first, char text[PATH_TEXT])
{
	size_t length = 0;

	for (size_t i = first; i <= cycles->depth; i++) {
		const char *name = cycles->level[i < cycles->depth ? i : first].group->resource.self->text;
		bool last = i >= cycles->depth - 1;

		if (!last && length + strlen(name) + 150 > PATH_TEXT) {
			length += (size_t)snprintf(text + length, PATH_TEXT - length, "..., ");
			i = cycles->depth - 2;
			continue;
		}
		length += (size_t)snprintf(text + length, PATH_TEXT - length, "%s%s", name,
					   i < cycles->depth ? ", " : "");
	}
}

/* At the change that made one of the groups on the cycle: there is one, as there was no cycle before. */
static void report(struct cycles *cycles, const struct address_group *again)
{
	size_t first = 0, at;
	char path[PATH_TEXT];

	while (cycles->level[first].group != again)
		first++;
	at = first;
	while (at < cycles->depth && !check_attribute(cycles->check, &cycles->level[at].group->resource))
		at++;
	format_path(cycles, first, path);
	check_fault(cycles->check, ERROR_INVALID_ARGUMENT, "address_groups", -1, NULL,
		    "address group \"%s\" would be in itself: %s", again->resource.self->text, path);
}

/* false: a cycle was reported. */
static bool go_down(struct cycles *cycles, const struct address_group *from)
{
	cycles->level[0] = (struct level){.group = from};
	cycles->depth = 1;
	cycles->seen[from->resource.self->id] = ON_THE_WAY;
	while (cycles->depth) {
		struct level *level = &cycles->level[cycles->depth - 1];
		const struct address_group *next;

		if (level->next == level->group->group_count) {
			cycles->seen[level->group->resource.self->id] = DONE;
			cycles->depth--;
			continue;
		}
		next = (const struct address_group *)level->group->group[level->next++]->resource;
		if (cycles->seen[next->resource.self->id] == ON_THE_WAY) {
			report(cycles, next);
			return false;
		}
		if (cycles->seen[next->resource.self->id] == UNSEEN) {
			cycles->seen[next->resource.self->id] = ON_THE_WAY;
			cycles->level[cycles->depth++] = (struct level){.group = next};
		}
	}
	return true;
}

static void visit_change(const struct resource *after, void *context)
{
	struct cycles *cycles = context;

	if (after->kind == RESOURCE_ADDRESS_GROUP && !cycles->check->error->count &&
	    cycles->seen[after->self->id] == UNSEEN)
		go_down(cycles, (const struct address_group *)after);
}

void check_address_group_cycles(struct check *check)
{
	struct cycles *cycles = calloc(1, sizeof(*cycles));

	if (!cycles) {
		error_no_memory(check->error, NULL);
		return;
	}
	cycles->check = check;
	check_changes(check, visit_change, cycles);
	free(cycles);
}
