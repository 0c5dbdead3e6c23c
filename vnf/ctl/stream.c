/* SPDX-License-Identifier: Apache-2.0 */
/* stream: each document of a YAML file is a commit of its own, by one WriteStream with many of them in flight. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/client/client.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/load.h"
#include "vnf/ctl/yaml_read.h"

#define IN_FLIGHT 256	   /* commits that were sent and not answered */
#define DAY_MS	  86400000 /* the stream lasts as long as its input */

/* One that was sent. */
struct sent {
	uint32_t *line; /* of each change */
	size_t count;
};

struct stream {
	struct session *session;
	const char *file;
	struct rpc_stream *call;
	struct sent sent[IN_FLIGHT]; /* by sequence, modulo */
	uint64_t begun, answered, refused;
	uint64_t revision; /* of the last one that was done */
	int rc;
};

/* "changes[2].resource.vrf.name" becomes the place in the file. */
static void print_violation(const struct stream *stream, const struct sent *sent, const char *field, const char *why)
{
	unsigned long long index;
	int length = 0;

	if (sscanf(field, "changes[%llu]%n", &index, &length) == 1 && length && index < sent->count) {
		field += length;
		if (strncmp(field, ".resource", 9) == 0)
			field += 9;
		field += *field == '.';
		fprintf(stderr, "error: %s:%u: %s%s%s\n", stream->file, sent->line[index], field, *field ? ": " : "",
			why);
	} else {
		fprintf(stderr, "error: %s:%u: %s%s%s\n", stream->file, sent->count ? sent->line[0] : 0, field,
			*field ? ": " : "", why);
	}
}

static void print_refusal(const struct stream *stream, const struct sent *sent,
			  const Sluice__V1__CommitRefusal *refusal)
{
	for (size_t i = 0; i < refusal->n_violations; i++)
		print_violation(stream, sent, refusal->violations[i]->field, refusal->violations[i]->description);
	if (!refusal->n_violations)
		print_violation(stream, sent, "", refusal->message);
}

static void take_answer(struct stream *stream, const Sluice__V1__CommitAnswer *answer)
{
	struct sent *sent = &stream->sent[answer->sequence % IN_FLIGHT];

	if (answer->answer_case == SLUICE__V1__COMMIT_ANSWER__ANSWER_DONE && answer->done->result) {
		stream->revision = answer->done->result->revision;
	} else if (answer->answer_case == SLUICE__V1__COMMIT_ANSWER__ANSWER_REFUSED) {
		stream->refused++;
		print_refusal(stream, sent, answer->refused);
	}
	free(sent->line);
	*sent = (struct sent){0};
	stream->answered++;
}

/* The next answers. DONE, or an exit code: the stream has ended. */
static int receive(struct stream *stream)
{
	struct error error = {0};
	Sluice__V1__WriteStreamResponse *response = (void *)rpc_stream_receive(stream->call, &error);

	if (!response) {
		struct rpc_stream *call = stream->call;

		stream->call = NULL;
		if (!rpc_stream_end(call, &error))
			error_add(&error, ERROR_INTERNAL, NULL, "the router ended the stream");
		return session_report(&error, NULL, 0);
	}
	for (size_t i = 0; i < response->n_answers; i++)
		take_answer(stream, response->answers[i]);
	sluice__v1__write_stream_response__free_unpacked(response, NULL);
	return DONE;
}

static int note_lines(struct sent *sent, const struct change_list *list)
{
	sent->line = calloc(list->count, sizeof(*sent->line));
	if (!sent->line)
		return out_of_memory();
	sent->count = list->count;
	for (size_t i = 0; i < list->count; i++)
		sent->line[i] = list->origin[i].line;
	return DONE;
}

static int send(struct stream *stream, struct change_list *list)
{
	const struct options *options = stream->session->options;
	Sluice__V1__WriteOptions write = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ApplyChangesRequest commit = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT, *commits[] = {&commit};
	Sluice__V1__WriteStreamRequest request = SLUICE__V1__WRITE_STREAM_REQUEST__INIT;

	write.owner = (char *)options->owner;
	write.election_id = options->election_id;
	write.durability = options->durability;
	commit.options = &write;
	commit.changes = list->change;
	commit.n_changes = list->count;
	request.on_error =
		options->stop ? SLUICE__V1__ON_ERROR__ON_ERROR_STOP : SLUICE__V1__ON_ERROR__ON_ERROR_CONTINUE;
	request.commits = commits;
	request.n_commits = 1;
	/* one that broke is explained by its end */
	return rpc_stream_send(stream->call, &request.base) ? receive(stream) : DONE;
}

/* A document has been read: it is a commit. */
static int on_document(struct change_list *list, void *context)
{
	struct stream *stream = context;

	if (!list->count)
		return 0;
	while (stream->rc == DONE && stream->begun - stream->answered == IN_FLIGHT)
		stream->rc = receive(stream);
	if (stream->rc == DONE)
		stream->rc = note_lines(&stream->sent[++stream->begun % IN_FLIGHT], list);
	if (stream->rc == DONE)
		stream->rc = send(stream, list);
	change_list_drain(list);
	return stream->rc == DONE ? 0 : -ECANCELED;
}

/* What was sent is answered, whatever follows in the file. */
static int finish(struct stream *stream)
{
	struct error error = {0};

	rpc_stream_half_close(stream->call);
	while (stream->answered < stream->begun) {
		int rc = receive(stream);

		if (rc != DONE)
			return rc;
	}
	while (rpc_stream_receive(stream->call, &error))
		continue;
	if (!rpc_stream_end(stream->call, &error)) {
		stream->call = NULL;
		return DONE;
	}
	stream->call = NULL;
	return session_report(&error, NULL, 0);
}

static int read_all(struct stream *stream, struct load_input *input)
{
	struct change_list list = {.on_document = on_document, .context = stream};
	struct error error = {0};
	int rc = DONE;

	yaml_read(&list, load_input_stream(input), stream->file, &error);
	change_list_free(&list);
	if (stream->rc != DONE)
		return stream->rc;
	if (load_input_error(input)) {
		fprintf(stderr, "error: %s: %s\n", stream->file, load_input_error(input));
		rc = FAILED;
	}
	return error.count ? session_report(&error, NULL, 0) : rc;
}

static int open_call(struct stream *stream)
{
	struct error error = {0};

	if (!session_connect(stream->session, &error))
		stream->call = rpc_stream_open(stream->session->client, &sluice__v1__config_service__descriptor,
					       "WriteStream", DAY_MS, &error);
	return stream->call ? DONE : session_report(&error, NULL, 0);
}

int command_stream(void *context, char **arguments)
{
	struct session *session = context;
	struct stream stream = {.session = session};
	struct load_input *input;
	int rc, end = DONE;

	(void)arguments;
	if (session->options->file_count != 1) {
		fprintf(stderr, "error: which file? one -f FILE, or -f - for the standard input\n");
		return FAILED;
	}
	stream.file = session->options->files[0];
	input = load_input_open(stream.file);
	if (!input)
		return FAILED;
	rc = open_call(&stream);
	if (rc == DONE)
		rc = read_all(&stream, input);
	if (stream.call)
		end = finish(&stream);
	printf("%" PRIu64 " commits, %" PRIu64 " refused", stream.answered, stream.refused);
	if (stream.revision)
		printf("; revision %" PRIu64, stream.revision);
	if (stream.answered < stream.begun)
		printf("; %" PRIu64 " more were sent, and not answered", stream.begun - stream.answered);
	putchar('\n');
	for (size_t i = 0; i < IN_FLIGHT; i++)
		free(stream.sent[i].line);
	load_input_close(input);
	if (rc == DONE)
		rc = end;
	return rc == DONE && stream.refused ? FAILED : rc;
}
