/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ConfigService.WriteStream: commits in order, many under way, each answered.
 *
 * Everything here runs on the control thread. A commit has its place in the list before it is handed in, so that
 * answers keep their order although some come at once and others with a flip. While one message of answers is on its
 * way, those that come gather for the next. The window bounds what a client that reads no answers can hold: of a
 * message whose commits do not fit the rest waits, and the next message is not asked for.
 */
#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/core/loop.h"
#include "vnf/rpc/services/commit_answer.h"
#include "vnf/rpc/services/config_service.h"

#define COMMITS_MAX 1024 /* of one message */
#define WINDOW	    8192 /* weight of commits without an answer on the wire; the last of them may exceed it */
#define TOGETHER    2048 /* weight of answers in one message; the last of them may exceed it */
#define ANSWERS_MAX 256
#define TURN	    64 /* commits, before other clients have theirs */

/* A commit from its arrival until its answer is packed. */
struct streamed {
	struct control_answer handed_in;
	struct write_stream *stream;
	struct streamed *next;
	struct error *error; /* until it is answered */
	size_t weight;	     /* itself and its changes, each of which has a result */
	struct commit_answer answer;
};

struct write_stream {
	struct rpc_call *call;
	struct control *control;
	const Sluice__V1__WriteStreamRequest *request; /* its commits are being handed in; NULL: none is here */
	size_t position;			       /* of the next of them */
	uint64_t sequence;
	bool started; /* on_error is known */
	Sluice__V1__OnError on_error;
	struct streamed *first, **last;
	size_t weight;		   /* of all in the list and of those on their way */
	size_t sending;		   /* of those on their way */
	size_t waiting;		   /* commits that are not answered yet */
	struct error *spare[TURN]; /* large: they are used again, since so many are on their way at a time */
	size_t spares;
	struct loop_work sent, turn;
	bool in_flight, arrived; /* answers are on their way, or were: how that went */
	bool posted;		 /* `turn` is under way */
	const struct streamed *handing_in;
	bool stopped;	      /* STOP: a commit was refused, and none is handed in any more */
	bool stopped_waiting; /* one that waited, so that those behind it in the flip are not to be tried either */
	bool broken;	      /* answers do not arrive any more */
	bool over;	      /* no message will come */
	struct error error;   /* with which it ends */
};

static void free_streamed(struct streamed *streamed)
{
	commit_answer_clear(&streamed->answer);
	free(streamed->error);
	free(streamed);
}

static struct error *take_error(struct write_stream *stream)
{
	struct error *error = stream->spares ? stream->spare[--stream->spares] : malloc(sizeof(*error));

	if (error) {
		error->code = ERROR_NONE; /* its texts are long: they are not zeroed */
		error->count = 0;
	}
	return error;
}

static void give_error(struct write_stream *stream, struct error *error)
{
	if (error && stream->spares < TURN)
		stream->spare[stream->spares++] = error;
	else
		free(error);
}

static struct streamed *take_first(struct write_stream *stream)
{
	struct streamed *streamed = stream->first;

	stream->first = streamed->next;
	if (!stream->first)
		stream->last = &stream->first;
	return streamed;
}

static bool has_answer(const struct write_stream *stream)
{
	return stream->first && !stream->first->error;
}

/* On an RPC thread. */
static void on_sent(struct rpc_call *call, bool ok)
{
	struct write_stream *stream = rpc_data(call);

	stream->arrived = ok;
	loop_post(rpc_loop(call), &stream->sent);
}

static void send_answers(struct write_stream *stream)
{
	Sluice__V1__WriteStreamResponse response = SLUICE__V1__WRITE_STREAM_RESPONSE__INIT;
	Sluice__V1__CommitAnswer *answers[ANSWERS_MAX];
	struct streamed *sent[ANSWERS_MAX];

	response.answers = answers;
	while (has_answer(stream) && response.n_answers < ANSWERS_MAX && stream->sending < TOGETHER) {
		struct streamed *streamed = take_first(stream);

		stream->sending += streamed->weight;
		sent[response.n_answers] = streamed;
		answers[response.n_answers++] = &streamed->answer.message;
	}
	stream->in_flight = true;
	rpc_send(stream->call, &response.base, on_sent);
	for (size_t i = 0; i < response.n_answers; i++)
		free_streamed(sent[i]);
}

/* Sends what can be sent, or ends the call where nothing is left to be done. */
static void go_on(struct write_stream *stream)
{
	while (stream->broken && has_answer(stream)) {
		struct streamed *streamed = take_first(stream);

		stream->weight -= streamed->weight;
		free_streamed(streamed);
	}
	if (!stream->in_flight && has_answer(stream))
		send_answers(stream);
	if (!stream->over || stream->request || stream->first || stream->in_flight || stream->posted)
		return;
	rpc_finish(stream->call, NULL, &stream->error);
	while (stream->spares)
		free(take_error(stream));
	free(stream);
}

static void on_answered(struct control_answer *handed_in)
{
	struct streamed *streamed = (struct streamed *)handed_in;
	struct write_stream *stream = streamed->stream;

	if (streamed->error->code != ERROR_NONE) {
		commit_answer_refuse(&streamed->answer, streamed->error);
		if (stream->on_error == SLUICE__V1__ON_ERROR__ON_ERROR_STOP) {
			stream->stopped = true;
			/* those that wait are before one that is refused when it is handed in */
			stream->stopped_waiting |= streamed != stream->handing_in;
		}
	}
	give_error(stream, streamed->error);
	streamed->error = NULL;
	stream->waiting--;
	/* One flip answers all that wait. */
	if (!stream->waiting)
		go_on(stream);
}

static void hand_in(struct write_stream *stream, const Sluice__V1__ApplyChangesRequest *commit)
{
	struct streamed *streamed = malloc(sizeof(*streamed));
	struct error *error = take_error(stream);

	if (!streamed || !error) {
		free(streamed);
		give_error(stream, error);
		error_no_memory(&stream->error, "the commits that have no answer were not done");
		return;
	}
	streamed->handed_in = (struct control_answer){on_answered, &stream->stopped_waiting};
	streamed->stream = stream;
	streamed->next = NULL;
	streamed->error = error;
	streamed->weight = 1 + commit->n_changes;
	commit_answer_init(&streamed->answer, ++stream->sequence);
	*stream->last = streamed;
	stream->last = &streamed->next;
	stream->weight += streamed->weight;
	stream->waiting++;
	if (stream->stopped) {
		error_add(error, ERROR_ABORTED, NULL, "a commit before it was refused: it was not tried");
		on_answered(&streamed->handed_in);
		return;
	}
	stream->handing_in = streamed;
	control_submit_apply(stream->control, commit, &streamed->answer.response, error, &streamed->handed_in);
	stream->handing_in = NULL;
}

static void check(struct write_stream *stream, const Sluice__V1__WriteStreamRequest *request)
{
	const Sluice__V1__OnError on_error = request->on_error;

	if (on_error < SLUICE__V1__ON_ERROR__ON_ERROR_UNSPECIFIED || on_error > SLUICE__V1__ON_ERROR__ON_ERROR_STOP)
		error_add(&stream->error, ERROR_INVALID_ARGUMENT, "on_error", "%d is neither CONTINUE nor STOP",
			  (int)on_error);
	else if (stream->started && on_error && on_error != stream->on_error)
		error_add(&stream->error, ERROR_INVALID_ARGUMENT, "on_error",
			  "differs from that of the stream's first message");
	if (request->n_commits > COMMITS_MAX)
		error_add(&stream->error, ERROR_INVALID_ARGUMENT, "commits",
			  "has %zu commits: at most %d in one message", request->n_commits, COMMITS_MAX);
	if (!stream->started)
		stream->on_error = on_error ? on_error : SLUICE__V1__ON_ERROR__ON_ERROR_CONTINUE;
	stream->started = true;
}

/* The message that is to be handed in; NULL: it did not come yet. */
static void take(struct write_stream *stream, const ProtobufCMessage *message)
{
	stream->request = (const Sluice__V1__WriteStreamRequest *)message;
	stream->position = 0;
	if (message)
		check(stream, stream->request);
}

/* Hands in what the window has room for, a turn's worth of it now. */
static void hand_in_some(struct write_stream *stream)
{
	size_t count = 0;

	while (stream->request && !stream->posted) {
		const bool done = stream->position == stream->request->n_commits || stream->broken;

		if (stream->error.code != ERROR_NONE) {
			stream->request = NULL;
			stream->over = true;
		} else if (stream->weight >= WINDOW && !stream->broken) {
			return;
		} else if (done) {
			take(stream, rpc_more(stream->call));
		} else if (count++ == TURN) {
			stream->posted = true;
			loop_post(rpc_loop(stream->call), &stream->turn);
		} else {
			hand_in(stream, stream->request->commits[stream->position++]);
		}
	}
}

static void on_turn(struct loop_work *work)
{
	struct write_stream *stream = (struct write_stream *)((char *)work - offsetof(struct write_stream, turn));

	stream->posted = false;
	hand_in_some(stream);
	go_on(stream);
}

static void on_sent_work(struct loop_work *work)
{
	struct write_stream *stream = (struct write_stream *)((char *)work - offsetof(struct write_stream, sent));

	stream->in_flight = false;
	stream->weight -= stream->sending;
	stream->sending = 0;
	if (!stream->arrived) {
		stream->broken = true;
		rpc_abort(stream->call); /* where it was memory that lacked, the client waits for these answers */
	}
	hand_in_some(stream);
	go_on(stream);
}

static struct write_stream *stream_new(struct rpc_call *call, struct control *control)
{
	struct write_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->call = call;
	stream->control = control;
	stream->last = &stream->first;
	stream->sent.run = on_sent_work;
	stream->turn.run = on_turn;
	rpc_set_data(call, stream);
	return stream;
}

void config_write_stream(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	struct write_stream *stream = rpc_data(call);
	struct error error = {0};

	if (!stream)
		stream = stream_new(call, services_control(context));
	if (!stream) {
		error_no_memory(&error, "nothing was done");
		rpc_finish(call, NULL, &error);
		return;
	}
	take(stream, message);
	stream->over |= !message;
	hand_in_some(stream);
	go_on(stream);
}
