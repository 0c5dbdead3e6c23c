/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/reconcile/health.h"
#include "vnf/reconcile/reconciler_state.h"

struct health_targets *reconciler_health(struct reconciler *reconciler)
{
	return reconciler->health;
}

bool reconciler_report_health(struct reconciler *reconciler, const struct health_report *report, size_t count)
{
	bool changed = false;

	for (size_t i = 0; i < count; i++)
		changed |= health_report(reconciler->health, report[i].id, &report[i].verdict, &reconciler->facts);
	if (changed)
		reconciler_refresh(reconciler);
	return changed;
}
