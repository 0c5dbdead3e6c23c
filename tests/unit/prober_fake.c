/* SPDX-License-Identifier: Apache-2.0 */
/* HealthService without a control plane: nothing is to be probed. */
#include "vnf/control/control.h"
#include "vnf/core/error.h"

int control_prober_open(struct control *control, struct control_prober *prober, struct error *error)
{
	(void)control;
	(void)prober;
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "somebody else probes already");
	return -1;
}

void control_prober_close(struct control *control)
{
	(void)control;
}

int control_prober_take(struct control *control, size_t most, Sluice__V1__HealthTargets *targets, struct error *error)
{
	(void)control;
	(void)most;
	(void)error;
	targets->complete = true;
	return 0;
}

int control_prober_report(struct control *control, const Sluice__V1__HealthReports *reports, struct error *error)
{
	(void)control;
	(void)reports;
	(void)error;
	return 0;
}
