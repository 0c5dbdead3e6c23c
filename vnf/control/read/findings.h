/* SPDX-License-Identifier: Apache-2.0 */
/* What of the machine's and the devices' facts is in the router's way, and what helps: judgement, without looking. */
#ifndef SLUICE_CONTROL_FINDINGS_H
#define SLUICE_CONTROL_FINDINGS_H

#include "sluice/v1/system_service.pb-c.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/dataplane/xdp/probe.h"

struct findings {
	Sluice__V1__PreflightResponse *response; /* the findings are added to it */
	size_t room;
	bool failed; /* out of memory */
};

/* `routes`: that there is room for beyond those that are there. */
void findings_machine(struct findings *findings, const struct probe_machine *machine, uint64_t routes);

/* `next_hops`: as many as there may be, each of which may be a neighbour. */
void findings_neighbours(struct findings *findings, const struct probe_machine *machine, uint64_t next_hops);

/* `wanted`: a route source acknowledges. Nothing is found otherwise. */
void findings_acknowledgements(struct findings *findings, const struct probe_machine *machine, bool wanted);

/* `fragments`: of tunnel packets, that were dropped since the start. */
void findings_fragments(struct findings *findings, uint64_t fragments);

/* `facts` as reconciler_device has them: how XDP is attached, if it is. */
void findings_device(struct findings *findings, const struct probe_device *device, const struct device_facts *facts,
		     const struct probe_machine *machine);

/* A device that cannot be a port. */
void findings_missing(struct findings *findings, const char *name);
void findings_management(struct findings *findings, const char *name);

#endif
