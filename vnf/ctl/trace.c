/* SPDX-License-Identifier: Apache-2.0 */
/* trace: the steps of real packets. */
#include <inttypes.h>
#include <stdio.h>

#include "vnf/ctl/commands.h"
#include "vnf/ctl/packet_options.h"
#include "vnf/ctl/packet_stream.h"
#include "vnf/ctl/packet_text.h"
#include "vnf/json/json_write.h"

struct trace {
	const struct options *options;
	uint64_t shown, lost;
};

static int show(void *context, ProtobufCMessage *message)
{
	const Sluice__V1__TraceResponse *packet = (const Sluice__V1__TraceResponse *)message;
	struct trace *trace = context;
	char time[CLOCK_TEXT];

	trace->lost = packet->lost;
	if (!packet->verdict)
		return DONE;
	trace->shown++;
	if (trace->options->output == OUTPUT_JSON) {
		if (json_print(json_message(message)))
			return out_of_memory();
	} else {
		printf("%s packet %" PRIu64 " of CPU %" PRIu32 " by %s, generation %" PRIu64 ", program %s\n",
		       clock_text(packet->time, time), packet->packet, packet->cpu,
		       *packet->interface ? packet->interface : "no interface", packet->generation, packet->program);
		print_steps(trace->options, packet->steps, packet->n_steps);
		print_verdict(trace->options, packet->verdict);
	}
	return fflush(stdout) ? FAILED : DONE;
}

int command_trace(void *context, char **arguments)
{
	Sluice__V1__TraceRequest request = SLUICE__V1__TRACE_REQUEST__INIT;
	struct session *session = context;
	struct trace trace = {.options = session->options};
	Sluice__V1__PacketFilter filter;
	Sluice__V1__Verdict verdicts[4];
	int rc;

	(void)arguments;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	if (packet_count(session->options, &request.packets) || packet_filter(session->options, &filter, verdicts))
		return FAILED;
	request.filter = &filter;
	request.seconds = session->options->packet.seconds;
	rc = packet_stream(session, "Trace", &request.base, show, &trace);
	if (rc == DONE)
		fprintf(stderr, "%" PRIu64 " packets, %" PRIu64 " lost\n", trace.shown, trace.lost);
	return rc;
}
