/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/rehearsal/outcomes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/hash.h"

#define OUTCOME_WORDS (2 * sizeof(struct outcome) / 8) /* of both of a row */

struct outcome outcome_of(const struct dp_observation *observation)
{
	const struct dp_step *last = &observation->last;
	struct outcome outcome = {.reason = observation->reason, .interface = observation->out_interface};

	for (int category = DP_POLICY_ACCESS; category <= DP_POLICY_INGRESS; category++)
		if (last->rule[category])
			outcome.rule = last->rule[category];
	if (!observation->out_interface)
		return outcome;
	outcome.member = last->member;
	outcome.tunnel = last->encapsulated;
	outcome.next_hop = last->next_hop;
	outcome.port_pair_group = last->port_pair_group;
	return outcome;
}

bool outcome_differs(const struct outcome *a, const struct outcome *b)
{
	return memcmp(a, b, sizeof(*a)) != 0;
}

static bool row_is_of(const struct outcome_row *row, const struct outcome_row *wanted)
{
	return row->vrf == wanted->vrf && !outcome_differs(&row->before, &wanted->before) &&
	       !outcome_differs(&row->after, &wanted->after);
}

/* The slot of such a row, or the free one where it belongs. */
static uint32_t *find_slot(struct outcomes *outcomes, const struct outcome_row *wanted)
{
	const struct outcome both[2] = {wanted->before, wanted->after};
	uint64_t key[OUTCOME_WORDS];
	uint32_t at;

	memcpy(key, both, sizeof(key));
	at = dp_hash((const __u64 *)key, OUTCOME_WORDS) + wanted->vrf;
	for (;; at++) {
		uint32_t *slot = &outcomes->slot[at & (outcomes->slots - 1)];

		if (!*slot || row_is_of(&outcomes->row[*slot - 1], wanted))
			return slot;
	}
}

/* Keeps the table at most half full. */
static int make_room(struct outcomes *outcomes)
{
	size_t room = outcomes->room ? outcomes->room * 2 : 64;
	uint32_t *slot;
	struct outcome_row *row;

	if (outcomes->count < outcomes->room)
		return 0;
	slot = calloc(room * 2, sizeof(*slot));
	row = slot ? realloc(outcomes->row, room * sizeof(*row)) : NULL;
	if (!row) {
		free(slot);
		return -ENOMEM;
	}
	free(outcomes->slot);
	outcomes->slot = slot;
	outcomes->slots = room * 2;
	outcomes->row = row;
	outcomes->room = room;
	for (uint32_t i = 0; i < outcomes->count; i++)
		*find_slot(outcomes, &outcomes->row[i]) = i + 1;
	return 0;
}

struct outcome_row *outcomes_row(struct outcomes *outcomes, const struct dp_observation *before,
				 const struct dp_observation *after)
{
	struct outcome_row wanted = {.vrf = before->last.vrf,
				     .before = outcome_of(before),
				     .after = outcome_of(after),
				     .example = before->last};
	uint32_t *slot;

	if (make_room(outcomes))
		return NULL;
	slot = find_slot(outcomes, &wanted);
	if (!*slot) {
		outcomes->row[outcomes->count] = wanted;
		*slot = (uint32_t)++outcomes->count;
	}
	return &outcomes->row[*slot - 1];
}

void outcomes_clear(struct outcomes *outcomes)
{
	free(outcomes->row);
	free(outcomes->slot);
	*outcomes = (struct outcomes){0};
}
