/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/rehearsal.h"

#include <inttypes.h>
#include <stdio.h>

#include "vnf/ctl/table.h"

#define SAMPLES	    65536 /* all that a router remembers, */
#define CONNECTIONS 1000000

static const struct column columns[] = {
	{"VRF", "vrf", 0, NULL},
	{"BEFORE", "before.reason", 0, NULL},
	{"AFTER", "after.reason", 0, NULL},
	{"BY", "before.rule", OPTIONAL, NULL},
	{"THEN BY", "after.rule", OPTIONAL, NULL},
	{"WAY", "before.interface", OPTIONAL, NULL},
	{"THEN", "after.interface", OPTIONAL, NULL},
	{"TUNNEL", "before.tunnel_endpoint", OPTIONAL, NULL},
	{"THEN", "after.tunnel_endpoint", OPTIONAL, NULL},
	{"NEXT HOP", "before.next_hop", OPTIONAL | WIDE, NULL},
	{"THEN", "after.next_hop", OPTIONAL | WIDE, NULL},
	{"STAGE", "before.port_pair_group", OPTIONAL, NULL},
	{"THEN", "after.port_pair_group", OPTIONAL, NULL},
	{"MEMBER", "before.member", OPTIONAL, NULL},
	{"THEN", "after.member", OPTIONAL, NULL},
	{"PACKETS", "packets", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{"CONNECTIONS", "connections", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{"SUCH AS", "example", 0, NULL},
	{.title = NULL},
};

Sluice__V1__Rehearsal *rehearsal_wished(const struct session *session, Sluice__V1__Rehearsal *message)
{
	*message = (Sluice__V1__Rehearsal)SLUICE__V1__REHEARSAL__INIT;
	message->samples = SAMPLES;
	message->connections = CONNECTIONS;
	return session->options->rehearse ? message : NULL;
}

static void print_counts(const Sluice__V1__RehearsalResult *result)
{
	printf("rehearsal: %" PRIu64 " of %" PRIu64 " sampled packets and %" PRIu64 " of %" PRIu64
	       " connections would fare differently\n",
	       result->samples_changed, result->samples, result->connections_changed, result->connections);
	if (!result->samples)
		printf("  no packet has been sampled: set sampling in sluiced.yaml\n");
	if (result->connections_left)
		printf("  %" PRIu64 " more connections were not looked at\n", result->connections_left);
}

int rehearsal_print(const struct session *session, const Sluice__V1__RehearsalResult *result)
{
	const struct options *options = session->options;
	struct table *table;
	int failed = 0;

	print_counts(result);
	if (!result->n_changes)
		return DONE;
	table = table_new(columns, NULL, options->output == OUTPUT_WIDE, options->color);
	if (!table)
		return out_of_memory();
	for (size_t i = 0; i < result->n_changes && !failed; i++)
		failed = table_add(table, &result->changes[i]->base);
	table_flush(table);
	table_free(table);
	return failed ? out_of_memory() : DONE;
}
