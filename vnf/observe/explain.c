/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "vnf/observe/state.h"

#define XDP_PASSES  2 /* enum xdp_action, linux/bpf.h */
#define TAG_AT	    12
#define TAG_SIZE    4
#define TC_LONGEST  3500 /* bytes that the kernel takes for a test run with a socket buffer, which is one page */
#define LEAST_FRAME 14

static int refuse(struct error *error, enum error_code code, const char *message)
{
	error_add(error, code, NULL, "%s", message);
	return -1;
}

static int run(const struct observer *observer, int which, struct twin_run *run, struct error *error)
{
	int status = twins_run(&observer->explainers, which, run);

	if (!status)
		return 0;
	if (status == -ENODEV)
		return refuse(error, ERROR_NOT_FOUND, "there is no such device in the dataplane's namespace");
	error_add(error, ERROR_INVALID_ARGUMENT, NULL, "the kernel cannot run such a frame: %s", strerror(-status));
	return -1;
}

/* The programs of the clsact qdisc, which the kernel gives whole IP headers only. */
static int run_tc(const struct observer *observer, struct twin_run *all, struct error *error)
{
	static __thread uint8_t between[OBSERVER_FRAME];
	struct twin_run one = *all;

	if (all->in_length > TC_LONGEST)
		return refuse(error, ERROR_INVALID_ARGUMENT,
			      "of a packet that XDP leaves to the kernel no more than 3500 bytes can be explained: "
			      "shorten its payload");
	one.out = between;
	one.out_length = sizeof(between);
	if (run(observer, TWIN_TC, &one, error))
		return -1;
	if (one.verdict != TC_ACT_UNSPEC) {
		memcpy(all->out, between, one.out_length);
		all->out_length = one.out_length;
		all->verdict = one.verdict;
		return 0;
	}
	all->in = between; /* the other filter has what this one lets go on */
	all->in_length = one.out_length;
	return run(observer, TWIN_ANSWERS, all, error);
}

/* The tag that stands beside the frame, where it is on the wire. */
static void put_tag(struct explained *explained, uint32_t length)
{
	uint32_t tag = explained->head.out_tag;

	if (!tag || length < TAG_AT || length > sizeof(explained->out) - TAG_SIZE)
		return;
	memmove(explained->out + TAG_AT + TAG_SIZE, explained->out + TAG_AT, length - TAG_AT);
	explained->out[TAG_AT] = (uint8_t)(tag >> 24);
	explained->out[TAG_AT + 1] = (uint8_t)(tag >> 16);
	explained->out[TAG_AT + 2] = (uint8_t)(tag >> 8);
	explained->out[TAG_AT + 3] = (uint8_t)tag;
}

/* What the twin has noted, which is in the first row. */
static void take(const struct observer *observer, const struct observer_packet *packet, const struct twin_run *ran,
		 struct explained *explained)
{
	const struct dp_observed *observed = &observer->explainers.observed[0];

	explained->head = observed->head;
	explained->head.observers = DP_OBSERVED_EXPLAIN;
	explained->head.steps = observed->steps ? observed->head.steps : 0;
	explained->head.generation = dataplane_generation(observer->dataplane);
	explained->head.generation -= (explained->head.generation ^ packet->bank) & 1;
	memcpy(explained->step, observed->step, sizeof(explained->step[0]) * explained->head.steps);
	if (explained->head.out_ifindex)
		put_tag(explained, ran->out_length);
	else
		explained->head.out_length = 0;
}

int explain_by(struct observer *observer, const struct observer_packet *packet, bool by_xdp, bool steps,
	       struct explained *explained, struct error *error)
{
	struct twin_run ran = {.ifindex = packet->ifindex,
			       .in = packet->frame,
			       .in_length = packet->length,
			       .out = explained->out,
			       .out_length = sizeof(explained->out)};

	if (packet->length < LEAST_FRAME || packet->length > OBSERVER_FRAME)
		return refuse(error, ERROR_INVALID_ARGUMENT, "a frame has 14 to 9216 bytes");
	if (!packet->ifindex && !packet->vrf)
		return refuse(error, ERROR_INVALID_ARGUMENT, "a packet comes by a device, or is in a VRF: name one");
	if (observer_prepare(observer, OBSERVER_EXPLAINS, error))
		return -1;
	twins_choose_bank(&observer->explainers, packet->bank);
	observer->explainers.observing->session[0].steps = steps;
	observer->explainers.observing->vrf = packet->ifindex ? 0 : packet->vrf;
	observer->explainers.observed[0].kept = 0;
	if (by_xdp && run(observer, TWIN_XDP, &ran, error))
		return -1;
	if (!by_xdp || ran.verdict == XDP_PASSES) {
		ran.out_length = sizeof(explained->out);
		if (run_tc(observer, &ran, error))
			return -1;
	}
	take(observer, packet, &ran, explained);
	return 0;
}

int observer_explain(struct observer *observer, const struct observer_packet *packet, bool steps,
		     struct explained *explained, struct error *error)
{
	bool by_xdp = dataplane_port_mode(observer->dataplane, packet->ifindex) != XDP_TC;

	return explain_by(observer, packet, by_xdp, steps, explained, error);
}
