/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/verdict.h"

#include "api/dp/reason.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/features/base/base.h"
#include "vnf/reconcile/reconciler.h"

static const struct {
	const char *name, *description;
	Sluice__V1__Verdict verdict;
} reasons[] = {
#define REASON(name, verdict, description) {#name, description, SLUICE__V1__VERDICT__VERDICT_##verdict},
	DP_REASONS(REASON)
#undef REASON
};

const char *reason_name(uint32_t reason)
{
	return reason < DP_REASON_COUNT ? reasons[reason].name : "";
}

const char *seen_program(uint8_t program)
{
	return program == DP_OBSERVED_TC ? "tc" : "xdp";
}

/* The interface's own device, and else that of the number. */
static int fill_way_out(struct seen_names *names, const struct dp_observation *head, struct reconciler *reconciler,
			Sluice__V1__PacketVerdict *verdict)
{
	const struct resource *interface = seen_resource(names, RESOURCE_INTERFACE, head->out_interface);
	char device[16] = "";
	uint16_t vlan_id;

	if (!head->out_ifindex && !interface)
		return 0;
	if (interface)
		return encode_text(&verdict->interface, interface->self->text) ||
		       encode_text(&verdict->device, ((const struct interface *)interface)->device);
	return reconciler_place(reconciler, head->out_ifindex, device, &vlan_id)
		       ? 0
		       : encode_text(&verdict->device, device);
}

Sluice__V1__PacketVerdict *seen_verdict(struct seen_names *names, const struct dp_observation *head,
					struct reconciler *reconciler)
{
	Sluice__V1__PacketVerdict *verdict = message_new(&sluice__v1__packet_verdict__descriptor);

	if (!verdict || head->reason >= DP_REASON_COUNT)
		return verdict;
	verdict->verdict = reasons[head->reason].verdict;
	if (!encode_text(&verdict->reason, reasons[head->reason].name) &&
	    !encode_text(&verdict->description, reasons[head->reason].description) &&
	    !encode_text(&verdict->remedy, reason_remedy(head->reason)) &&
	    (verdict->verdict != SLUICE__V1__VERDICT__VERDICT_FORWARDED ||
	     !fill_way_out(names, head, reconciler, verdict)))
		return verdict;
	message_free(verdict);
	return NULL;
}
