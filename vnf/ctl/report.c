/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/text.h"
#include "vnf/core/color.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/line_diff.h"
#include "vnf/ctl/rehearsal.h"
#include "vnf/ctl/yaml_write.h"

#define SHOWN_REASONS 20
#define SHOWN_KEYS    10 /* of a reason */

bool result_changes(const Sluice__V1__WriteResult *result)
{
	return result->created || result->replaced || result->deleted;
}

static const char *kind_name(unsigned int number)
{
	const ProtobufCFieldDescriptor *kind = kind_by_number(number);

	return kind ? kind->name : "resource";
}

static void print_line(char sign, const char *text, size_t length, void *context)
{
	const struct session *session = context;
	bool color = session->options->color;

	printf("%s%c     %.*s%s\n",
	       color_of(color, sign == '+'   ? GREEN
			       : sign == '-' ? RED
					     : PLAIN),
	       sign, (int)length, text, color_of(color && sign != ' ', RESET));
}

int print_difference(const struct session *session, const Sluice__V1__Difference *difference)
{
	const ProtobufCMessage *before = resource_body(difference->before), *after = resource_body(difference->after);
	char *old = before ? yaml_message_text(before) : strdup("");
	char *new = after ? yaml_message_text(after) : strdup("");
	char sign = before && after ? '~' : after ? '+' : '-';
	bool color = session->options->color;
	int rc = -1;

	if (old && new) {
		text_clean(difference->key);
		printf("%s%c %s %s%s\n",
		       color_of(color, sign == '+'   ? GREEN
				       : sign == '-' ? RED
						     : YELLOW),
		       sign, kind_name(difference->kind), difference->key, color_of(color, RESET));
		rc = line_diff(old, new, print_line, (void *)session);
	}
	free(old);
	free(new);
	return rc ? out_of_memory() : DONE;
}

static void print_effect(Sluice__V1__ConnectionEffect *effect)
{
	const bool member = *effect->member;
	char *who = member ? effect->member : effect->rule;
	const struct {
		uint64_t count;
		const char *text;
	} parts[] = {
		{effect->denied, member ? "lost" : "denied"},
		{effect->reset, "reset"},
		{effect->moved, member ? "go to another member" : "go on by another rule"},
		{effect->released, "followed no more"},
		{effect->kept, "kept"},
	};
	const char *lead = ": ";

	text_clean(effect->vrf);
	text_clean(who);
	printf("  VRF %s, %s %s", effect->vrf, member ? "at member" : "let in by", who);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].count)
			continue;
		printf("%s%" PRIu64 " %s", lead, parts[i].count, parts[i].text);
		lead = ", ";
	}
	printf("\n");
}

/* What becomes of connections, by the rule that has let them in or the member that has them; those whose connections
 * all stay are left out. */
static void print_effects(const Sluice__V1__WriteResult *result, bool color)
{
	if (!result->connections_ended && !result->connections_moved)
		return;
	printf("%sconnections: %" PRIu64 " would end, %" PRIu64 " change%s\n", color_of(color, YELLOW),
	       result->connections_ended, result->connections_moved, color_of(color, RESET));
	for (size_t i = 0; i < result->n_connection_effects; i++) {
		Sluice__V1__ConnectionEffect *effect = result->connection_effects[i];

		if (effect->denied || effect->reset || effect->moved || effect->released)
			print_effect(effect);
	}
}

int print_differences(const struct submission *submission)
{
	const Sluice__V1__WriteResult *result = submission->result;
	uint64_t all = (uint64_t)result->created + result->replaced + result->deleted;

	for (size_t i = 0; i < submission->difference_count; i++) {
		int rc = print_difference(submission->session, submission->difference[i]);

		if (rc)
			return rc;
	}
	if (submission->difference_count && submission->difference_count < all)
		printf("... and %" PRIu64 " more\n", all - submission->difference_count);
	print_effects(result, submission->session->options->color);
	return result->rehearsal ? rehearsal_print(submission->session, result->rehearsal) : DONE;
}

const char *counts_text(const Sluice__V1__WriteResult *result, char *text, size_t size)
{
	const struct {
		uint32_t count;
		const char *name;
	} counts[] = {
		{result->created, "created"}, {result->replaced, "replaced"},	  {result->unchanged, "unchanged"},
		{result->deleted, "deleted"}, {result->absent, "absent already"},
	};
	size_t length = 0;

	snprintf(text, size, "nothing to do");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && length < size; i++) {
		if (counts[i].count)
			length += (size_t)snprintf(text + length, size - length, "%s%u %s", length ? ", " : "",
						   counts[i].count, counts[i].name);
	}
	return text;
}

static bool is_waiting(const Sluice__V1__ChangeResult *change)
{
	return change->programmed == SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_NOT_PROGRAMMED;
}

static bool same_reason(const Sluice__V1__ChangeResult *a, const Sluice__V1__ChangeResult *b)
{
	return a->kind == b->kind && strcmp(a->reason, b->reason) == 0;
}

/* Prints "not programmed: interface a, b, c and 2 more: reason" for all resources with the reason of `result`'s
 * change `first`. */
static void print_waiting(const Sluice__V1__WriteResult *result, size_t first, bool color)
{
	const Sluice__V1__ChangeResult *change = result->results[first];
	size_t count = 0;

	printf("%snot programmed:%s %s", color_of(color, YELLOW), color_of(color, RESET), kind_name(change->kind));
	for (size_t i = first; i < result->n_results; i++) {
		const Sluice__V1__ChangeResult *other = result->results[i];

		if (!is_waiting(other) || !same_reason(change, other) || count++ >= SHOWN_KEYS)
			continue;
		text_clean(other->key);
		printf("%s %s", count > 1 ? "," : "", other->key);
	}
	if (count > SHOWN_KEYS)
		printf(" and %zu more", count - SHOWN_KEYS);
	printf(": %s\n", change->reason);
}

/* A few reasons cover all that is not programmed, so a linear search is enough. */
static void print_all_waiting(const Sluice__V1__WriteResult *result, bool color)
{
	const Sluice__V1__ChangeResult *shown[SHOWN_REASONS];
	size_t reasons = 0, rest = 0;

	for (size_t i = 0; i < result->n_results; i++) {
		size_t known = 0;

		if (!is_waiting(result->results[i]))
			continue;
		while (known < reasons && !same_reason(shown[known], result->results[i]))
			known++;
		if (known < reasons)
			continue;
		if (reasons == SHOWN_REASONS) {
			rest++;
			continue;
		}
		shown[reasons++] = result->results[i];
		print_waiting(result, i, color);
	}
	if (rest)
		printf("... and %zu more that are not programmed\n", rest);
}

/* What packets may meet at worst, where rules have changed. */
static void print_policy_costs(const Sluice__V1__WriteResult *result, bool color)
{
	for (size_t i = 0; i < result->n_policy_costs; i++) {
		const Sluice__V1__PolicyCost *cost = result->policy_costs[i];

		text_clean(cost->vrf);
		printf("policy of VRF %s: %u rules, worst case %u of %u look-ups a packet\n", cost->vrf, cost->rules,
		       cost->worst_case_probes, cost->limit);
		if (*cost->warning)
			printf("%swarning:%s VRF %s: %s\n", color_of(color, YELLOW), color_of(color, RESET), cost->vrf,
			       cost->warning);
	}
}

void print_result(const struct session *session, const Sluice__V1__WriteResult *result)
{
	char counts[160];

	printf("revision %" PRIu64 ", generation %" PRIu64 ": %s\n", result->revision, result->generation,
	       counts_text(result, counts, sizeof(counts)));
	print_all_waiting(result, session->options->color);
	print_policy_costs(result, session->options->color);
	if (session->options->confirm_seconds && result_changes(result))
		printf("undone in %u s unless it is confirmed: sluicectl --owner %s confirm %" PRIu64 "\n",
		       session->options->confirm_seconds, session->options->owner, result->revision);
}
