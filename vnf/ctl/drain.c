/* SPDX-License-Identifier: Apache-2.0 */
/* drain: how far members have come with getting rid of their flows, and the wait for its end. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sluice/v1/balancer_service.pb-c.h"
#include "vnf/core/clock.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/keys.h"

static int print_table(const struct session *session, const Sluice__V1__DrainStatusResponse *response)
{
	struct table *table =
		table_new(drain_columns, NULL, session->options->output == OUTPUT_WIDE, session->options->color);
	int rc = table ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < response->n_members; i++) {
		response->members[i]->idle_milliseconds /= 1000;
		rc = table_add(table, &response->members[i]->base);
	}
	if (rc == 0 && !response->n_members)
		fprintf(stderr, "nothing there\n");
	if (rc == 0)
		table_flush(table);
	table_free(table);
	return rc ? out_of_memory() : DONE;
}

/* DONE: nothing is left, and none of them gets new flows. */
static int code_of(const Sluice__V1__DrainStatusResponse *response)
{
	for (size_t i = 0; i < response->n_members; i++)
		if (!response->members[i]->draining || response->members[i]->connections)
			return DIFFERENT;
	return DONE;
}

static int take_names(char **arguments, Sluice__V1__DrainStatusRequest *request)
{
	if (strcmp(arguments[0], "member") == 0)
		request->member = arguments[1];
	else if (strcmp(arguments[0], "pool") == 0)
		request->pool = arguments[1];
	else
		fprintf(stderr, "error: drain %s: member or pool is expected\n", arguments[0]);
	return *request->member || *request->pool ? DONE : FAILED;
}

static void sleep_ms(uint64_t ms)
{
	struct timespec pause = {(time_t)(ms / 1000), (long)(ms % 1000 * 1000000)};

	while (nanosleep(&pause, &pause) && errno == EINTR)
		;
}

/* A line for each member of which more or less is left than at the reading before; NULL: this is the first one. */
static void print_progress(const Sluice__V1__DrainStatusResponse *before, const Sluice__V1__DrainStatusResponse *now)
{
	for (size_t i = 0; i < now->n_members; i++) {
		const Sluice__V1__MemberDrain *one = now->members[i];
		const Sluice__V1__MemberDrain *old = before && i < before->n_members ? before->members[i] : NULL;

		if (old && strcmp(old->member, one->member) == 0 && old->connections == one->connections &&
		    old->younger == one->younger)
			continue;
		if (!one->connections) {
			fprintf(stderr, "%s: drained\n", one->member);
			continue;
		}
		fprintf(stderr, "%s: %" PRIu64 " connection%s left, ", one->member, one->connections,
			one->connections == 1 ? "" : "s");
		if (one->younger)
			fprintf(stderr, "%" PRIu64, one->younger);
		else
			fputs("none", stderr);
		fprintf(stderr, " younger than the drain; the last ends in %" PRIu64 " s if nothing more comes\n",
			one->idle_milliseconds / 1000);
	}
}

/* The first member whose flows do not end by waiting; NULL: there is none. */
static const char *not_draining(const Sluice__V1__DrainStatusResponse *response)
{
	for (size_t i = 0; i < response->n_members; i++)
		if (!response->members[i]->draining)
			return response->members[i]->member;
	return NULL;
}

static Sluice__V1__DrainStatusResponse *read_status(struct session *session,
						    const Sluice__V1__DrainStatusRequest *request, struct error *error)
{
	return (void *)session_call(session, &sluice__v1__balancer_service__descriptor, "DrainStatus", &request->base,
				    error);
}

/* The next reading, of a sluiced that may be between its end and the start of the next one; NULL: not before `end`, or
 * for another reason. */
static Sluice__V1__DrainStatusResponse *
read_again(struct session *session, const Sluice__V1__DrainStatusRequest *request, uint64_t end, struct error *error)
{
	Sluice__V1__DrainStatusResponse *now = read_status(session, request, error);
	bool told = false;

	while (!now && error->code == ERROR_UNAVAILABLE && monotonic_ms() < end) {
		if (!told)
			fprintf(stderr, "sluiced does not answer: waiting for it\n");
		told = true;
		sleep_ms(session->options->interval_ms);
		now = read_status(session, request, error);
	}
	return now;
}

/* Replaces the first reading by the last one: nothing is left, the time is over, or waiting is of no use. NULL and
 * *error. */
static Sluice__V1__DrainStatusResponse *wait_for_end(struct session *session,
						     const Sluice__V1__DrainStatusRequest *request,
						     Sluice__V1__DrainStatusResponse *now, struct error *error)
{
	const struct options *options = session->options;
	const uint64_t end = monotonic_ms() + options->wait_seconds * 1000ULL;
	Sluice__V1__DrainStatusResponse *before = NULL;

	while (now && !not_draining(now)) {
		const uint64_t time = monotonic_ms();

		print_progress(before, now);
		if (before)
			protobuf_c_message_free_unpacked(&before->base, NULL);
		before = NULL;
		if (code_of(now) == DONE)
			return now;
		if (time >= end)
			break;
		sleep_ms(end - time < options->interval_ms ? end - time : options->interval_ms);
		before = now;
		now = read_again(session, request, end, error);
	}
	if (before)
		protobuf_c_message_free_unpacked(&before->base, NULL);
	return now;
}

static void print_why(const Sluice__V1__DrainStatusResponse *response, uint32_t seconds)
{
	const char *busy = not_draining(response);

	if (busy) {
		fprintf(stderr, "error: new flows come to %s: set its admin_state to draining first\n", busy);
		return;
	}
	for (size_t i = 0; i < response->n_members; i++)
		if (response->members[i]->connections)
			fprintf(stderr, "error: %s is not drained behind %" PRIu32 " s\n", response->members[i]->member,
				seconds);
}

int command_drain(void *context, char **arguments)
{
	Sluice__V1__DrainStatusRequest request = SLUICE__V1__DRAIN_STATUS_REQUEST__INIT;
	struct session *session = context;
	Sluice__V1__DrainStatusResponse *response;
	struct error error;
	int rc = take_names(arguments, &request);

	if (rc)
		return rc;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	response = read_status(session, &request, &error);
	if (response && session->options->wait_seconds)
		response = wait_for_end(session, &request, response, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	rc = code_of(response);
	if (rc != DONE && session->options->wait_seconds)
		print_why(response, session->options->wait_seconds);
	if (session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(&response->base)) ? out_of_memory() : rc;
	else if (print_table(session, response) != DONE)
		rc = FAILED;
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return rc;
}
