/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/metrics/metrics.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/web/http/accept.h"
#include "vnf/web/metrics/groups.h"

static metrics_group *const groups[] = {metrics_system, metrics_commits, metrics_packets,     metrics_limits,
					metrics_vrfs,	metrics_ports,	 metrics_connections, metrics_resources};

static void release(const void *bytes, size_t length, void *context)
{
	(void)bytes;
	(void)length;
	free(context);
}

/* OpenMetrics to who names it and wants it as much or more; Prometheus's text to all others, whatever they take. */
static bool wants_open_metrics(const struct web_request *request)
{
	static const char name[] = "application/openmetrics-text";
	const char *header = evhttp_find_header(request->headers, "Accept");
	unsigned int open = accept_quality(header, name, "version=1.0.0", 0);

	return open && strcasestr(header, name) && open >= accept_quality(header, "text/plain", "version=0.0.4", 0);
}

int metrics_handle(const struct web_request *request, struct web_answer *answer)
{
	struct scrape scrape = {.control = request->context, .open_metrics = wants_open_metrics(request)};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		groups[i](&scrape);
	if (scrape.open_metrics)
		text_print(&scrape.text, "# EOF\n");
	answer->type = scrape.open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
					   : "text/plain; version=0.0.4; charset=utf-8";
	if (!scrape.text.failed &&
	    !evbuffer_add_reference(answer->body, scrape.text.bytes, scrape.text.length, release, scrape.text.bytes))
		return 0;
	text_clear(&scrape.text);
	return -1;
}
