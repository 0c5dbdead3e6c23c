/* SPDX-License-Identifier: Apache-2.0 */
/* What an observed packet met, stage by stage, with the names of resources in place of their ids. */
#ifndef SLUICE_CONTROL_SEEN_STEPS_H
#define SLUICE_CONTROL_SEEN_STEPS_H

#include "api/dp/observe.h"
#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/seen/names.h"

/* Makes the list of steps, which is to be empty. Ids that no resource has any more are shown as numbers. 0, or -ENOMEM
 * with some of them in the list. */
int seen_steps(struct seen_names *names, const struct dp_step *step, size_t count, Sluice__V1__Step ***list,
	       size_t *listed);

#endif
