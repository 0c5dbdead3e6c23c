/* SPDX-License-Identifier: Apache-2.0 */
/* HealthService: targets for the one who probes, and what they report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/core/error.h"
#include "vnf/core/text.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/reconciler.h"

#define REPORTS_MAX 10000

static struct health_targets *targets_of(struct control *control)
{
	return reconciler_health(control->committer.reconciler);
}

static void on_changed(void *context)
{
	struct control *control = context;

	control->prober->changed(control->prober);
}

int control_prober_open(struct control *control, struct control_prober *prober, struct error *error)
{
	if (control->prober) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "somebody else probes already: one stream at a time, end that one first");
		return -1;
	}
	control->prober = prober;
	if (!health_listen(targets_of(control), on_changed, control))
		return 0;
	control->prober = NULL;
	error_no_memory(error, NULL);
	return -1;
}

void control_prober_close(struct control *control)
{
	health_listen(targets_of(control), NULL, NULL);
	control->prober = NULL;
}

/* 0 or -1: out of memory. */
static int encode_weights(const struct resource *pool, Sluice__V1__HealthTarget *to)
{
	Sluice__V1__Resource *message = resource_encode(pool);

	if (!message)
		return -1;
	to->latency_weights = message->pool->latency_weights;
	message->pool->latency_weights = NULL;
	protobuf_c_message_free_unpacked(&message->base, NULL);
	return 0;
}

/* `weighs`: a member of a pool with latency_weights has these. Has the message own the monitor's; 0 or -1: out of
 * memory. A monitor that is gone leaves it NULL. */
static int encode_monitor(struct control *control, const char *name, bool weighs, Sluice__V1__HealthTarget *to)
{
	const struct resource *monitor =
		snapshot_find(history_newest(&control->history), RESOURCE_HEALTH_MONITOR, name);
	const struct resource *pool;
	Sluice__V1__Resource *message;

	if (!monitor)
		return 0;
	message = resource_encode(monitor);
	if (!message)
		return -1;
	to->monitor = message->health_monitor;
	pool = to->monitor->target_case == SLUICE__V1__HEALTH_MONITOR__TARGET_POOL
		       ? snapshot_find(history_newest(&control->history), RESOURCE_POOL, to->monitor->pool)
		       : NULL;
	message->kind_case = SLUICE__V1__RESOURCE__KIND__NOT_SET;
	protobuf_c_message_free_unpacked(&message->base, NULL);
	if (to->monitor->target_case != SLUICE__V1__HEALTH_MONITOR__TARGET__NOT_SET)
		free(to->monitor->pool); /* every member of the oneof is a text */
	to->monitor->target_case = SLUICE__V1__HEALTH_MONITOR__TARGET__NOT_SET;
	to->monitor->pool = NULL;
	return pool && weighs ? encode_weights(pool, to) : 0;
}

static int encode_target(struct control *control, uint64_t id, const struct health_target *target,
			 Sluice__V1__HealthTarget *to)
{
	to->id = id;
	to->gone = !target->monitor;
	if (to->gone)
		return 0;
	to->port = target->port;
	to->weight_factor_per_mille = target->weight_factor;
	if (encode_monitor(control, target->monitor, !target->no_new_flows, to) ||
	    encode_text(&to->name, target->key.name) || encode_text(&to->vrf, target->vrf) ||
	    encode_text(&to->device, target->device) || encode_text(&to->egress_device, target->egress_device))
		return -1;
	return target->address.family ? encode_address(&to->address, &target->address) : 0;
}

int control_prober_take(struct control *control, size_t most, Sluice__V1__HealthTargets *targets, struct error *error)
{
	struct health_target target;
	uint64_t id;

	targets->targets = calloc(most, sizeof(*targets->targets));
	while (targets->targets && targets->n_targets < most) {
		Sluice__V1__HealthTarget *to;

		if (!health_take(targets_of(control), &id, &target)) {
			targets->complete = true;
			return 0;
		}
		to = message_new(&sluice__v1__health_target__descriptor);
		if (!to)
			break;
		targets->targets[targets->n_targets++] = to;
		if (encode_target(control, id, &target, to))
			break;
		if (targets->n_targets == most)
			return 0;
	}
	error_no_memory(error, "the targets that were to come are lost: begin anew");
	return -1;
}

static void check(struct control *control, const Sluice__V1__HealthReports *reports, struct error *error)
{
	if (reports->n_reports > REPORTS_MAX) {
		error_add(error, ERROR_INVALID_ARGUMENT, "reports", "has %zu reports: at most %d in one message",
			  reports->n_reports, REPORTS_MAX);
		return;
	}
	for (size_t i = 0; i < reports->n_reports; i++) {
		const Sluice__V1__HealthReport *report = reports->reports[i];
		char field[64];

		if (!health_knows(targets_of(control), report->id)) {
			snprintf(field, sizeof(field), "reports[%zu].id", i);
			error_add(error, ERROR_INVALID_ARGUMENT, field, "%llu is no target of this stream",
				  (unsigned long long)report->id);
		}
		if (report->weight_factor_per_mille > HEALTH_FACTOR_ALL) {
			snprintf(field, sizeof(field), "reports[%zu].weight_factor_per_mille", i);
			error_add(error, ERROR_INVALID_ARGUMENT, field, "%u is above 1000, the whole weight",
				  report->weight_factor_per_mille);
		}
	}
}

/* Kept as one line of text. */
static void copy_detail(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
	text_clean(to);
	for (char *at = strchr(to, '\t'); at; at = strchr(at, '\t'))
		*at = ' ';
}

int control_prober_report(struct control *control, const Sluice__V1__HealthReports *reports, struct error *error)
{
	struct health_report *report;

	check(control, reports, error);
	if (error->code != ERROR_NONE)
		return -1;
	report = calloc(reports->n_reports + 1, sizeof(*report));
	if (!report) {
		error_no_memory(error, "nothing was taken in");
		return -1;
	}
	for (size_t i = 0; i < reports->n_reports; i++) {
		const Sluice__V1__HealthReport *from = reports->reports[i];

		report[i].id = from->id;
		report[i].verdict = (struct health_verdict){
			.up = from->up,
			.panic = from->panic,
			.weight_factor = from->weight_factor_per_mille ? (uint16_t)from->weight_factor_per_mille
								       : HEALTH_FACTOR_ALL,
			.latency = from->latency_microseconds};
		copy_detail(report[i].verdict.detail, sizeof(report[i].verdict.detail), from->detail);
	}
	if (reconciler_report_health(control->committer.reconciler, report, reports->n_reports))
		health_file_changed(control->health_file);
	free(report);
	return 0;
}
