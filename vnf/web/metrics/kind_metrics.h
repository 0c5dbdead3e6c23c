/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of resources: a table a kind. */
#ifndef SLUICE_WEB_METRICS_KIND_METRICS_H
#define SLUICE_WEB_METRICS_KIND_METRICS_H

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/web/metrics/text.h"

#define KIND_LABELS   4 /* of a sample at most, with the one that ends them */
#define KIND_FAMILIES 8 /* of a kind at most */

struct kind_family {
	struct metric metric;
	/* The resource's sample; false: it has none. */
	bool (*value)(const Sluice__V1__ResourceState *state, uint64_t *value);
	uint32_t divisor; /* of the value, for a base unit: 1000000 of microseconds; 0: it is as it is */
};

struct kind_metrics {
	Sluice__V1__ResourceKind kind;
	const char *name; /* of the kind */
	void (*label)(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS]);
	const struct kind_family *family; /* `families` of them */
	size_t families;
};

extern const struct kind_metrics interface_metrics, tunnel_metrics, stage_metrics, classifier_metrics, limiter_metrics,
	rule_metrics, balancer_metrics, listener_metrics, member_metrics, source_metrics;

/* Values that several kinds have. */
bool kind_is_programmed(const Sluice__V1__ResourceState *state, uint64_t *value);
bool kind_packets(const Sluice__V1__ResourceState *state, uint64_t *value); /* of `counters` */
bool kind_bytes(const Sluice__V1__ResourceState *state, uint64_t *value);

#define KIND_FAMILY_COUNT(families) (sizeof(families) / sizeof(*(families)))

#endif
