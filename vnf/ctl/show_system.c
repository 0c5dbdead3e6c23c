/* SPDX-License-Identifier: Apache-2.0 */
/* show counters, drops, verdicts, ports, limits: lists that one answer holds. */
#include <stdio.h>

#include "sluice/v1/history_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/history.h"
#include "vnf/json/field.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/show.h"

static int show_table(const struct session *session, const ProtobufCMessage *response,
		      const ProtobufCFieldDescriptor *list, const struct column *columns,
		      bool (*wanted)(const struct session *session, const ProtobufCMessage *row))
{
	struct table *table =
		table_new(columns, NULL, session->options->output == OUTPUT_WIDE, session->options->color);
	int rc = table ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < field_count(response, list); i++) {
		const ProtobufCMessage *row = field_message(response, list, i);

		if (!wanted || wanted(session, row))
			rc = table_add(table, row);
	}
	if (rc == 0 && table_rows(table) == 0)
		fprintf(stderr, "nothing there\n");
	if (rc == 0)
		table_flush(table);
	table_free(table);
	return rc ? out_of_memory() : DONE;
}

/* Calls, and prints the first field of the answer, which is the list. */
static int show_list(struct session *session, const ProtobufCServiceDescriptor *service, const char *method,
		     const ProtobufCMessage *request, const struct column *columns,
		     bool (*wanted)(const struct session *session, const ProtobufCMessage *row))
{
	struct error error;
	ProtobufCMessage *response;
	int rc = DONE;

	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	response = session_call(session, service, method, request, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(response)) ? out_of_memory() : DONE;
	else
		rc = show_table(session, response, &response->descriptor->fields[0], columns, wanted);
	protobuf_c_message_free_unpacked(response, NULL);
	return rc;
}

static bool counted(const struct session *session, const ProtobufCMessage *row)
{
	const Sluice__V1__PacketCounter *counter = (const Sluice__V1__PacketCounter *)row;

	return session->options->all || (counter->counters && counter->counters->packets);
}

static bool counted_drop(const struct session *session, const ProtobufCMessage *row)
{
	return ((const Sluice__V1__PacketCounter *)row)->verdict == SLUICE__V1__VERDICT__VERDICT_DROPPED &&
	       counted(session, row);
}

int show_verdicts(struct session *session, bool only_drops)
{
	Sluice__V1__ListPacketCountersRequest request = SLUICE__V1__LIST_PACKET_COUNTERS_REQUEST__INIT;

	return show_list(session, &sluice__v1__state_service__descriptor, "ListPacketCounters", &request.base,
			 verdict_columns, only_drops ? counted_drop : counted);
}

int show_verdict_counts(struct session *session)
{
	Sluice__V1__ListVerdictsRequest request = SLUICE__V1__LIST_VERDICTS_REQUEST__INIT;
	const struct packet_options *options = &session->options->packet;

	if (options->from && revision_argument(options->from, &request.from_revision))
		return FAILED;
	if (options->reason)
		request.reason = (char *)options->reason;
	return show_list(session, &sluice__v1__history_service__descriptor, "ListVerdicts", &request.base,
			 verdict_count_columns, NULL);
}

int show_ports(struct session *session)
{
	Sluice__V1__ListPortsRequest request = SLUICE__V1__LIST_PORTS_REQUEST__INIT;

	return show_list(session, &sluice__v1__system_service__descriptor, "ListPorts", &request.base, port_columns,
			 NULL);
}

int show_limits(struct session *session)
{
	Sluice__V1__ListLimitsRequest request = SLUICE__V1__LIST_LIMITS_REQUEST__INIT;

	return show_list(session, &sluice__v1__system_service__descriptor, "ListLimits", &request.base, limit_columns,
			 NULL);
}
