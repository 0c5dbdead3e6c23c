/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/top/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/text.h"
#include "vnf/json/field.h"

/* A count of that name, all zero; NULL: out of memory. The capacity is the next power of two. */
static struct top_count *add_count(struct top_list *list, const char *name)
{
	struct top_count *count;

	if ((list->counts & (list->counts - 1)) == 0) {
		count = reallocarray(list->count, list->counts ? list->counts * 2 : 1, sizeof(*count));
		if (!count)
			return NULL;
		list->count = count;
	}
	count = &list->count[list->counts];
	*count = (struct top_count){.name = strdup(name)};
	if (!count->name)
		return NULL;
	text_clean(count->name);
	list->counts++;
	return count;
}

static void set_state(struct top_count *count, const char *state, bool good)
{
	snprintf(count->state, sizeof(count->state), "%s", state);
	count->good = good;
}

static void set_packets(uint64_t count[2], const Sluice__V1__Counters *counters)
{
	if (!counters)
		return;
	count[0] = counters->packets;
	count[1] = counters->bytes;
}

static void set_member(struct top_count *count, const Sluice__V1__MemberStatus *status)
{
	char text[ENUM_TEXT];

	set_state(count, enum_text(&sluice__v1__member_state__descriptor, (int)status->state, text),
		  status->state == SLUICE__V1__MEMBER_STATE__MEMBER_STATE_ACTIVE);
	count->count[0] = status->connections;
	count->count[1] = status->opened;
}

int top_add_resource(struct top_list *list, enum top_kind kind, const Sluice__V1__ResourceState *state)
{
	struct top_count *count = add_count(list, state->key);

	if (!count)
		return -1;
	set_packets(count->count, state->counters);
	set_packets(count->count + 2, state->sent);
	if (state->programmed != SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED)
		set_state(count, "not programmed", false);
	else if (kind == TOP_INTERFACE && state->interface_status)
		set_state(count, state->interface_status->up ? "up" : "down", state->interface_status->up);
	else if (kind == TOP_MEMBER && state->member_status)
		set_member(count, state->member_status);
	else
		set_state(count, "programmed", true);
	return 0;
}

int top_add_verdict(struct top_list *list, const Sluice__V1__PacketCounter *counter)
{
	struct top_count *count = add_count(list, counter->name);
	char text[ENUM_TEXT];

	if (!count)
		return -1;
	set_packets(count->count, counter->counters);
	set_state(count, enum_text(&sluice__v1__verdict__descriptor, (int)counter->verdict, text),
		  counter->verdict != SLUICE__V1__VERDICT__VERDICT_DROPPED);
	return 0;
}

static int by_name(const void *first, const void *second)
{
	const struct top_count *a = first, *b = second;

	return strcmp(a->name, b->name);
}

void top_sort(struct top_list *list)
{
	if (list->counts)
		qsort(list->count, list->counts, sizeof(*list->count), by_name);
}

void top_sample_clear(struct top_sample *sample)
{
	for (size_t kind = 0; kind < TOP_KINDS; kind++) {
		for (size_t i = 0; i < sample->list[kind].counts; i++)
			free(sample->list[kind].count[i].name);
		free(sample->list[kind].count);
	}
	*sample = (struct top_sample){.revision = 0};
}
