/* SPDX-License-Identifier: Apache-2.0 */
/* The health of targets without a reconciler: there are none, as no tables say which there are. */
#include "control_fixture.h"

#include "vnf/reconcile/health.h"
#include "vnf/reconcile/reconciler.h"

static struct health_targets *targets;

/* Before a test has allocations fail. */
__attribute__((constructor)) static void begin(void)
{
	targets = health_targets_new();
}

__attribute__((destructor)) static void end(void)
{
	health_targets_free(targets);
}

struct health_targets *reconciler_health(struct reconciler *reconciler)
{
	(void)reconciler;
	return targets;
}

bool reconciler_report_health(struct reconciler *reconciler, const struct health_report *report, size_t count)
{
	(void)reconciler;
	(void)report;
	(void)count;
	return false;
}

bool reconciler_is_probed(struct reconciler *reconciler)
{
	(void)reconciler;
	return health_is_listened_to(targets);
}

bool reconciler_health_facts(struct reconciler *reconciler, const struct health_key *key,
			     struct health_verdict *verdict)
{
	(void)reconciler;
	return health_facts(targets, key, verdict);
}
