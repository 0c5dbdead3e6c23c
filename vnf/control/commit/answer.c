/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/reconcile/blast_radius.h"
#include "vnf/reconcile/policy_costs.h"

#define RESULTS_MAX	10000
#define DIFFERENCES_MAX 1000
#define EFFECTS_MAX	100

static void tally(Sluice__V1__WriteResult *result, uint8_t outcome)
{
	result->created += outcome == SLUICE__V1__OUTCOME__OUTCOME_CREATED;
	result->replaced += outcome == SLUICE__V1__OUTCOME__OUTCOME_REPLACED;
	result->unchanged += outcome == SLUICE__V1__OUTCOME__OUTCOME_UNCHANGED;
	result->deleted += outcome == SLUICE__V1__OUTCOME__OUTCOME_DELETED;
	result->absent += outcome == SLUICE__V1__OUTCOME__OUTCOME_ABSENT;
}

static Sluice__V1__ChangeResult *change_result(const struct changes *changes, size_t i)
{
	Sluice__V1__ChangeResult *result = message_new(&sluice__v1__change_result__descriptor);
	char key[RESOURCE_KEY_TEXT];

	if (!result)
		return NULL;
	result->kind = (Sluice__V1__ResourceKind)changes->resource[i]->kind;
	result->outcome = (Sluice__V1__Outcome)changes->result[i].outcome;
	if (!encode_text(&result->key, resource_key_format(changes->resource[i], key)) &&
	    !encode_text(&result->id, changes->id && changes->id[i] ? changes->id[i] : ""))
		return result;
	message_free(result);
	return NULL;
}

Sluice__V1__WriteResult *answer_new(const struct changes *changes)
{
	size_t count = changes->count < RESULTS_MAX ? changes->count : RESULTS_MAX;
	Sluice__V1__WriteResult *result = message_new(&sluice__v1__write_result__descriptor);

	if (!result)
		return NULL;
	for (size_t i = 0; i < changes->count; i++)
		tally(result, changes->result[i].outcome);
	if (!count)
		return result;
	result->results = calloc(count, sizeof(*result->results));
	if (!result->results)
		goto err;
	while (result->n_results < count) {
		Sluice__V1__ChangeResult *one = change_result(changes, result->n_results);

		if (!one)
			goto err;
		result->results[result->n_results++] = one;
	}
	return result;

err:
	message_free(result);
	return NULL;
}

void answer_programmed(Sluice__V1__WriteResult *result, const struct changes *changes)
{
	for (size_t i = 0; i < result->n_results; i++) {
		Sluice__V1__ChangeResult *one = result->results[i];
		enum pending_reason pending = PENDING_NONE;

		/* What is gone is gone from packets too. */
		if (one->outcome != SLUICE__V1__OUTCOME__OUTCOME_DELETED &&
		    one->outcome != SLUICE__V1__OUTCOME__OUTCOME_ABSENT)
			pending = resource_pending(changes->resource[i]);
		one->programmed = pending == PENDING_NONE
					  ? SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED
					  : SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_NOT_PROGRAMMED;
		/* The commit has happened: without memory the answer goes out without this text. */
		if (encode_text(&one->reason, pending_reason_text(pending)))
			continue;
	}
}

static Sluice__V1__PolicyCost *policy_cost_new(const struct vrf_cost *from)
{
	Sluice__V1__PolicyCost *cost = message_new(&sluice__v1__policy_cost__descriptor);
	char warning[160] = "";

	if (!cost)
		return NULL;
	cost->rules = from->cost.rules;
	cost->tuples = from->cost.tuples;
	cost->worst_case_probes = from->cost.probes;
	cost->limit = DP_POLICY_PROBES;
	if (cost->worst_case_probes >= DP_POLICY_PROBES * 3 / 4)
		snprintf(warning, sizeof(warning),
			 "a packet may have to look into %u of %u: beyond, a commit is refused; fewer different prefix "
			 "nestings and port ranges cost less",
			 cost->worst_case_probes, cost->limit);
	if (!encode_text(&cost->vrf, from->vrf->text) && !encode_text(&cost->warning, warning))
		return cost;
	message_free(cost);
	return NULL;
}

void answer_policy_costs(Sluice__V1__WriteResult *result, const struct policy_costs *costs)
{
	if (!costs->count)
		return;
	result->policy_costs = calloc(costs->count, sizeof(*result->policy_costs));
	for (size_t i = 0; result->policy_costs && i < costs->count; i++) {
		Sluice__V1__PolicyCost *cost = policy_cost_new(&costs->vrf[i]);

		if (cost)
			result->policy_costs[result->n_policy_costs++] = cost;
	}
}

static Sluice__V1__ConnectionEffect *connection_effect_new(const struct blast *from)
{
	Sluice__V1__ConnectionEffect *effect = message_new(&sluice__v1__connection_effect__descriptor);

	if (!effect)
		return NULL;
	effect->denied = from->denied;
	effect->reset = from->reset;
	effect->moved = from->moved;
	effect->released = from->released;
	effect->kept = from->kept;
	if (!encode_text(&effect->vrf, from->vrf_name) && !encode_text(&effect->rule, from->rule_name) &&
	    !encode_text(&effect->member, from->member_name))
		return effect;
	message_free(effect);
	return NULL;
}

int answer_blast_radius(Sluice__V1__WriteResult *result, const struct blast_radius *radius)
{
	size_t count = radius->count < EFFECTS_MAX ? radius->count : EFFECTS_MAX;

	for (size_t i = 0; i < radius->count; i++) {
		result->connections_ended += radius->row[i].denied + radius->row[i].reset;
		result->connections_moved += radius->row[i].moved + radius->row[i].released;
	}
	if (!count)
		return 0;
	result->connection_effects = calloc(count, sizeof(*result->connection_effects));
	if (!result->connection_effects)
		return -ENOMEM;
	while (result->n_connection_effects < count) {
		Sluice__V1__ConnectionEffect *effect =
			connection_effect_new(&radius->row[result->n_connection_effects]);

		if (!effect)
			return -ENOMEM;
		result->connection_effects[result->n_connection_effects++] = effect;
	}
	return 0;
}

static Sluice__V1__Difference *difference_new(const struct delta_entry *entry)
{
	const struct resource *resource = entry->after ? entry->after : entry->before;
	Sluice__V1__Difference *difference = message_new(&sluice__v1__difference__descriptor);
	char key[RESOURCE_KEY_TEXT];

	if (!difference)
		return NULL;
	difference->kind = (Sluice__V1__ResourceKind)resource->kind;
	difference->outcome = !entry->before  ? SLUICE__V1__OUTCOME__OUTCOME_CREATED
			      : !entry->after ? SLUICE__V1__OUTCOME__OUTCOME_DELETED
					      : SLUICE__V1__OUTCOME__OUTCOME_REPLACED;
	if (encode_text(&difference->key, resource_key_format(resource, key)))
		goto err;
	if (entry->before && !(difference->before = resource_encode(entry->before)))
		goto err;
	if (entry->after && !(difference->after = resource_encode(entry->after)))
		goto err;
	return difference;

err:
	message_free(difference);
	return NULL;
}

int answer_differences(const struct candidate *candidate, struct differences *differences)
{
	size_t count = candidate->own < DIFFERENCES_MAX ? candidate->own : DIFFERENCES_MAX;

	*differences = (struct differences){0};
	if (!count)
		return 0;
	differences->difference = calloc(count, sizeof(*differences->difference));
	if (!differences->difference)
		return -ENOMEM;
	while (differences->count < count) {
		Sluice__V1__Difference *difference = difference_new(&candidate->delta.entry[differences->count]);

		if (!difference) {
			differences_free(differences);
			return -ENOMEM;
		}
		differences->difference[differences->count++] = difference;
	}
	return 0;
}

void differences_free(struct differences *differences)
{
	for (size_t i = 0; i < differences->count; i++)
		message_free(differences->difference[i]);
	free(differences->difference);
	*differences = (struct differences){0};
}
