/* SPDX-License-Identifier: Apache-2.0 */
/* GRPC: grpc.health.v1.Health/Check answers SERVING. Over HTTP/2 without TLS, as the gRPC protocol has it: a frame of a
 * byte (0: not compressed), four bytes of length in network order, and the message; the status is a trailer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "vnf/health/curl_loop.h"

#define FRAME_HEADER 5
#define REQUEST_MOST 300
#define ANSWER_MOST  1024

struct grpc_attempt {
	struct curl_transfer transfer; /* first */
	struct curl_slist *headers;
	uint8_t request[REQUEST_MOST];
	uint8_t answer[ANSWER_MOST];
	size_t answered;
	int status; /* of the call; -1: there was none */
};

static void free_attempt(struct probe *probe)
{
	struct grpc_attempt *attempt = probe->attempt;

	probe->attempt = NULL;
	if (!attempt)
		return;
	curl_transfer_stop(&attempt->transfer);
	curl_slist_free_all(attempt->headers);
	free(attempt);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct grpc_attempt *attempt = context;
	size_t bytes = size * count;

	if (bytes > ANSWER_MOST - attempt->answered)
		return 0;
	memcpy(attempt->answer + attempt->answered, data, bytes);
	attempt->answered += bytes;
	return bytes;
}

/* Headers and trailers alike. */
static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	static const char name[] = "grpc-status:";
	struct grpc_attempt *attempt = context;
	char line[32];

	if (size * count > sizeof(name) && size * count < sizeof(line)) {
		memcpy(line, data, size * count);
		line[size * count] = '\0';
		if (!strncasecmp(line, name, strlen(name)))
			attempt->status = atoi(line + strlen(name));
	}
	return size * count;
}

/* NULL: it serves; else what is the matter. */
static const char *judge(const struct grpc_attempt *attempt, CURLcode code, char text[160])
{
	Grpc__Health__V1__HealthCheckResponse *answer;
	int serving = -1;

	snprintf(text, 160, "%.150s", *attempt->transfer.error ? attempt->transfer.error : curl_easy_strerror(code));
	if (code != CURLE_OK)
		return text;
	if (attempt->status) {
		snprintf(text, 160, attempt->status < 0 ? "no gRPC status" : "gRPC status %d", attempt->status);
		return text;
	}
	if (attempt->answered >= FRAME_HEADER && !attempt->answer[0]) {
		answer = grpc__health__v1__health_check_response__unpack(NULL, attempt->answered - FRAME_HEADER,
									 attempt->answer + FRAME_HEADER);
		serving = answer ? (int)answer->status : -1;
		if (answer)
			grpc__health__v1__health_check_response__free_unpacked(answer, NULL);
	}
	return serving == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING ? NULL : "not SERVING";
}

static void on_ended(struct curl_transfer *transfer, CURLcode code)
{
	struct probe *probe = transfer->probe;
	uint32_t latency = probe_elapsed(probe);
	char text[160];
	const char *problem = judge((struct grpc_attempt *)transfer, code, text);

	free_attempt(probe);
	probe->done(probe, !problem, problem ? 0 : latency, problem ? problem : "");
}

/* The size, or 0: the service's name is too long. */
static size_t pack_request(const char *service, uint8_t to[REQUEST_MOST])
{
	Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
	size_t size;

	request.service = (char *)service;
	size = grpc__health__v1__health_check_request__get_packed_size(&request);
	if (size > REQUEST_MOST - FRAME_HEADER)
		return 0;
	memset(to, 0, FRAME_HEADER);
	to[3] = (uint8_t)(size >> 8);
	to[4] = (uint8_t)size;
	grpc__health__v1__health_check_request__pack(&request, to + FRAME_HEADER);
	return size + FRAME_HEADER;
}

static int start(struct probe *probe)
{
	struct grpc_attempt *attempt = calloc(1, sizeof(*attempt));
	struct curl_slist *more;
	size_t size;
	CURL *easy;

	if (!attempt)
		return -ENOMEM;
	attempt->transfer.probe = probe;
	attempt->transfer.ended = on_ended;
	attempt->status = -1;
	probe->attempt = attempt;
	size = pack_request(probe->monitor->grpc_service, attempt->request);
	easy = curl_transfer_easy(&attempt->transfer, "http", "", "/grpc.health.v1.Health/Check");
	attempt->headers = curl_slist_append(NULL, "Content-Type: application/grpc");
	more = attempt->headers ? curl_slist_append(attempt->headers, "TE: trailers") : NULL;
	if (!size || !easy || !more)
		goto err;
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, attempt->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, attempt->request);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)size);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, attempt);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, attempt);
	if (!curl_transfer_start(&attempt->transfer))
		return 0;
err:
	free_attempt(probe);
	return -ENOMEM;
}

const struct probe_kind grpc_probe = {.name = "GRPC", .start = start, .stop = free_attempt};
