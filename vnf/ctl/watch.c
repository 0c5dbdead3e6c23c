/* SPDX-License-Identifier: Apache-2.0 */
/* watch: the state, and what changes, a line an event. */
#include <inttypes.h>
#include <stdio.h>

#include "sluice/v1/watch_service.pb-c.h"
#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/history.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/server_stream.h"
#include "vnf/json/json_write.h"

#define KINDS 64 /* arguments at most */

static const char *kind_name(unsigned int number)
{
	const ProtobufCFieldDescriptor *kind = kind_by_number(number);

	return kind ? kind->name : "resource";
}

static void print_resource(const Sluice__V1__ResourceState *state)
{
	printf("%s %s: revision %" PRIu64 ", %s%s\n", kind_name((unsigned int)state->resource->kind_case), state->key,
	       state->revision, *state->reason ? "not programmed: " : "programmed", state->reason);
}

static void print_event(const Sluice__V1__WatchEvent *event)
{
	switch (event->event_case) {
	case SLUICE__V1__WATCH_EVENT__EVENT_RESOURCE:
		print_resource(event->resource);
		break;
	case SLUICE__V1__WATCH_EVENT__EVENT_GONE:
		printf("%s %s: gone\n", kind_name((unsigned int)event->gone->kind), event->gone->key);
		break;
	case SLUICE__V1__WATCH_EVENT__EVENT_REVISION:
		printf("revision %" PRIu64 ", generation %" PRIu64 "\n", event->revision->revision,
		       event->revision->generation);
		break;
	case SLUICE__V1__WATCH_EVENT__EVENT_SYNCED:
		printf("%s revision %" PRIu64 ", generation %" PRIu64 "\n",
		       event->synced->snapshot ? "that is all of" : "that is what has changed up to",
		       event->synced->revision, event->synced->generation);
		break;
	case SLUICE__V1__WATCH_EVENT__EVENT_LOST:
		printf("%" PRIu64 " events were lost: all begins anew\n", event->lost);
		break;
	default: /* heartbeats are for programs */
		break;
	}
}

/* On one line. 0, or -1: no memory. */
static int print_json(const Sluice__V1__WatchEvent *event)
{
	struct json_object *object = json_message(&event->base);
	const char *text = object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN) : NULL;

	if (text)
		puts(text);
	json_object_put(object);
	return text ? 0 : -1;
}

static int show(void *context, ProtobufCMessage *message)
{
	const Sluice__V1__WatchResponse *response = (const Sluice__V1__WatchResponse *)message;
	const struct options *options = context;

	for (size_t i = 0; i < response->n_events; i++) {
		if (options->output != OUTPUT_JSON)
			print_event(response->events[i]);
		else if (print_json(response->events[i]))
			return out_of_memory();
	}
	return fflush(stdout) ? FAILED : DONE;
}

/* How many there are; -1: one is none, which was printed. */
static int take_kinds(char **arguments, Sluice__V1__ResourceKind kinds[KINDS])
{
	int count = 0;

	for (; arguments[count] && count < KINDS; count++) {
		const ProtobufCFieldDescriptor *kind = kind_find(arguments[count]);

		if (!kind) {
			fprintf(stderr, "error: there is no kind \"%s\": see sluicectl help watch\n", arguments[count]);
			return -1;
		}
		kinds[count] = (Sluice__V1__ResourceKind)kind->id;
	}
	return count;
}

int command_watch(void *context, char **arguments)
{
	struct session *session = context;
	const struct options *options = session->options;
	Sluice__V1__WatchRequest request = SLUICE__V1__WATCH_REQUEST__INIT;
	Sluice__V1__ResourceKind kinds[KINDS];
	int count = take_kinds(arguments, kinds);

	if (count < 0 || (options->packet.from && revision_argument(options->packet.from, &request.from_revision)))
		return FAILED;
	if (options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	request.kinds = kinds;
	request.n_kinds = (size_t)count;
	request.programmed = options->programmed;
	if (options->vrf)
		request.vrf = (char *)options->vrf;
	return server_stream(session, &sluice__v1__watch_service__descriptor, "Watch", &request.base, show,
			     (void *)options);
}

void watch_complete(struct cli_completion *completion)
{
	for (unsigned int i = 0; kind_at(i); i++)
		cli_offer(completion, kind_at(i)->name);
}
