/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon itself: what it is, since when, which state it has, and how full it is. */
#include <time.h>

#include "vnf/control/control.h"
#include "vnf/core/log.h"
#include "vnf/web/http/message.h"
#include "vnf/web/metrics/groups.h"

static void add_one(struct scrape *scrape, const struct metric *metric, uint64_t value)
{
	metric_begin(&scrape->text, metric, scrape->open_metrics);
	metric_sample(&scrape->text, metric, NULL, value);
}

static void add_build(struct scrape *scrape, const Sluice__V1__GetSystemResponse *system)
{
	static const struct metric build = {"sluice_build", METRIC_INFO, NULL,
					    "Version of sluiced, and of the kernel that it runs on"};
	const struct label labels[] = {{"version", system->version}, {"kernel", system->kernel_release}, {NULL, NULL}};

	metric_begin(&scrape->text, &build, scrape->open_metrics);
	metric_sample(&scrape->text, &build, labels, 1);
}

static void add_times(struct scrape *scrape, const Sluice__V1__GetSystemResponse *system)
{
	static const struct metric start = {"sluice_start_time_seconds", METRIC_GAUGE, "seconds",
					    "When sluiced started, since 1970"};
	static const struct metric since = {"sluice_counters_start_time_seconds", METRIC_GAUGE, "seconds",
					    "When the counters of packets were zero, since 1970: they outlive sluiced"};

	static uint64_t started; /* once: both clocks are of whole seconds here, and the difference wavers */

	if (!started)
		started = (uint64_t)time(NULL) - system->uptime_seconds;
	add_one(scrape, &start, started);
	add_one(scrape, &since, system->counters_since);
}

static void add_journal(struct scrape *scrape, const Sluice__V1__Journal *journal)
{
	static const struct metric writable = {"sluice_journal_writable", METRIC_GAUGE, NULL,
					       "1: commits can be written to the journal; 0: all writes are refused"};
	static const struct metric bytes = {"sluice_journal_size_bytes", METRIC_GAUGE, "bytes", "Size of the journal"};
	static const struct metric durable = {"sluice_journal_durable_revision", METRIC_GAUGE, NULL,
					      "The newest revision that no crash of the machine takes"};

	if (!journal)
		return;
	add_one(scrape, &writable, !*journal->fault);
	add_one(scrape, &bytes, journal->bytes);
	add_one(scrape, &durable, journal->durable_revision);
}

static void add_observing(struct scrape *scrape, const Sluice__V1__Observing *observing)
{
	static const struct metric sessions = {"sluice_observer_sessions", METRIC_GAUGE, NULL,
					       "Who looks at packets: traces, captures, latencies, tap flows"};
	static const struct metric told = {"sluice_observer_packets", METRIC_COUNTER, NULL,
					   "Packets that sessions were told of"};
	static const struct metric lost = {"sluice_observer_packets_lost", METRIC_COUNTER, NULL,
					   "Packets that sessions could not be told of"};
	static const struct metric samples = {"sluice_samples", METRIC_COUNTER, NULL, "Packets that were sampled"};
	static const struct metric samples_lost = {"sluice_samples_lost", METRIC_COUNTER, NULL,
						   "Samples for which there was no room"};

	if (!observing)
		return;
	add_one(scrape, &sessions, observing->sessions);
	add_one(scrape, &told, observing->told);
	add_one(scrape, &lost, observing->lost);
	add_one(scrape, &samples, observing->samples);
	add_one(scrape, &samples_lost, observing->samples_lost);
}

static void add_sflow(struct scrape *scrape, const Sluice__V1__Sflow *sflow)
{
	static const struct metric flows = {"sluice_sflow_flow_samples", METRIC_COUNTER, NULL,
					    "Samples of packets for sFlow's collectors"};
	static const struct metric counters = {"sluice_sflow_counter_samples", METRIC_COUNTER, NULL,
					       "Samples of counters for sFlow's collectors"};
	static const struct metric sent = {"sluice_sflow_datagrams", METRIC_COUNTER, NULL,
					   "Datagrams to sFlow's collectors, to each one"};
	static const struct metric lost = {"sluice_sflow_datagrams_lost", METRIC_COUNTER, NULL,
					   "Datagrams to sFlow's collectors that the kernel did not take"};

	if (!sflow)
		return;
	add_one(scrape, &flows, sflow->flow_samples);
	add_one(scrape, &counters, sflow->counter_samples);
	add_one(scrape, &sent, sflow->datagrams);
	add_one(scrape, &lost, sflow->datagrams_lost);
}

void metrics_system(struct scrape *scrape)
{
	static const struct metric revision = {"sluice_revision", METRIC_GAUGE, NULL, "Revision of the desired state"};
	static const struct metric generation = {"sluice_generation", METRIC_GAUGE, NULL,
						 "Generation of the tables that packets meet"};
	static const struct metric confirmations = {"sluice_confirmations_pending", METRIC_GAUGE, NULL,
						    "Owners whose commits wait for ConfirmCommit"};
	static const struct metric lost = {
		"sluice_log_lines_lost", METRIC_GAUGE, NULL,
		"Lines of the log for which there was no room and which it has not told of yet"};
	Sluice__V1__GetSystemResponse *system = web_message_new(&sluice__v1__get_system_response__descriptor);
	struct error error = {0};

	if (!system || control_system(scrape->control, system, &error)) {
		scrape->text.failed = true;
		web_message_free(system);
		return;
	}
	add_build(scrape, system);
	add_times(scrape, system);
	add_one(scrape, &revision, system->revision);
	add_one(scrape, &generation, system->generation);
	add_one(scrape, &confirmations, system->n_confirmations);
	add_one(scrape, &lost, log_lost());
	add_journal(scrape, system->journal);
	add_observing(scrape, system->observing);
	add_sflow(scrape, system->sflow);
	web_message_free(system);
}

void metrics_limits(struct scrape *scrape)
{
	static const struct metric used = {
		"sluice_limit_used", METRIC_GAUGE, NULL,
		"How many there are of what is limited: resources of a kind, words of the FIB"};
	static const struct metric maximum = {"sluice_limit_max", METRIC_GAUGE, NULL, "How many there may be"};
	Sluice__V1__ListLimitsResponse *limits = web_message_new(&sluice__v1__list_limits_response__descriptor);
	struct text second = {0};
	struct error error = {0};

	if (!limits || control_limits(scrape->control, limits, &error)) {
		scrape->text.failed = true;
		web_message_free(limits);
		return;
	}
	metric_begin(&scrape->text, &used, scrape->open_metrics);
	metric_begin(&second, &maximum, scrape->open_metrics);
	for (size_t i = 0; i < limits->n_limits; i++) {
		const struct label labels[] = {{"resource", limits->limits[i]->name}, {NULL, NULL}};

		metric_sample(&scrape->text, &used, labels, limits->limits[i]->used);
		metric_sample(&second, &maximum, labels, limits->limits[i]->maximum);
	}
	text_move(&scrape->text, &second);
	web_message_free(limits);
}
