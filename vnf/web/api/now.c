/* SPDX-License-Identifier: Apache-2.0 */
/* What a page asks for again and again, in one answer: a browser's question costs it more than the answer costs us. */
#include <event2/http.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/control.h"
#include "vnf/json/field.h"
#include "vnf/json/json_write.h"
#include "vnf/web/api/answer.h"
#include "vnf/web/api/api.h"
#include "vnf/web/http/message.h"

#define PAGE 1000

/* The answer that is put together. */
struct now {
	struct control *control;
	struct json_object *object;
	struct error error;
};

/* Adds what a read has filled in; takes the message. 0, or -1 and the error says why. */
static int add_message(struct now *now, struct json_object *object, const char *name, ProtobufCMessage *message)
{
	if (!now->error.count && (!message || json_add(object, name, json_message(message))))
		error_no_memory(&now->error, NULL);
	web_message_free(message);
	return now->error.count ? -1 : 0;
}

static int add_system(struct now *now)
{
	Sluice__V1__GetSystemResponse *system = web_message_new(&sluice__v1__get_system_response__descriptor);

	if (system)
		control_system(now->control, system, &now->error);
	return add_message(now, now->object, "system", (ProtobufCMessage *)system);
}

static int add_verdicts(struct now *now)
{
	Sluice__V1__ListPacketCountersResponse *verdicts =
		web_message_new(&sluice__v1__list_packet_counters_response__descriptor);

	if (verdicts)
		control_packet_counters(now->control, verdicts, &now->error);
	return add_message(now, now->object, "verdicts", (ProtobufCMessage *)verdicts);
}

static int add_limits(struct now *now)
{
	Sluice__V1__ListLimitsResponse *limits = web_message_new(&sluice__v1__list_limits_response__descriptor);

	if (limits)
		control_limits(now->control, limits, &now->error);
	return add_message(now, now->object, "limits", (ProtobufCMessage *)limits);
}

static int add_ports(struct now *now)
{
	Sluice__V1__ListPortsResponse *ports = web_message_new(&sluice__v1__list_ports_response__descriptor);

	if (ports)
		control_ports(now->control, ports, &now->error);
	return add_message(now, now->object, "ports", (ProtobufCMessage *)ports);
}

static int add_connections(struct now *now)
{
	Sluice__V1__ListConnectionsRequest one = SLUICE__V1__LIST_CONNECTIONS_REQUEST__INIT;
	Sluice__V1__ListConnectionsResponse *connections =
		web_message_new(&sluice__v1__list_connections_response__descriptor);

	one.page_size = 1;
	if (connections)
		control_connections(now->control, &one, connections, &now->error);
	return add_message(now, now->object, "connections", (ProtobufCMessage *)connections);
}

static int add_kind(struct now *now, struct json_object *object, const char *kind)
{
	Sluice__V1__ListResourcesRequest asked = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	Sluice__V1__ListResourcesResponse *page;

	if (field_add_text(&asked.base, field_find(asked.base.descriptor, "kind"), kind)) {
		error_add(&now->error, ERROR_INVALID_ARGUMENT, "kinds", "there is no kind \"%s\"", kind);
		return -1;
	}
	asked.page_size = PAGE;
	page = web_message_new(&sluice__v1__list_resources_response__descriptor);
	if (page)
		control_list(now->control, &asked, page, &now->error);
	return add_message(now, object, kind, (ProtobufCMessage *)page);
}

/* "vrf,interface" */
static int add_kinds(struct now *now, const char *kinds)
{
	struct json_object *object = json_object_new_object();
	int rc = json_add(now->object, "resources", object);

	if (rc)
		error_no_memory(&now->error, NULL);
	while (rc == 0 && *kinds) {
		size_t length = strcspn(kinds, ",");
		char kind[64];

		snprintf(kind, sizeof(kind), "%.*s", (int)length, kinds);
		rc = add_kind(now, object, kind);
		kinds += length + (kinds[length] != '\0');
	}
	return rc;
}

int api_now(const struct web_request *request, struct web_answer *answer)
{
	const char *kinds = evhttp_find_header(request->query, "kinds");
	struct now now = {.control = request->context, .object = json_object_new_object()};

	if (!now.object)
		return -1;
	if (!add_system(&now) && !add_verdicts(&now) && !add_limits(&now) && !add_ports(&now) && !add_connections(&now))
		add_kinds(&now, kinds ? kinds : "");
	return api_answer_json(answer, now.object, &now.error);
}
