/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed of route updates, each a commit of its own: bench_updates TARGET FILE stream|call [MESSAGE [WINDOW]]
 *
 * A line of FILE is "A PREFIX GROUP", the prefix by that next-hop group in the VRF "internet", or "W PREFIX", no
 * longer. stream: by one WriteStream, so many commits in a message (64), so many at most without an answer (1024).
 * call: an ApplyChanges each, one after the other. Every commit must be done, have changed its route, and be
 * PROGRAMMED.
 *
 * Prints one line of JSON: commits, seconds from the first to the last answer, rate.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/client/client.h"

#define TIMEOUT_MS   120000
#define MESSAGE_MOST 1024

static const ProtobufCServiceDescriptor *const config = &sluice__v1__config_service__descriptor;

struct update {
	char prefix[64], group[64]; /* group "": withdrawn */
};

struct feed {
	struct update *update;
	size_t count;
};

/* A commit of one update, all its messages in one place. */
struct commit {
	Sluice__V1__ApplyChangesRequest request;
	Sluice__V1__WriteOptions options;
	Sluice__V1__Change change, *changes;
	Sluice__V1__Resource resource;
	Sluice__V1__Route route;
};

static int read_feed(struct feed *feed, const char *name)
{
	FILE *file = fopen(name, "r");
	size_t room = 0;
	char line[160];

	while (file && fgets(line, sizeof(line), file)) {
		struct update update = {0};

		if (sscanf(line, "A %63s %63s", update.prefix, update.group) != 2 &&
		    sscanf(line, "W %63s", update.prefix) != 1)
			break;
		if (feed->count == room) {
			room = room ? 2 * room : 1024;
			feed->update = reallocarray(feed->update, room, sizeof(*feed->update));
			if (!feed->update)
				break;
		}
		feed->update[feed->count++] = update;
	}
	if (!file || !feof(file) || !feed->count) {
		fprintf(stderr, "%s: not a list of updates\n", name);
		return -1;
	}
	fclose(file);
	return 0;
}

static void fill(struct commit *commit, struct update *update)
{
	sluice__v1__apply_changes_request__init(&commit->request);
	sluice__v1__write_options__init(&commit->options);
	sluice__v1__change__init(&commit->change);
	sluice__v1__resource__init(&commit->resource);
	sluice__v1__route__init(&commit->route);
	commit->options.owner = (char *)"bench";
	commit->route.vrf = (char *)"internet";
	commit->route.prefix = update->prefix;
	commit->route.next_hop_group = update->group;
	commit->resource.kind_case = SLUICE__V1__RESOURCE__KIND_ROUTE;
	commit->resource.route = &commit->route;
	commit->change.op =
		*update->group ? SLUICE__V1__OPERATION__OPERATION_UPSERT : SLUICE__V1__OPERATION__OPERATION_DELETE;
	commit->change.resource = &commit->resource;
	commit->changes = &commit->change;
	commit->request.options = &commit->options;
	commit->request.changes = &commit->changes;
	commit->request.n_changes = 1;
}

static bool is_done(const Sluice__V1__ApplyChangesResponse *response)
{
	const Sluice__V1__WriteResult *result = response ? response->result : NULL;

	return result && result->created + result->replaced + result->deleted == 1 && result->n_results == 1 &&
	       result->results[0]->programmed == SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED;
}

static int report(const struct error *error)
{
	fprintf(stderr, "%s: %s\n", error->fault[0].field, error->fault[0].message);
	return -1;
}

static int by_calls(struct rpc_client *client, struct feed *feed)
{
	for (size_t i = 0; i < feed->count; i++) {
		Sluice__V1__ApplyChangesResponse *response;
		struct error error = {0};
		struct commit commit;
		bool done;

		fill(&commit, &feed->update[i]);
		response = (void *)rpc_client_call(client, config, "ApplyChanges", &commit.request.base, TIMEOUT_MS,
						   &error);
		if (!response)
			return report(&error);
		done = is_done(response);
		sluice__v1__apply_changes_response__free_unpacked(response, NULL);
		if (!done) {
			fprintf(stderr, "update %zu was not done\n", i + 1);
			return -1;
		}
	}
	return 0;
}

static int send_some(struct rpc_stream *stream, struct feed *feed, size_t first, size_t count)
{
	static struct commit commits[MESSAGE_MOST];
	static Sluice__V1__ApplyChangesRequest *list[MESSAGE_MOST];
	Sluice__V1__WriteStreamRequest request = SLUICE__V1__WRITE_STREAM_REQUEST__INIT;

	for (size_t i = 0; i < count; i++) {
		fill(&commits[i], &feed->update[first + i]);
		list[i] = &commits[i].request;
	}
	request.commits = list;
	request.n_commits = count;
	return rpc_stream_send(stream, &request.base);
}

/* The number of answers in one message; 0: none came, or one was not as it should be. */
static size_t read_some(struct rpc_stream *stream, size_t answered, struct error *error)
{
	Sluice__V1__WriteStreamResponse *response = (void *)rpc_stream_receive(stream, error);
	size_t count = response ? response->n_answers : 0;

	for (size_t i = 0; response && i < response->n_answers; i++) {
		const Sluice__V1__CommitAnswer *answer = response->answers[i];

		if (answer->sequence == answered + i + 1 &&
		    answer->answer_case == SLUICE__V1__COMMIT_ANSWER__ANSWER_DONE && is_done(answer->done))
			continue;
		fprintf(stderr, "update %zu was not done: %s\n", answered + i + 1,
			answer->answer_case == SLUICE__V1__COMMIT_ANSWER__ANSWER_REFUSED ? answer->refused->message
											 : "its result differs");
		count = 0;
		break;
	}
	protobuf_c_message_free_unpacked((ProtobufCMessage *)response, NULL);
	return count;
}

static int by_stream(struct rpc_client *client, struct feed *feed, size_t in_message, size_t window)
{
	struct error error = {0};
	struct rpc_stream *stream = rpc_stream_open(client, config, "WriteStream", TIMEOUT_MS, &error);
	size_t sent = 0, answered = 0, more = 1;

	if (!stream)
		return report(&error);
	while (answered < feed->count && more) {
		size_t left = feed->count - sent, some = left < in_message ? left : in_message;

		if (some && sent - answered + some <= window) {
			if (send_some(stream, feed, sent, some))
				break;
			sent += some;
			continue;
		}
		more = read_some(stream, answered, &error);
		answered += more;
	}
	rpc_stream_half_close(stream);
	while (answered == feed->count && read_some(stream, answered, &error))
		answered++; /* one too many */
	if (rpc_stream_end(stream, &error))
		return report(&error);
	return answered == feed->count ? 0 : -1;
}

int main(int argc, char **argv)
{
	size_t in_message = argc > 4 ? strtoul(argv[4], NULL, 10) : 64,
	       window = argc > 5 ? strtoul(argv[5], NULL, 10) : 1024;
	bool streams = argc > 3 && strcmp(argv[3], "stream") == 0;
	struct timespec start, end;
	struct rpc_client *client;
	struct feed feed = {0};
	double seconds;
	int failed;

	if (argc < 4 || argc > 6 || (!streams && strcmp(argv[3], "call") != 0) || in_message < 1 ||
	    in_message > MESSAGE_MOST || window < in_message) {
		fprintf(stderr, "usage: bench_updates TARGET FILE stream|call [MESSAGE [WINDOW]]\n");
		return 2;
	}
	client = rpc_client_new(argv[1]);
	if (!client || read_feed(&feed, argv[2]))
		return EXIT_FAILURE;
	clock_gettime(CLOCK_MONOTONIC, &start);
	failed = streams ? by_stream(client, &feed, in_message, window) : by_calls(client, &feed);
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	if (!failed)
		printf("{\"commits\": %zu, \"seconds\": %.4f, \"rate\": %.0f}\n", feed.count, seconds,
		       (double)feed.count / seconds);
	free(feed.update);
	rpc_client_free(client);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
