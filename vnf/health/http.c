/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP and HTTPS (certificates are not verified): the status is one of the expected codes. The body is not read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/health/codes.h"
#include "vnf/health/curl_loop.h"

static void free_transfer(struct probe *probe)
{
	struct curl_transfer *transfer = probe->attempt;

	probe->attempt = NULL;
	if (!transfer)
		return;
	curl_transfer_stop(transfer);
	free(transfer);
}

/* The body begins: the status is known. */
static size_t stop_at_body(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)size;
	(void)context;
	return count ? 0 : count;
}

static void on_ended(struct curl_transfer *transfer, CURLcode code)
{
	struct probe *probe = transfer->probe;
	uint32_t latency = probe_elapsed(probe);
	char detail[160];
	long status = 0;
	bool answered;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	answered = status && (code == CURLE_OK || code == CURLE_WRITE_ERROR);
	if (answered)
		snprintf(detail, sizeof(detail), "status %ld", status);
	else
		snprintf(detail, sizeof(detail), "%.150s",
			 *transfer->error ? transfer->error : curl_easy_strerror(code));
	free_transfer(probe);
	if (answered && codes_have(probe->monitor->expected_codes, status))
		probe->done(probe, true, latency, "");
	else
		probe->done(probe, false, 0, detail);
}

static int start(struct probe *probe)
{
	const Sluice__V1__HealthMonitor *monitor = probe->monitor;
	const char *method = *monitor->http_method ? monitor->http_method : "GET";
	bool tls = monitor->type == SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_HTTPS;
	struct curl_transfer *transfer = calloc(1, sizeof(*transfer));
	CURL *easy;

	if (!transfer)
		return -ENOMEM;
	transfer->probe = probe;
	transfer->ended = on_ended;
	probe->attempt = transfer;
	easy = curl_transfer_easy(transfer, tls ? "https" : "http", monitor->domain_name,
				  *monitor->url_path ? monitor->url_path : "/");
	if (!easy || curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) ||
	    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice-health"))
		goto err;
	curl_easy_setopt(easy, CURLOPT_NOBODY, (long)!strcmp(method, "HEAD"));
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, stop_at_body);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (!curl_transfer_start(transfer))
		return 0;
err:
	free_transfer(probe);
	return -ENOMEM;
}

const struct probe_kind http_probe = {.name = "HTTP", .start = start, .stop = free_transfer};
