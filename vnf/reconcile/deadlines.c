/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/deadlines.h"

#include <errno.h>
#include <stdlib.h>

int deadlines_add(struct deadlines *deadlines, uint64_t ms, uint32_t table, uint32_t id)
{
	if (deadlines->count == deadlines->capacity) {
		size_t capacity = deadlines->capacity ? deadlines->capacity * 2 : 16;
		struct deadline *deadline = realloc(deadlines->deadline, capacity * sizeof(*deadline));

		if (!deadline)
			return -ENOMEM;
		deadlines->deadline = deadline;
		deadlines->capacity = capacity;
	}
	if (!deadlines->count || ms < deadlines->first_ms)
		deadlines->first_ms = ms;
	deadlines->deadline[deadlines->count++] = (struct deadline){ms, table, id};
	return 0;
}

void deadlines_finish(struct deadlines *deadlines, bool undone)
{
	if (undone)
		deadlines->count = deadlines->kept;
	deadlines->kept = deadlines->count;
}

bool deadlines_look(struct deadlines *deadlines, uint64_t now_ms, struct facts *facts)
{
	size_t before = deadlines->count, left = 0;

	if (!before || now_ms < deadlines->first_ms)
		return false;
	deadlines->first_ms = UINT64_MAX;
	for (size_t i = 0; i < before; i++) {
		const struct deadline one = deadlines->deadline[i];

		if (one.ms <= now_ms) {
			facts_push(facts, &(struct fact){.kind = FACT_TIME, .ifindex = one.id, .table = one.table});
			continue;
		}
		deadlines->deadline[left++] = one;
		deadlines->first_ms = one.ms < deadlines->first_ms ? one.ms : deadlines->first_ms;
	}
	deadlines->count = deadlines->kept = left;
	return left < before;
}

void deadlines_free(struct deadlines *deadlines)
{
	free(deadlines->deadline);
	*deadlines = (struct deadlines){0};
}
