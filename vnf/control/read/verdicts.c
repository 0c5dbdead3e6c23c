/* SPDX-License-Identifier: Apache-2.0 */
/* ListVerdicts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/verdict_notes.h"
#include "vnf/dataplane/dataplane.h"

#define LIMIT_DEFAULT 1000
#define LIMIT_MOST    10000

static const struct {
	const char *name;
	Sluice__V1__Verdict verdict;
	bool usual; /* what becomes of most packets: shown where it is asked for */
} reasons[] = {
#define REASON(name, verdict, description)                                                                             \
	{#name, (Sluice__V1__Verdict)DP_VERDICT_##verdict,                                                             \
	 DP_REASON_##name == DP_REASON_forwarded || DP_REASON_##name == DP_REASON_encapsulated ||                      \
		 DP_REASON_##name == DP_REASON_steered},
	DP_REASONS(REASON)
#undef REASON
};

/* A list that is being made. */
struct making {
	struct reader *reader;
	const Sluice__V1__ListVerdictsRequest *request;
	Sluice__V1__ListVerdictsResponse *answer;
	size_t limit;
	size_t room;
	bool wanted[DP_REASON_COUNT];
	bool failed; /* no memory */
};

/* NULL: no memory. */
static Sluice__V1__VerdictCount *add(struct making *making, uint32_t reason, const struct dp_counter *counter)
{
	Sluice__V1__ListVerdictsResponse *answer = making->answer;
	Sluice__V1__VerdictCount *count = message_new(&sluice__v1__verdict_count__descriptor);

	if (answer->n_verdicts == making->room) {
		size_t room = making->room ? making->room * 2 : 64;
		Sluice__V1__VerdictCount **grown = realloc(answer->verdicts, room * sizeof(*grown));

		if (grown) {
			answer->verdicts = grown;
			making->room = room;
		}
	}
	if (count)
		count->counters = message_new(&sluice__v1__counters__descriptor);
	if (!count || !count->counters || answer->n_verdicts == making->room ||
	    encode_text(&count->reason, reasons[reason].name)) {
		making->failed = true;
		message_free(count);
		return NULL;
	}
	count->verdict = reasons[reason].verdict;
	count->counters->packets = counter->packets;
	count->counters->bytes = counter->bytes;
	answer->verdicts[answer->n_verdicts++] = count;
	return count;
}

static uint64_t difference(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0; /* a frame that was sent to try a port is taken out again */
}

/* What happened from the note until the next one, or the counters `until`. */
static void add_window(struct making *making, const struct verdict_note *note, const struct dp_counter *until,
		       int64_t until_ms, uint64_t none_at[DP_REASON_COUNT])
{
	uint64_t last = atomic_load(&((struct verdict_note *)note)->last_revision);

	for (uint32_t reason = 0; reason < DP_REASON_COUNT && !making->failed; reason++) {
		const struct dp_counter counter = {difference(until[reason].packets, note->counter[reason].packets),
						   difference(until[reason].bytes, note->counter[reason].bytes)};
		Sluice__V1__VerdictCount *count;

		if (!counter.packets) {
			none_at[reason] = last;
			continue;
		}
		if (!making->wanted[reason] || last < making->request->from_revision)
			continue;
		count = add(making, reason, &counter);
		if (!count)
			return;
		count->revision = note->revision;
		count->last_revision = last;
		count->from_unix_ms = note->unix_ms;
		count->until_unix_ms = until_ms;
		count->none_at = none_at[reason];
	}
}

static void add_windows(struct making *making, const struct verdict_list *list)
{
	struct dp_counter now[DP_REASON_COUNT];
	uint64_t none_at[DP_REASON_COUNT] = {0};

	dataplane_reason_counters(making->reader->dataplane, now);
	for (size_t i = 0; i < list->count; i++) {
		const struct verdict_note *next = i + 1 < list->count ? list->note[i + 1] : NULL;

		add_window(making, list->note[i], next ? next->counter : now, next ? next->unix_ms : 0, none_at);
	}
	if (!list->count)
		return;
	making->answer->oldest_revision = list->note[0]->revision;
	making->answer->newest_revision = atomic_load(&list->note[list->count - 1]->last_revision);
}

/* The reason by which the rule ends a packet's way; DP_REASON_COUNT: by none, or no memory. */
static uint32_t reason_of(struct making *making, const struct resource *resource)
{
	Sluice__V1__Resource *message;
	uint32_t reason = DP_REASON_COUNT;

	if (resource->kind == RESOURCE_RATE_LIMITER)
		return DP_REASON_rate_limited;
	message = resource_encode(resource);
	making->failed |= !message;
	if (message && message->policy_rule->access == SLUICE__V1__ACCESS__ACCESS_DENY)
		reason = DP_REASON_denied;
	if (message && message->policy_rule->access == SLUICE__V1__ACCESS__ACCESS_REJECT)
		reason = DP_REASON_rejected;
	message_free(message);
	return reason;
}

static void add_rule(struct making *making, const struct resource *resource)
{
	const uint64_t begun = atomic_load(&making->reader->verdicts->begun);
	uint64_t revision = resource->revision > begun ? resource->revision : begun;
	Sluice__V1__VerdictCount *count;
	struct dp_counter since;
	uint32_t reason;

	if (revision < making->request->from_revision ||
	    !verdict_notes_since(making->reader->verdicts, resource, &since) || !since.packets)
		return;
	reason = reason_of(making, resource);
	if (reason == DP_REASON_COUNT || !making->wanted[reason])
		return;
	count = add(making, reason, &since);
	if (!count)
		return;
	count->revision = revision;
	count->last_revision = making->answer->newest_revision;
	making->failed |= encode_text(&count->rule, resource->self->text) != 0;
}

static void add_rules(struct making *making)
{
	static const enum resource_kind kinds[] = {RESOURCE_POLICY_RULE, RESOURCE_RATE_LIMITER};
	const struct snapshot *snapshot = history_pin(making->reader->history);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct resource *resource = NULL;

		while (!making->failed && (resource = snapshot_next(snapshot, kinds[i], resource)))
			add_rule(making, resource);
	}
	snapshot_unpin(snapshot);
}

/* The newest revision first, and of one the rules before all, with the most packets first. */
static int compare(const void *a, const void *b)
{
	const Sluice__V1__VerdictCount *left = *(Sluice__V1__VerdictCount *const *)a,
				       *right = *(Sluice__V1__VerdictCount *const *)b;

	if (left->revision != right->revision)
		return left->revision > right->revision ? -1 : 1;
	if (!*left->rule != !*right->rule)
		return *left->rule ? -1 : 1;
	return (left->counters->packets < right->counters->packets) -
	       (left->counters->packets > right->counters->packets);
}

static void check(struct making *making, struct error *error)
{
	const char *name = making->request->reason;
	bool found = !*name;

	for (uint32_t reason = 0; reason < DP_REASON_COUNT; reason++) {
		making->wanted[reason] = *name ? !strcmp(name, reasons[reason].name) : !reasons[reason].usual;
		found |= *name && making->wanted[reason];
	}
	if (!found)
		error_add(error, ERROR_INVALID_ARGUMENT, "reason",
			  "there is no reason \"%.64s\": ListPacketCounters has their names", name);
	if (making->request->limit > LIMIT_MOST)
		error_add(error, ERROR_INVALID_ARGUMENT, "limit", "%u is out of range: 1 to %d, or 0 for %d",
			  making->request->limit, LIMIT_MOST, LIMIT_DEFAULT);
	making->limit = making->request->limit ? making->request->limit : LIMIT_DEFAULT;
}

int read_verdicts(struct reader *reader, const Sluice__V1__ListVerdictsRequest *request,
		  Sluice__V1__ListVerdictsResponse *response, struct error *error)
{
	struct making making = {.reader = reader, .request = request};
	struct verdict_list *list;

	check(&making, error);
	if (error->count)
		return -1;
	list = malloc(sizeof(*list));
	making.answer = message_new(&sluice__v1__list_verdicts_response__descriptor);
	making.failed = !list || !making.answer;
	if (!making.failed) {
		verdict_notes_list(reader->verdicts, list);
		add_windows(&making, list);
		add_rules(&making);
		verdict_list_clear(list);
	}
	free(list);
	if (making.failed) {
		message_free(making.answer);
		error_no_memory(error, NULL);
		return -1;
	}
	if (making.answer->n_verdicts)
		qsort(making.answer->verdicts, making.answer->n_verdicts, sizeof(*making.answer->verdicts), compare);
	while (making.answer->n_verdicts > making.limit)
		message_free(making.answer->verdicts[--making.answer->n_verdicts]);
	*response = *making.answer;
	free(making.answer);
	return 0;
}
