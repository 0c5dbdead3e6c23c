/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of resources, of all kinds but those that there can be a million of. */
#include <string.h>

#include "vnf/control/control.h"
#include "vnf/web/metrics/groups.h"
#include "vnf/web/metrics/kind_metrics.h"

#define MOST 10000 /* resources of a kind; there are more members and interfaces than that in none but odd routers */

static const struct kind_metrics *const kinds[] = {
	&interface_metrics, &tunnel_metrics,   &stage_metrics,	  &classifier_metrics, &limiter_metrics,
	&rule_metrics,	    &balancer_metrics, &listener_metrics, &member_metrics,     &source_metrics};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

bool kind_is_programmed(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->programmed == SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED;
	return true;
}

bool kind_packets(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->counters ? state->counters->packets : 0;
	return state->counters;
}

bool kind_bytes(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->counters ? state->counters->bytes : 0;
	return state->counters;
}

/* Samples of a family stand together: each family has a text of its own until all resources are seen. */
struct sight {
	const struct kind_metrics *kind;
	struct text text[KIND_FAMILIES];
};

static void see(void *context, const Sluice__V1__ResourceState *state)
{
	struct sight *sight = context;
	struct label label[KIND_LABELS];

	memset(label, 0, sizeof(label));
	sight->kind->label(state, label);
	for (size_t i = 0; i < sight->kind->families; i++) {
		const struct kind_family *family = &sight->kind->family[i];
		uint64_t value;

		if (!family->value(state, &value))
			continue;
		if (family->divisor)
			metric_sample_real(&sight->text[i], &family->metric, label, (double)value / family->divisor);
		else
			metric_sample(&sight->text[i], &family->metric, label, value);
	}
}

/* How many resources were left out. */
static size_t add_kind(struct scrape *scrape, const struct kind_metrics *kind)
{
	struct sight sight = {.kind = kind};
	struct error error = {0};
	size_t left = 0;

	if (control_visit(scrape->control, kind->kind, MOST, see, &sight, &left, &error))
		scrape->text.failed = true;
	for (size_t i = 0; i < kind->families; i++) {
		if (sight.text[i].length)
			metric_begin(&scrape->text, &kind->family[i].metric, scrape->open_metrics);
		text_move(&scrape->text, &sight.text[i]);
	}
	return left;
}

void metrics_resources(struct scrape *scrape)
{
	static const struct metric omitted = {"sluice_resources_without_metrics", METRIC_GAUGE, NULL,
					      "Resources beyond the first 10,000 of a kind, which have no metrics"};
	size_t left[KINDS];

	for (size_t i = 0; i < KINDS; i++)
		left[i] = add_kind(scrape, kinds[i]);
	metric_begin(&scrape->text, &omitted, scrape->open_metrics);
	for (size_t i = 0; i < KINDS; i++) {
		const struct label labels[] = {{"kind", kinds[i]->name}, {NULL, NULL}};

		metric_sample(&scrape->text, &omitted, labels, left[i]);
	}
}
