/* SPDX-License-Identifier: Apache-2.0 */
/* The rows as messages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/rehearsal/outcomes.h"
#include "vnf/control/seen/facts.h"
#include "vnf/control/seen/names.h"
#include "vnf/control/seen/verdict.h"
#include "vnf/core/address.h"

#define CHANGES_MAX 100

static int name(char **field, const struct resource *resource)
{
	return resource ? encode_text(field, resource->self->text) : 0;
}

/* NULL: out of memory. */
static Sluice__V1__PacketOutcome *outcome_new(struct seen_names *names, const struct outcome *outcome)
{
	Sluice__V1__PacketOutcome *message = message_new(&sluice__v1__packet_outcome__descriptor);

	if (message && !encode_text(&message->reason, reason_name(outcome->reason)) &&
	    !name(&message->rule, seen_rule(names, outcome->rule)) &&
	    !name(&message->interface, seen_resource(names, RESOURCE_INTERFACE, outcome->interface)) &&
	    !name(&message->tunnel_endpoint, seen_resource(names, RESOURCE_TUNNEL_ENDPOINT, outcome->tunnel)) &&
	    !name(&message->next_hop, seen_resource(names, RESOURCE_NEXT_HOP, outcome->next_hop)) &&
	    !name(&message->port_pair_group,
		  seen_resource(names, RESOURCE_PORT_PAIR_GROUP, outcome->port_pair_group)) &&
	    !name(&message->member, seen_resource(names, RESOURCE_MEMBER, outcome->member)))
		return message;
	message_free(message);
	return NULL;
}

static void end_text(const struct dp_address *address, uint16_t port, char *text, size_t size)
{
	struct ip_address end;
	char number[IP_ADDRESS_TEXT];

	ip_address_unmap(address->byte, &end);
	ip_address_format(&end, number);
	if (!port)
		snprintf(text, size, "%s", number);
	else
		snprintf(text, size, end.family == 6 ? "[%s]:%u" : "%s:%u", number, port);
}

static int example_text(const struct dp_step *step, char **text)
{
	char number[SEEN_PROTOCOL], source[64], destination[64], all[160];

	if (!step->family)
		return 0; /* it is not IP */
	end_text(&step->src, step->src_port, source, sizeof(source));
	end_text(&step->dst, step->dst_port, destination, sizeof(destination));
	snprintf(all, sizeof(all), "%s %s > %s", seen_protocol(step->protocol, number), source, destination);
	return encode_text(text, all);
}

static Sluice__V1__VerdictChange *change_new(struct seen_names *before, struct seen_names *after,
					     const struct outcome_row *row)
{
	Sluice__V1__VerdictChange *change = message_new(&sluice__v1__verdict_change__descriptor);

	if (!change)
		return NULL;
	change->samples = row->samples;
	change->packets = row->packets;
	change->connections = row->connections;
	change->before = outcome_new(before, &row->before);
	change->after = outcome_new(after, &row->after);
	if (change->before && change->after && !example_text(&row->example, &change->example) &&
	    !name(&change->vrf, seen_resource(before, RESOURCE_VRF, row->vrf)))
		return change;
	message_free(change);
	return NULL;
}

static int most_first(const void *a, const void *b)
{
	const struct outcome_row *x = a, *y = b;

	if (x->packets + x->connections != y->packets + y->connections)
		return x->packets + x->connections < y->packets + y->connections ? 1 : -1;
	return memcmp(&x->before, &y->before, 2 * sizeof(x->before));
}

static int add_changes(const struct outcomes *outcomes, size_t count, struct seen_names *before,
		       struct seen_names *after, Sluice__V1__RehearsalResult *result)
{
	result->changes = calloc(count, sizeof(*result->changes));
	if (!result->changes)
		return -ENOMEM;
	for (; result->n_changes < count; result->n_changes++) {
		result->changes[result->n_changes] = change_new(before, after, &outcomes->row[result->n_changes]);
		if (!result->changes[result->n_changes])
			return -ENOMEM;
	}
	return 0;
}

int outcomes_answer(struct outcomes *outcomes, const struct snapshot *before, const struct snapshot *after,
		    const struct dp_limits *limits, Sluice__V1__RehearsalResult *result)
{
	struct seen_names was, is;
	int status;

	if (!outcomes->count)
		return 0;
	qsort(outcomes->row, outcomes->count, sizeof(*outcomes->row), most_first);
	seen_names_init(&was, before, limits);
	seen_names_init(&is, after, limits);
	status =
		add_changes(outcomes, outcomes->count < CHANGES_MAX ? outcomes->count : CHANGES_MAX, &was, &is, result);
	seen_names_clear(&was);
	seen_names_clear(&is);
	return status;
}
