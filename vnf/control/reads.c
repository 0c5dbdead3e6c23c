/* SPDX-License-Identifier: Apache-2.0 */
/* The reads of control.h. */
#include <errno.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/observe/observer.h"

int control_get(struct control *control, const Sluice__V1__GetResourceRequest *request,
		Sluice__V1__GetResourceResponse *response, struct error *error)
{
	return read_get(&control->reader, request, response, error);
}

int control_list(struct control *control, const Sluice__V1__ListResourcesRequest *request,
		 Sluice__V1__ListResourcesResponse *response, struct error *error)
{
	return read_list(&control->reader, request, response, error);
}

int control_packet_counters(struct control *control, Sluice__V1__ListPacketCountersResponse *response,
			    struct error *error)
{
	return read_packet_counters(&control->reader, response, error);
}

/* Both: 0 or -ENOMEM. */
static int tell_observing(const struct control *control, Sluice__V1__GetSystemResponse *response)
{
	struct observer_counts counts;

	if (!control->observer)
		return 0;
	response->observing = message_new(&sluice__v1__observing__descriptor);
	if (!response->observing)
		return -ENOMEM;
	observer_counts(control->observer, &counts);
	response->observing->sessions = (uint32_t)counts.sessions;
	response->observing->told = counts.told;
	response->observing->lost = counts.lost;
	response->observing->samples = counts.samples;
	response->observing->samples_lost = counts.samples_lost;
	return 0;
}

static int tell_sflow(const struct control *control, Sluice__V1__GetSystemResponse *response)
{
	if (!control->sflow)
		return 0;
	response->sflow = message_new(&sluice__v1__sflow__descriptor);
	if (!response->sflow)
		return -ENOMEM;
	control->sflow(control->sflow_context, response->sflow);
	return 0;
}

int control_system(struct control *control, Sluice__V1__GetSystemResponse *response, struct error *error)
{
	if (read_system(&control->reader, response, error))
		return -1;
	if (!tell_observing(control, response) && !tell_sflow(control, response))
		return 0;
	error_no_memory(error, NULL);
	return -1;
}

int control_limits(struct control *control, Sluice__V1__ListLimitsResponse *response, struct error *error)
{
	return read_limits(&control->reader, response, error);
}

int control_ports(struct control *control, Sluice__V1__ListPortsResponse *response, struct error *error)
{
	return read_ports(&control->reader, response, error);
}

int control_revisions(struct control *control, const Sluice__V1__ListRevisionsRequest *request,
		      Sluice__V1__ListRevisionsResponse *response, struct error *error)
{
	return read_revisions(&control->reader, request, response, error);
}

int control_diff_revisions(struct control *control, const Sluice__V1__DiffRevisionsRequest *request,
			   Sluice__V1__DiffRevisionsResponse *response, struct error *error)
{
	return read_diff_revisions(&control->reader, request, response, error);
}

int control_drain_status(struct control *control, const Sluice__V1__DrainStatusRequest *request,
			 Sluice__V1__DrainStatusResponse *response, struct error *error)
{
	return read_drain_status(&control->reader, request, response, error);
}

int control_preflight(struct control *control, const Sluice__V1__PreflightRequest *request,
		      Sluice__V1__PreflightResponse *response, struct error *error)
{
	return read_preflight(&control->reader, request, response, error);
}

int control_visit(struct control *control, Sluice__V1__ResourceKind kind, size_t most, control_see *see, void *context,
		  size_t *left, struct error *error)
{
	return read_visit(&control->reader, (enum resource_kind)kind, most, see, context, left, error);
}

void control_visit_vrfs(struct control *control, control_see_vrf *see, void *context)
{
	read_visit_vrfs(&control->reader, see, context);
}

void control_connection_figures(struct control *control, struct connection_figures *figures)
{
	read_connection_counts(&control->reader, figures);
}

void control_commit_times(struct control *control, enum commit_outcome outcome, struct histogram_reading *reading)
{
	const struct commit_times *times = &control->committer.times;

	histogram_read(outcome == COMMIT_PROGRAMMED  ? &times->programmed
		       : outcome == COMMIT_UNCHANGED ? &times->unchanged
						     : &times->refused,
		       reading);
}

struct watch *control_watch_open(struct control *control, const Sluice__V1__WatchRequest *request,
				 void (*changed)(void *context), void *context, struct error *error)
{
	return watch_open(&control->watches, request, changed, context, error);
}

int control_watch_fill(struct watch *watch, Sluice__V1__WatchResponse *response)
{
	return watch_fill(watch, response);
}

uint64_t control_watch_revision(struct watch *watch)
{
	return watch_revision(watch);
}

void control_watch_close(struct watch *watch)
{
	watch_close(watch);
}

int control_verdicts(struct control *control, const Sluice__V1__ListVerdictsRequest *request,
		     Sluice__V1__ListVerdictsResponse *response, struct error *error)
{
	return read_verdicts(&control->reader, request, response, error);
}
