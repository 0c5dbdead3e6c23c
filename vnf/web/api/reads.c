/* SPDX-License-Identifier: Apache-2.0 */
/* The reads of control.h, each under its path. */
#include <event2/http.h>

#include "vnf/control/control.h"
#include "vnf/web/api/answer.h"
#include "vnf/web/api/api.h"
#include "vnf/web/http/message.h"

typedef int read_all(struct control *control, void *response, struct error *error);
typedef int read_some(struct control *control, const void *request, void *response, struct error *error);

/* A read without parameters. */
static int answer_all(const struct web_request *request, struct web_answer *answer, read_all *read,
		      const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *response = web_message_new(descriptor);
	struct error error = {0};
	int rc = -1;

	if (response) {
		read(request->context, response, &error);
		rc = api_answer(answer, response, &error);
	}
	web_message_free(response);
	return rc;
}

/* A read with a request, whose fields are the parameters. */
static int answer_some(const struct web_request *request, struct web_answer *answer, read_some *read,
		       const ProtobufCMessageDescriptor *asked, const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *message = web_message_new(asked), *response = web_message_new(descriptor);
	struct error error = {0};
	int rc = -1;

	if (message && response) {
		if (!api_take(request, message, &error))
			read(request->context, message, response, &error);
		rc = api_answer(answer, response, &error);
	}
	web_message_free(message);
	web_message_free(response);
	return rc;
}

static int read_system(struct control *control, void *response, struct error *error)
{
	return control_system(control, response, error);
}

int api_system(const struct web_request *request, struct web_answer *answer)
{
	return answer_all(request, answer, read_system, &sluice__v1__get_system_response__descriptor);
}

static int read_limits(struct control *control, void *response, struct error *error)
{
	return control_limits(control, response, error);
}

int api_limits(const struct web_request *request, struct web_answer *answer)
{
	return answer_all(request, answer, read_limits, &sluice__v1__list_limits_response__descriptor);
}

static int read_ports(struct control *control, void *response, struct error *error)
{
	return control_ports(control, response, error);
}

int api_ports(const struct web_request *request, struct web_answer *answer)
{
	return answer_all(request, answer, read_ports, &sluice__v1__list_ports_response__descriptor);
}

static int read_verdicts(struct control *control, void *response, struct error *error)
{
	return control_packet_counters(control, response, error);
}

int api_verdicts(const struct web_request *request, struct web_answer *answer)
{
	return answer_all(request, answer, read_verdicts, &sluice__v1__list_packet_counters_response__descriptor);
}

static int read_resources(struct control *control, const void *request, void *response, struct error *error)
{
	return control_list(control, request, response, error);
}

int api_resources(const struct web_request *request, struct web_answer *answer)
{
	return answer_some(request, answer, read_resources, &sluice__v1__list_resources_request__descriptor,
			   &sluice__v1__list_resources_response__descriptor);
}

/* Every answer has the count of the whole table; of connections themselves, one is the least that can be asked for. */
static int read_connections(struct control *control, void *response, struct error *error)
{
	Sluice__V1__ListConnectionsRequest one = SLUICE__V1__LIST_CONNECTIONS_REQUEST__INIT;

	one.page_size = 1;
	return control_connections(control, &one, response, error);
}

int api_connections(const struct web_request *request, struct web_answer *answer)
{
	return answer_all(request, answer, read_connections, &sluice__v1__list_connections_response__descriptor);
}

static int read_revisions(struct control *control, const void *request, void *response, struct error *error)
{
	return control_revisions(control, request, response, error);
}

int api_revisions(const struct web_request *request, struct web_answer *answer)
{
	return answer_some(request, answer, read_revisions, &sluice__v1__list_revisions_request__descriptor,
			   &sluice__v1__list_revisions_response__descriptor);
}

static int read_difference(struct control *control, const void *request, void *response, struct error *error)
{
	return control_diff_revisions(control, request, response, error);
}

int api_difference(const struct web_request *request, struct web_answer *answer)
{
	return answer_some(request, answer, read_difference, &sluice__v1__diff_revisions_request__descriptor,
			   &sluice__v1__diff_revisions_response__descriptor);
}
