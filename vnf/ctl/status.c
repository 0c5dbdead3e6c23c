/* SPDX-License-Identifier: Apache-2.0 */
/* status: the router on one screen. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "sluice/v1/system_service.pb-c.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/json_write.h"

struct status {
	Sluice__V1__GetSystemResponse *system;
	Sluice__V1__ListLimitsResponse *limits;
	Sluice__V1__ListPortsResponse *ports; /* NULL: who reads only a scope is not told of them, */
	struct error refused;		      /* and why */
};

static int fetch(struct session *session, struct status *status)
{
	const ProtobufCServiceDescriptor *service = &sluice__v1__system_service__descriptor;
	Sluice__V1__GetSystemRequest system = SLUICE__V1__GET_SYSTEM_REQUEST__INIT;
	Sluice__V1__ListLimitsRequest limits = SLUICE__V1__LIST_LIMITS_REQUEST__INIT;
	Sluice__V1__ListPortsRequest ports = SLUICE__V1__LIST_PORTS_REQUEST__INIT;
	struct error error;

	status->system = (void *)session_call(session, service, "GetSystem", &system.base, &error);
	if (status->system)
		status->limits = (void *)session_call(session, service, "ListLimits", &limits.base, &error);
	if (status->limits)
		status->ports = (void *)session_call(session, service, "ListPorts", &ports.base, &error);
	if (status->ports)
		return DONE;
	status->refused = error;
	return status->limits && error.code == ERROR_PERMISSION_DENIED ? DONE : session_report(&error, NULL, 0);
}

static int print_json(const struct status *status)
{
	struct json_object *object = json_message(&status->system->base);
	int rc = -1;

	if (object && json_object_object_add(object, "client_version", json_object_new_string(SLUICE_VERSION)) == 0) {
		struct json_object *ports = status->ports ? json_message(&status->ports->base) : NULL;
		struct json_object *limits = json_message(&status->limits->base);

		rc = status->ports ? json_add(object, "ports", json_object_get(json_object_object_get(ports, "ports")))
				   : 0;
		rc |= json_add(object, "limits", json_object_get(json_object_object_get(limits, "limits")));
		json_object_put(ports);
		json_object_put(limits);
	}
	if (rc) {
		json_object_put(object);
		return out_of_memory();
	}
	return json_print(object) ? out_of_memory() : DONE;
}

static int print_table(const struct session *session, const struct column *columns, const char *title,
		       ProtobufCMessage *const *row, size_t count, bool (*wanted)(const ProtobufCMessage *row))
{
	struct table *table = table_new(columns, title, false, session->options->color);
	int rc = table ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!wanted || wanted(row[i]))
			rc = table_add(table, row[i]);
	}
	if (rc == 0)
		table_flush(table);
	table_free(table);
	return rc ? out_of_memory() : DONE;
}

static bool in_use(const ProtobufCMessage *row)
{
	return ((const Sluice__V1__Limit *)row)->used > 0;
}

static void print_journal(const Sluice__V1__Journal *journal)
{
	if (!journal)
		printf("journal      none: the state is in memory only\n");
	else if (*journal->fault)
		printf("journal      %s: cannot be written: %s\n", journal->path, journal->fault);
	else
		printf("journal      %s: ok, %" PRIu64 " bytes, durable up to revision %" PRIu64 "\n", journal->path,
		       journal->bytes, journal->durable_revision);
}

static void print_observing(const Sluice__V1__Observing *observing)
{
	if (observing && (observing->sessions || observing->told || observing->lost))
		printf("observing    %u session%s, %" PRIu64 " packets told of, %" PRIu64 " lost\n",
		       observing->sessions, observing->sessions == 1 ? "" : "s", observing->told, observing->lost);
	if (observing && (observing->samples || observing->samples_lost))
		printf("samples      %" PRIu64 ", %" PRIu64 " lost\n", observing->samples, observing->samples_lost);
}

static void print_sflow(const Sluice__V1__Sflow *sflow)
{
	if (sflow)
		printf("sFlow        %" PRIu64 " samples of packets, %" PRIu64 " of counters, %" PRIu64
		       " datagrams sent, %" PRIu64 " lost\n",
		       sflow->flow_samples, sflow->counter_samples, sflow->datagrams, sflow->datagrams_lost);
}

static void print_policy(const Sluice__V1__AccessPolicy *policy)
{
	if (!policy)
		return;
	printf("access       %s: %u rules, %" PRIu64 " denied\n", policy->path, policy->rules, policy->denied);
	if (*policy->fault)
		printf("             the file as it is now is not in force: %s\n", policy->fault);
}

/* Empty where it is 0, as of a router before the field. */
static const char *time_text(int64_t seconds, char text[32])
{
	time_t when = (time_t)seconds;
	struct tm time;

	if (!seconds || !gmtime_r(&when, &time) || !strftime(text, 32, "%Y-%m-%d %H:%M:%SZ", &time))
		*text = '\0';
	return text;
}

static void print_counters_since(uint64_t seconds)
{
	char text[32];

	if (*time_text((int64_t)seconds, text))
		printf("counters     since %s\n", text);
}

static void print_confirmation(const Sluice__V1__PendingConfirmation *waiting)
{
	char text[32];

	printf("unconfirmed  revision %" PRIu64, waiting->revision);
	if (waiting->last_revision != waiting->revision)
		printf(" to %" PRIu64, waiting->last_revision);
	printf(" of %s: undone at %s, unless confirmed\n", waiting->owner,
	       time_text(waiting->confirm_by_unix_ms / 1000, text));
}

static int print_status(const struct session *session, const struct status *status)
{
	const Sluice__V1__GetSystemResponse *system = status->system;
	uint64_t up = system->uptime_seconds;
	int rc;

	printf("sluiced      %s on %s, kernel %s\n", system->version, session->options->server, system->kernel_release);
	printf("boot id      %s\n", system->boot_id);
	printf("uptime       %" PRIu64 "d %02u:%02u:%02u\n", up / 86400, (unsigned int)(up / 3600 % 24),
	       (unsigned int)(up / 60 % 60), (unsigned int)(up % 60));
	printf("revision     %" PRIu64 "\ngeneration   %" PRIu64 "\n", system->revision, system->generation);
	printf("open         %u transaction%s\n", system->open_transactions, system->open_transactions == 1 ? "" : "s");
	for (size_t i = 0; i < system->n_confirmations; i++)
		print_confirmation(system->confirmations[i]);
	printf("flow salt    0x%016" PRIx64 "\n", system->flow_salt);
	print_counters_since(system->counters_since);
	print_journal(system->journal);
	print_policy(system->access_policy);
	print_observing(system->observing);
	print_sflow(system->sflow);
	if (!status->ports)
		printf("ports        not shown: %s\n", status->refused.fault[0].message);
	else if (!status->ports->n_ports)
		printf("ports        none\n");
	rc = status->ports ? print_table(session, port_columns, "\nports:", (ProtobufCMessage **)status->ports->ports,
					 status->ports->n_ports, NULL)
			   : DONE;
	return rc ? rc
		  : print_table(session, limit_columns, "\nlimits in use:", (ProtobufCMessage **)status->limits->limits,
				status->limits->n_limits, in_use);
}

int command_status(void *context, char **arguments)
{
	struct session *session = context;
	struct status status = {0};
	int rc;

	(void)arguments;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	rc = fetch(session, &status);
	if (rc == DONE)
		rc = session->options->output == OUTPUT_JSON ? print_json(&status) : print_status(session, &status);
	sluice__v1__get_system_response__free_unpacked(status.system, NULL);
	sluice__v1__list_limits_response__free_unpacked(status.limits, NULL);
	sluice__v1__list_ports_response__free_unpacked(status.ports, NULL);
	return rc;
}
