/* SPDX-License-Identifier: Apache-2.0 */
/* drain: how far members have come with getting rid of their flows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sluice/v1/balancer_service.pb-c.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/keys.h"

static int print_table(const struct session *session, const Sluice__V1__DrainStatusResponse *response)
{
	struct table *table =
		table_new(drain_columns, NULL, session->options->output == OUTPUT_WIDE, session->options->color);
	int rc = table ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < response->n_members; i++) {
		response->members[i]->idle_milliseconds /= 1000;
		rc = table_add(table, &response->members[i]->base);
	}
	if (rc == 0 && !response->n_members)
		fprintf(stderr, "nothing there\n");
	if (rc == 0)
		table_flush(table);
	table_free(table);
	return rc ? out_of_memory() : DONE;
}

/* DONE: nothing is left, and none of them gets new flows. */
static int code_of(const Sluice__V1__DrainStatusResponse *response)
{
	for (size_t i = 0; i < response->n_members; i++)
		if (!response->members[i]->draining || response->members[i]->connections)
			return DIFFERENT;
	return DONE;
}

static int take_names(char **arguments, Sluice__V1__DrainStatusRequest *request)
{
	if (strcmp(arguments[0], "member") == 0)
		request->member = arguments[1];
	else if (strcmp(arguments[0], "pool") == 0)
		request->pool = arguments[1];
	else
		fprintf(stderr, "error: drain %s: member or pool is expected\n", arguments[0]);
	return *request->member || *request->pool ? DONE : FAILED;
}

int command_drain(void *context, char **arguments)
{
	Sluice__V1__DrainStatusRequest request = SLUICE__V1__DRAIN_STATUS_REQUEST__INIT;
	struct session *session = context;
	Sluice__V1__DrainStatusResponse *response;
	struct error error;
	int rc = take_names(arguments, &request);

	if (rc)
		return rc;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	response = (void *)session_call(session, &sluice__v1__balancer_service__descriptor, "DrainStatus",
					&request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	rc = code_of(response);
	if (session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(&response->base)) ? out_of_memory() : rc;
	else if (print_table(session, response) != DONE)
		rc = FAILED;
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return rc;
}
