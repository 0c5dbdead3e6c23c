/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ctl_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/json/field.h"

struct control *fake_control_new(void)
{
	struct control *control = calloc(1, sizeof(*control));

	pthread_mutex_init(&control->lock, NULL);
	control->revision = 1;
	return control;
}

static void describe_candidate(Sluice__V1__ResourceState *state, Sluice__V1__CandidateState is, const char *reason,
			       int64_t age_s)
{
	state->candidate_status = (void *)field_message_new(&sluice__v1__candidate_status__descriptor);
	state->candidate_status->state = is;
	state->candidate_status->reason = strdup(reason);
	state->candidate_status->since_unix_ms = age_s ? (time(NULL) - age_s) * 1000 : 0;
	state->counters = (void *)field_message_new(&sluice__v1__counters__descriptor);
	state->counters->packets = 7;
	state->counters->bytes = 18446744073709551615U;
}

static void describe_source(Sluice__V1__ResourceState *state)
{
	Sluice__V1__RouteSourceStatus *status = (void *)field_message_new(&sluice__v1__route_source_status__descriptor);

	state->route_source_status = status;
	status->state = SLUICE__V1__SOURCE_STATE__SOURCE_STATE_FOLLOWING;
	status->routes = 901899;
	status->suppressed = 3;
	status->groups = 12;
	status->lag_us = 1500;
	status->resyncs = 2;
	status->last_resync = strdup("messages were lost");
	status->last_resync_ms_ago = 93784000;
}

void fake_describe(Sluice__V1__ResourceState *state)
{
	switch (state->resource->kind_case) {
	case SLUICE__V1__RESOURCE__KIND_INTERFACE:
		state->programmed = SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_NOT_PROGRAMMED;
		state->reason = strdup("the device does not exist");
		break;
	case SLUICE__V1__RESOURCE__KIND_ROUTE:
		describe_candidate(state, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_FORWARDING, "", 0);
		break;
	case SLUICE__V1__RESOURCE__KIND_SOURCE_ROUTE:
		describe_candidate(state, SLUICE__V1__CANDIDATE_STATE__CANDIDATE_STATE_BEATEN, "by another",
				   (2 * 60 + 3) * 60 + 1);
		break;
	case SLUICE__V1__RESOURCE__KIND_ROUTE_SOURCE:
		describe_source(state);
		break;
	default:
		break;
	}
}

#define PAGE 700

int control_get(struct control *control, const Sluice__V1__GetResourceRequest *request,
		Sluice__V1__GetResourceResponse *response, struct error *error)
{
	size_t place;
	int rc = 0;

	pthread_mutex_lock(&control->lock);
	if (fake_find(control, request->kind, request->key, &place))
		response->state = fake_copy(control->state[place]);
	else
		rc = -1;
	response->revision = control->revision;
	pthread_mutex_unlock(&control->lock);
	if (rc)
		error_add(error, ERROR_NOT_FOUND, NULL, "there is no such resource");
	return rc;
}

int control_list(struct control *control, const Sluice__V1__ListResourcesRequest *request,
		 Sluice__V1__ListResourcesResponse *response, struct error *error)
{
	size_t i;
	char token[24];

	(void)error;
	pthread_mutex_lock(&control->lock);
	response->revision = control->revision;
	response->states = calloc(PAGE, sizeof(*response->states));
	for (i = strtoul(request->page_token, NULL, 10); i < control->count && response->n_states < PAGE; i++) {
		if ((unsigned int)control->state[i]->resource->kind_case == (unsigned int)request->kind)
			response->states[response->n_states++] = fake_copy(control->state[i]);
	}
	if (i < control->count) {
		snprintf(token, sizeof(token), "%zu", i);
		response->next_page_token = strdup(token);
	}
	pthread_mutex_unlock(&control->lock);
	return 0;
}

int control_packet_counters(struct control *control, Sluice__V1__ListPacketCountersResponse *response,
			    struct error *error)
{
	static const struct {
		const char *name;
		Sluice__V1__Verdict verdict;
		uint64_t packets;
	} verdicts[] = {
		{"forwarded", SLUICE__V1__VERDICT__VERDICT_FORWARDED, 1000},
		{"no_route", SLUICE__V1__VERDICT__VERDICT_DROPPED, 12},
		{"discard", SLUICE__V1__VERDICT__VERDICT_DROPPED, 0},
	};

	(void)control;
	(void)error;
	response->counters = calloc(3, sizeof(*response->counters));
	for (size_t i = 0; i < 3; i++) {
		Sluice__V1__PacketCounter *counter = (void *)field_message_new(&sluice__v1__packet_counter__descriptor);

		counter->name = strdup(verdicts[i].name);
		counter->verdict = verdicts[i].verdict;
		counter->description = strdup("made up");
		counter->counters = (void *)field_message_new(&sluice__v1__counters__descriptor);
		counter->counters->packets = verdicts[i].packets;
		counter->counters->bytes = verdicts[i].packets * 64;
		response->counters[response->n_counters++] = counter;
	}
	return 0;
}

int control_system(struct control *control, Sluice__V1__GetSystemResponse *response, struct error *error)
{
	(void)error;
	response->version = strdup("0.0.0");
	response->boot_id = strdup("7b7e1d5e-0000-4000-8000-000000000000");
	pthread_mutex_lock(&control->lock);
	response->revision = control->revision;
	pthread_mutex_unlock(&control->lock);
	response->uptime_seconds = 90061;
	response->flow_salt = 0xabc;
	response->observing = (void *)field_message_new(&sluice__v1__observing__descriptor);
	response->observing->sessions = 1;
	response->observing->told = 70;
	response->observing->lost = 2;
	response->observing->samples = 3;
	response->sflow = (void *)field_message_new(&sluice__v1__sflow__descriptor);
	response->sflow->flow_samples = 3;
	response->sflow->datagrams = 4;
	return 0;
}

int control_limits(struct control *control, Sluice__V1__ListLimitsResponse *response, struct error *error)
{
	(void)control;
	(void)error;
	response->limits = calloc(2, sizeof(*response->limits));
	for (size_t i = 0; i < 2; i++) {
		Sluice__V1__Limit *limit = (void *)field_message_new(&sluice__v1__limit__descriptor);

		limit->name = strdup(i ? "vrfs" : "routes");
		limit->used = i;
		limit->maximum = 4096;
		response->limits[response->n_limits++] = limit;
	}
	return 0;
}

static Sluice__V1__Finding *finding(const char *subject, Sluice__V1__Severity severity, const char *what,
				    const char *remedy)
{
	Sluice__V1__Finding *finding = (void *)field_message_new(&sluice__v1__finding__descriptor);

	finding->subject = strdup(subject);
	finding->severity = severity;
	finding->what = strdup(what);
	finding->remedy = strdup(remedy);
	return finding;
}

/* Of devices that are named, the last does not exist. */
int control_preflight(struct control *control, const Sluice__V1__PreflightRequest *request,
		      Sluice__V1__PreflightResponse *response, struct error *error)
{
	(void)control;
	(void)error;
	response->findings = calloc(3, sizeof(*response->findings));
	response->findings[response->n_findings++] =
		finding("kernel", SLUICE__V1__SEVERITY__SEVERITY_OK, "release 6.1", "");
	response->findings[response->n_findings++] =
		finding("veth0", SLUICE__V1__SEVERITY__SEVERITY_WARNING, "slow", "make it fast");
	if (request->n_devices)
		response->findings[response->n_findings++] =
			finding(request->devices[request->n_devices - 1], SLUICE__V1__SEVERITY__SEVERITY_ERROR,
				"no such device", "see ip link");
	return 0;
}

int control_ports(struct control *control, Sluice__V1__ListPortsResponse *response, struct error *error)
{
	Sluice__V1__Port *port = (void *)field_message_new(&sluice__v1__port__descriptor);

	(void)control;
	(void)error;
	port->device = strdup("veth0");
	port->ifindex = 4;
	port->xdp_mode = SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE;
	port->up = true;
	port->mtu = 1500;
	response->ports = calloc(1, sizeof(*response->ports));
	response->ports[response->n_ports++] = port;
	return 0;
}

/* Two connections, on a page each; a filter's port is looked at. */
int control_connections(struct control *control, const Sluice__V1__ListConnectionsRequest *request,
			Sluice__V1__ListConnectionsResponse *response, struct error *error)
{
	uint32_t port = request->filter ? request->filter->port : 0;
	bool second = *request->page_token || (port && port != 443);
	Sluice__V1__Connection *one = (void *)field_message_new(&sluice__v1__connection__descriptor);

	static const struct {
		const char *kind, *name;
		size_t offset;
	} known[] = {{"member", "api-1", offsetof(Sluice__V1__ConnectionFilter, member)},
		     {"listener", "https", offsetof(Sluice__V1__ConnectionFilter, listener)},
		     {"load balancer", "shop", offsetof(Sluice__V1__ConnectionFilter, load_balancer)}};

	(void)control;
	if (request->heaviest_sources) {
		Sluice__V1__ConnectionSource *source =
			(void *)field_message_new(&sluice__v1__connection_source__descriptor);

		protobuf_c_message_free_unpacked(&one->base, NULL);
		source->vrf = strdup("red");
		source->source = strdup("2001:db8:0:1::/64");
		source->entries = request->heaviest_sources;
		source->embryonic = 7;
		response->sources = calloc(1, sizeof(*response->sources));
		response->sources[response->n_sources++] = source;
		response->count = 16000;
		response->capacity = 16384;
		return 0;
	}
	for (size_t i = 0; request->filter && i < sizeof(known) / sizeof(*known); i++) {
		const char *name = *(char **)((char *)request->filter + known[i].offset);

		if (*name && strcmp(name, known[i].name) != 0)
			error_add(error, ERROR_NOT_FOUND, "filter", "there is no %s \"%s\"", known[i].kind, name);
	}
	if (error->count) {
		protobuf_c_message_free_unpacked(&one->base, NULL);
		return -1;
	}
	if (request->filter && *request->filter->listener) {
		one->service = strdup("service");
		one->listener = strdup(request->filter->listener);
		one->member = strdup(request->filter->member);
	}
	one->vrf = strdup("red");
	one->protocol = second ? 17 : 6;
	one->source = strdup(second ? "2001:db8::1" : "10.0.0.1");
	one->source_port = 40000;
	one->destination = strdup(second ? "2001:db8::2" : "10.0.0.2");
	one->destination_port = second ? 53 : 443;
	one->state = strdup(second ? "new" : "established");
	one->idle_milliseconds = 1500;
	one->expires_milliseconds = 118500;
	one->rule = strdup("web");
	one->revision = 1;
	response->connections = calloc(1, sizeof(*response->connections));
	response->connections[response->n_connections++] = one;
	if (!second && !port)
		response->next_page_token = strdup("1");
	response->count = 2;
	response->capacity = 16384;
	return 0;
}

/* Member "web-1", or of pool "web" two; "web-9" loses a connection with each call. */
int control_drain_status(struct control *control, const Sluice__V1__DrainStatusRequest *request,
			 Sluice__V1__DrainStatusResponse *response, struct error *error)
{
	const bool ends = strcmp(request->member, "web-9") == 0;
	size_t count = *request->pool ? 2 : 1;
	static uint32_t left = 2;

	(void)control;
	if (strcmp(request->member, "web-1") != 0 && strcmp(request->pool, "web") != 0 && !ends) {
		error_add(error, ERROR_NOT_FOUND, "member", "there is no member \"%s\"", request->member);
		return -1;
	}
	response->members = calloc(count, sizeof(*response->members));
	for (size_t i = 0; i < count; i++) {
		Sluice__V1__MemberDrain *drain = (void *)field_message_new(&sluice__v1__member_drain__descriptor);

		drain->member = strdup(ends ? "web-9" : i ? "web-2" : "web-1");
		drain->draining = !i;
		drain->since_generation = i ? 0 : 17;
		drain->connections = ends ? left : 3 + i;
		left -= ends && left;
		drain->youngest_generation = 16;
		drain->oldest_generation = 9;
		drain->idle_milliseconds = 118500;
		response->members[response->n_members++] = drain;
	}
	response->generation = 20;
	return 0;
}

int control_delete_connections(struct control *control, const Sluice__V1__DeleteConnectionsRequest *request,
			       Sluice__V1__DeleteConnectionsResponse *response, struct error *error)
{
	(void)control;
	if (!request->all && !*request->filter->vrf && !request->filter->protocol) {
		error_add(error, ERROR_INVALID_ARGUMENT, "filter", "selects every connection");
		return -1;
	}
	response->deleted = request->all ? 2 : request->filter->protocol;
	return 0;
}
