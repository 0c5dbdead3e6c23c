/* SPDX-License-Identifier: Apache-2.0 */
/* What would happen to a packet, as DiagnosticsService.Explain answers it. */
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>
#include <string.h>

#include "vnf/control/control.h"
#include "vnf/web/api/answer.h"
#include "vnf/web/api/api.h"
#include "vnf/web/http/message.h"

/* Requests wait for this one meanwhile. The first explanation loads the observer, which takes a second. */
#define WAIT_MS 5000

/* The interface and a frame are the request's own fields, all others the packet's. */
static int take_packet(const struct web_request *asked, Sluice__V1__ExplainRequest *request, struct error *error)
{
	Sluice__V1__PacketFields *fields = web_message_new(&sluice__v1__packet_fields__descriptor);
	const struct evkeyval *each;
	bool any = false;

	if (!fields) {
		error_no_memory(error, NULL);
		return -1;
	}
	TAILQ_FOREACH(each, asked->query, next)
	{
		const bool own = !strcmp(each->key, "interface") || !strcmp(each->key, "frame");

		any |= !own;
		api_take_one(own ? &request->base : &fields->base, each->key, each->value, error);
	}
	if (any && request->packet_case == SLUICE__V1__EXPLAIN_REQUEST__PACKET_FRAME)
		error_add(error, ERROR_INVALID_ARGUMENT, "frame", "a packet is a frame, or made of fields: not both");
	if (request->packet_case == SLUICE__V1__EXPLAIN_REQUEST__PACKET_FRAME) {
		web_message_free(fields);
	} else {
		request->packet_case = SLUICE__V1__EXPLAIN_REQUEST__PACKET_FIELDS;
		request->fields = fields;
	}
	return error->count ? -1 : 0;
}

int api_explain(const struct web_request *asked, struct web_answer *answer)
{
	const char *site = evhttp_find_header(asked->headers, "Sec-Fetch-Site");
	Sluice__V1__ExplainRequest *request;
	Sluice__V1__ExplainResponse *response = NULL;
	struct error error = {0};
	int rc;

	/* A page from elsewhere must not keep the router busy. */
	if (site && !strcmp(site, "cross-site"))
		return web_fail(answer, 403, "ask from the router's own page");
	request = web_message_new(&sluice__v1__explain_request__descriptor);
	if (!request)
		return -1;
	if (take_packet(asked, request, &error))
		web_message_free(request);
	else
		response = control_explain_wait(asked->context, request, WAIT_MS, &error);
	rc = api_answer(answer, response ? &response->base : NULL, &error);
	web_message_free(response);
	return rc;
}
