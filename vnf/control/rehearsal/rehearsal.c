/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/rehearsal/rehearsal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/rehearsal/connection_frame.h"
#include "vnf/control/rehearsal/outcomes.h"
#include "vnf/dataplane/connections/connections.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/observe/observer.h"

/* A packet that was sampled; the bytes that are kept of its frame lie behind it. */
struct sample {
	struct sample *next;
	struct dp_observation head;
};

/* One rehearsal under way. */
struct run {
	const struct rehearsal *rehearsal;
	Sluice__V1__RehearsalResult *result;
	struct outcomes outcomes;
	struct sample *samples, **last; /* the newest first */
	struct explained *before, *after;
	unsigned int live, idle; /* banks */
	struct error *error;
};

/* The row of a packet of which something else becomes. NULL: it stays as it is, or error->code is set. */
static struct outcome_row *play(struct run *run, struct observer_packet *packet)
{
	struct observer *observer = run->rehearsal->observer;
	struct outcome_row *row;
	struct outcome was, is;

	packet->bank = run->live;
	if (observer_explain(observer, packet, false, run->before, run->error))
		return NULL;
	packet->bank = run->idle;
	if (observer_explain(observer, packet, false, run->after, run->error))
		return NULL;
	was = outcome_of(&run->before->head);
	is = outcome_of(&run->after->head);
	if (!outcome_differs(&was, &is))
		return NULL;
	row = outcomes_row(&run->outcomes, &run->before->head, &run->after->head);
	if (!row)
		error_no_memory(run->error, NULL);
	return row;
}

/* The observer tells nobody of packets while it shows what it remembers: they are played afterwards. */
static void keep_sample(void *context, const struct observed *observed, uint64_t lost)
{
	const struct dp_observation *head = observed->head;
	struct run *run = context;
	struct sample *sample;

	(void)lost;
	if (run->error->code != ERROR_NONE || head->in_length > OBSERVER_FRAME || head->in_kept > head->in_length)
		return;
	sample = malloc(sizeof(*sample) + head->in_kept);
	if (!sample) {
		error_no_memory(run->error, NULL);
		return;
	}
	sample->next = NULL;
	sample->head = *head;
	if (head->in_kept)
		memcpy(sample + 1, observed->in, head->in_kept);
	*run->last = sample;
	run->last = &sample->next;
}

/* What is not kept of a frame is taken to be zeros: no stage looks at data. */
static void play_sample(struct run *run, const struct sample *sample)
{
	static uint8_t frame[OBSERVER_FRAME]; /* the control thread's */
	const struct dp_observation *head = &sample->head;
	struct observer_packet packet = {.ifindex = head->ifindex, .frame = frame, .length = head->in_length};
	struct outcome_row *row;

	memcpy(frame, sample + 1, head->in_kept);
	memset(frame + head->in_kept, 0, packet.length - head->in_kept);
	run->result->samples++;
	row = play(run, &packet);
	if (!row)
		return;
	run->result->samples_changed++;
	row->samples++;
	row->packets += head->sampled;
}

static void play_samples(struct run *run)
{
	observer_recent(run->rehearsal->observer, run->rehearsal->wish.samples, keep_sample, run);
	for (const struct sample *sample = run->samples; sample && run->error->code == ERROR_NONE;
	     sample = sample->next)
		play_sample(run, sample);
}

static void play_connections(struct run *run)
{
	const struct dataplane *dataplane = run->rehearsal->dataplane;
	const struct conntracks how = dataplane_conntracks(dataplane);
	const struct connection_filter all = {0};
	struct connection connection;
	struct frame frame;
	uint64_t place = 0;

	while (run->error->code == ERROR_NONE &&
	       conntrack_next(dataplane_connections(dataplane), &how, &all, &place, &connection)) {
		struct observer_packet packet = {.vrf = connection.vrf};
		struct outcome_row *row;

		if (connection.kind != DP_CONNECTION_POLICY && connection.kind != DP_CONNECTION_SERVICE)
			continue;
		if (run->result->connections == run->rehearsal->wish.connections) {
			run->result->connections_left++;
			continue;
		}
		connection_frame(&connection, &frame);
		packet.frame = frame.start;
		packet.length = (uint32_t)frame.length;
		run->result->connections++;
		row = play(run, &packet);
		if (!row)
			continue;
		run->result->connections_changed++;
		row->connections++;
	}
}

static int run_all(struct run *run, const struct snapshot *next)
{
	const struct rehearsal *rehearsal = run->rehearsal;

	if (rehearsal->wish.samples)
		play_samples(run);
	if (rehearsal->wish.connections)
		play_connections(run);
	if (run->error->code == ERROR_NONE &&
	    outcomes_answer(&run->outcomes, rehearsal->newest, next ? next : rehearsal->newest,
			    dataplane_limits(rehearsal->dataplane), run->result))
		error_no_memory(run->error, NULL);
	return run->error->code == ERROR_NONE ? 0 : -1;
}

int rehearsal_look(void *context, const struct snapshot *next, Sluice__V1__WriteResult *result, struct error *error)
{
	const struct rehearsal *rehearsal = context;
	const unsigned int idle = dataplane_idle_index(rehearsal->dataplane);
	struct run run = {.rehearsal = rehearsal, .live = !idle, .idle = next ? idle : !idle, .error = error};
	int status = -1;

	run.last = &run.samples;
	result->rehearsal = run.result = message_new(&sluice__v1__rehearsal_result__descriptor);
	run.before = malloc(sizeof(*run.before));
	run.after = malloc(sizeof(*run.after));
	if (run.result && run.before && run.after)
		status = run_all(&run, next);
	else
		error_no_memory(error, NULL);
	for (struct sample *sample; (sample = run.samples);) {
		run.samples = sample->next;
		free(sample);
	}
	outcomes_clear(&run.outcomes);
	free(run.before);
	free(run.after);
	return status;
}
