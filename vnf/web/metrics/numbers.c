/* SPDX-License-Identifier: Apache-2.0 */
/* VRFs, ports, connections and commits. */
#include "vnf/control/control.h"
#include "vnf/web/http/message.h"
#include "vnf/web/metrics/groups.h"

static const struct metric vrf_metrics[] = {
	{"sluice_vrf_routes", METRIC_GAUGE, NULL, "Routes of clients in the VRF"},
	{"sluice_vrf_learned_routes", METRIC_GAUGE, NULL, "Routes of route sources in the VRF, also those that lose"},
	{"sluice_vrf_policy_rules", METRIC_GAUGE, NULL, "Rules of the VRF's policy"},
	{"sluice_vrf_policy_worst_case_probes", METRIC_GAUGE, NULL,
	 "Kinds of rules that a packet of the VRF may have to be compared with at worst"},
};

#define VRF_METRICS (sizeof(vrf_metrics) / sizeof(*vrf_metrics))

static void see_vrf(void *context, const char *vrf, const struct vrf_figures *figures)
{
	const uint64_t value[VRF_METRICS] = {figures->routes, figures->learned, figures->policy_rules,
					     figures->policy_probes};
	const struct label labels[] = {{"vrf", vrf}, {NULL, NULL}};
	struct text *text = context;

	for (size_t i = 0; i < VRF_METRICS; i++)
		metric_sample(&text[i], &vrf_metrics[i], labels, value[i]);
}

void metrics_vrfs(struct scrape *scrape)
{
	struct text text[VRF_METRICS] = {0};

	control_visit_vrfs(scrape->control, see_vrf, text);
	for (size_t i = 0; i < VRF_METRICS; i++) {
		metric_begin(&scrape->text, &vrf_metrics[i], scrape->open_metrics);
		text_move(&scrape->text, &text[i]);
	}
}

void metrics_ports(struct scrape *scrape)
{
	static const struct metric up = {"sluice_port_up", METRIC_GAUGE, NULL, "1: the device is up"};
	static const struct metric native = {
		"sluice_port_native_xdp", METRIC_GAUGE, NULL,
		"1: XDP runs in the device's driver; 0: the program of the clsact qdisc alone, several times slower"};
	Sluice__V1__ListPortsResponse *ports = web_message_new(&sluice__v1__list_ports_response__descriptor);
	struct text second = {0};
	struct error error = {0};

	if (!ports || control_ports(scrape->control, ports, &error)) {
		scrape->text.failed = true;
		web_message_free(ports);
		return;
	}
	metric_begin(&scrape->text, &up, scrape->open_metrics);
	metric_begin(&second, &native, scrape->open_metrics);
	for (size_t i = 0; i < ports->n_ports; i++) {
		const struct label labels[] = {{"device", ports->ports[i]->device}, {NULL, NULL}};

		metric_sample(&scrape->text, &up, labels, ports->ports[i]->up);
		metric_sample(&second, &native, labels,
			      ports->ports[i]->xdp_mode == SLUICE__V1__XDP_MODE__XDP_MODE_NATIVE);
	}
	text_move(&scrape->text, &second);
	web_message_free(ports);
}

void metrics_connections(struct scrape *scrape)
{
	static const struct metric now = {
		"sluice_connections", METRIC_GAUGE, NULL,
		"Connections that are followed, by whether they begin, are there or are over"};
	static const struct metric most = {"sluice_connections_max", METRIC_GAUGE, NULL,
					   "Connections that there is room for"};
	struct connection_figures figures;

	control_connection_figures(scrape->control, &figures);
	metric_begin(&scrape->text, &now, scrape->open_metrics);
	metric_sample(&scrape->text, &now, (struct label[]){{"state", "embryonic"}, {NULL, NULL}}, figures.embryonic);
	metric_sample(&scrape->text, &now, (struct label[]){{"state", "established"}, {NULL, NULL}},
		      figures.established);
	metric_sample(&scrape->text, &now, (struct label[]){{"state", "over"}, {NULL, NULL}}, figures.over);
	metric_begin(&scrape->text, &most, scrape->open_metrics);
	metric_sample(&scrape->text, &most, NULL, figures.capacity);
}

void metrics_commits(struct scrape *scrape)
{
	static const struct metric duration = {
		"sluice_commit_duration_seconds", METRIC_HISTOGRAM, "seconds",
		"Time of commits from when they were taken on until packets met them, or it was known that they change "
		"nothing or are refused"};
	static const char *const names[COMMIT_OUTCOMES] = {
		[COMMIT_PROGRAMMED] = "programmed", [COMMIT_UNCHANGED] = "unchanged", [COMMIT_REFUSED] = "refused"};
	double bound[HISTOGRAM_BOUNDS];

	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++)
		bound[i] = histogram_bound_us[i] / 1e6;
	metric_begin(&scrape->text, &duration, scrape->open_metrics);
	for (size_t i = 0; i < COMMIT_OUTCOMES; i++) {
		const struct label labels[] = {{"outcome", names[i]}, {NULL, NULL}};
		struct metric_histogram histogram = {.buckets = HISTOGRAM_BOUNDS, .bound = bound};
		struct histogram_reading reading;

		control_commit_times(scrape->control, (enum commit_outcome)i, &reading);
		histogram.count = reading.count;
		histogram.sum = (double)reading.sum_us / 1e6;
		metric_sample_histogram(&scrape->text, &duration, labels, &histogram);
	}
}
