/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <sched.h>
#include <string.h>

#include "vnf/dataplane/internal.h"

#define FRAME_BYTES 60

/* Runs the router of the clsact qdisc as if a frame for another station had come by the port. 0 and what it answers, or
 * -errno. */
static int run(int program, const struct dp_port *port, int *answer)
{
	unsigned char frame[FRAME_BYTES] = {[12] = 0x88, [13] = 0xb5}, out[FRAME_BYTES]; /* IEEE 802, experimental */
	struct __sk_buff context = {.ifindex = port->ifindex, .ingress_ifindex = port->ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context, .ctx_size_in = sizeof(context));

	frame[0] = frame[6] = 0x02; /* unicast, locally administered */
	for (int i = 1; i < 6; i++)
		frame[i] = (unsigned char)~port->mac[i];
	if (bpf_prog_test_run_opts(program, &options))
		return -errno;
	*answer = (int)options.retval;
	return 0;
}

/* Takes the trial's own packet out again. On the CPU that has counted it: packets there come before or behind this one
 * instruction, and the sum with the record that still waits is right at every moment. */
static void take_back(struct dataplane *dataplane, uint32_t cpu, uint32_t index)
{
	struct dp_counter *counter = dataplane->counters + (size_t)cpu * dataplane->counter_count + index;

	__atomic_fetch_sub(&counter->packets, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&counter->bytes, FRAME_BYTES, __ATOMIC_RELAXED);
}

/* On this CPU alone. */
static int try_here(struct dataplane *dataplane, uint32_t cpu, const struct dp_port *port)
{
	const uint32_t index[] = {DP_COUNTER_RX + port->interface, DP_COUNTER_REASONS + DP_REASON_wrong_mac};
	struct dp_counter before[2], after[2];
	int answer = TC_ACT_UNSPEC, status;

	for (int i = 0; i < 2; i++)
		dataplane_counter(dataplane, index[i], &before[i]);
	status = run(dataplane->tc_program[TC_ROUTER], port, &answer);
	if (status)
		return status;
	for (int i = 0; i < 2; i++) {
		dataplane_counter(dataplane, index[i], &after[i]);
		if (answer != TC_ACT_SHOT || after[i].packets == before[i].packets)
			return -EBADMSG;
	}
	for (int i = 0; i < 2; i++)
		take_back(dataplane, cpu, index[i]);
	return 0;
}

int dataplane_try_port(struct dataplane *dataplane, const struct dp_port *port)
{
	cpu_set_t all, here;
	int cpu = sched_getcpu(), status;

	if (cpu < 0 || (uint32_t)cpu >= dataplane->cpus || sched_getaffinity(0, sizeof(all), &all))
		return -errno;
	CPU_ZERO(&here);
	CPU_SET((unsigned int)cpu, &here);
	if (sched_setaffinity(0, sizeof(here), &here))
		return -errno;
	status = try_here(dataplane, (uint32_t)cpu, port);
	(void)sched_setaffinity(0, sizeof(all), &all);
	return status;
}
