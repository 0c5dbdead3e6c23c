/* SPDX-License-Identifier: Apache-2.0 */
/* latency: how long packets take at stages, and until they are answered through tunnels and next hops. */
#include <inttypes.h>
#include <stdio.h>

#include "vnf/ctl/commands.h"
#include "vnf/ctl/packet_options.h"
#include "vnf/ctl/packet_stream.h"
#include "vnf/ctl/packet_text.h"
#include "vnf/ctl/table.h"
#include "vnf/json/json_write.h"

static const struct column columns[] = {
	{"WAY", "kind", 0, NULL},
	{"NAME", "key", 0, NULL},
	{"INTO", "interface", OPTIONAL, NULL},
	{"SENT", "sent", RIGHT, NULL},
	{"RETURNED", "returned", RIGHT, NULL},
	{"P50", "p50", RIGHT | NO_ZERO | DURATION, NULL},
	{"P99", "p99", RIGHT | NO_ZERO | DURATION, NULL},
	{"LONGEST", "longest", RIGHT | NO_ZERO | DURATION, NULL},
	{NULL, NULL, 0, NULL},
};

static int print_report(const struct options *options, const Sluice__V1__LatencyResponse *report)
{
	struct table *table = table_new(columns, NULL, false, options->color);
	char time[CLOCK_TEXT];
	int rc = table ? 0 : -1;

	for (size_t i = 0; !rc && i < report->n_rows; i++)
		rc = table_add(table, &report->rows[i]->base);
	if (!rc) {
		printf("%s: %" PRIu64 " packets looked at, %" PRIu64 " lost%s\n", clock_text(report->time, time),
		       report->packets, report->lost, report->n_rows ? "" : "; none whose way back could be seen");
		table_flush(table);
		putchar('\n');
	}
	table_free(table);
	return rc;
}

static int show(void *context, ProtobufCMessage *message)
{
	const struct options *options = ((const struct session *)context)->options;
	int rc;

	if (options->output == OUTPUT_JSON)
		rc = json_print(json_message(message));
	else
		rc = print_report(options, (const Sluice__V1__LatencyResponse *)message);
	if (rc)
		return out_of_memory();
	return fflush(stdout) ? FAILED : DONE;
}

int command_latency(void *context, char **arguments)
{
	Sluice__V1__LatencyRequest request = SLUICE__V1__LATENCY_REQUEST__INIT;
	struct session *session = context;
	Sluice__V1__PacketFilter filter;
	Sluice__V1__Verdict verdicts[4];

	(void)arguments;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	if (packet_filter(session->options, &filter, verdicts))
		return FAILED;
	request.filter = &filter;
	request.one_in = session->options->packet.one_in;
	request.interval_ms = session->options->interval_ms;
	request.reports = (uint32_t)session->options->count;
	return packet_stream(session, "Latency", &request.base, show, session);
}
