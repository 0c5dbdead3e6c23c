/* SPDX-License-Identifier: Apache-2.0 */
/* capture: frames of real packets, as lines or as a pcapng file. */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "vnf/core/text.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/frame_text.h"
#include "vnf/ctl/packet_options.h"
#include "vnf/ctl/packet_stream.h"
#include "vnf/ctl/packet_text.h"
#include "vnf/ctl/pcapng_write.h"

#define SNAP 256 /* as the API has it where none is given */

struct capture {
	FILE *file;
	struct pcapng *pcapng; /* NULL: a line a packet */
	uint64_t packets, lost;
	uint64_t noted; /* of the lost ones, with a frame */
};

static uint64_t xdp_verdict(Sluice__V1__Verdict verdict)
{
	switch (verdict) {
	case SLUICE__V1__VERDICT__VERDICT_FORWARDED:
		return XDP_REDIRECT;
	case SLUICE__V1__VERDICT__VERDICT_PUNTED:
		return XDP_PASS;
	case SLUICE__V1__VERDICT__VERDICT_ANSWERED:
		return XDP_TX;
	default:
		return XDP_DROP;
	}
}

/* A frame in a tunnel is of the tunnel, others are of their interface. */
static int write_frame(struct capture *capture, const Sluice__V1__CaptureResponse *packet,
		       const Sluice__V1__CapturedFrame *frame)
{
	const bool out = frame->stage == SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_OUT;
	const char *tunnel = out ? packet->out_tunnel : packet->in_tunnel;
	const char *interface = *frame->interface ? frame->interface : frame->device;
	char description[200], comment[400];
	const struct pcapng_packet record = {
		.interface = *tunnel ? tunnel : interface,
		.description = description,
		.bytes = frame->bytes.data,
		.kept = (uint32_t)frame->bytes.len,
		.length = frame->length,
		.time = packet->time,
		.out = out,
		.packet = (uint64_t)packet->cpu << 48 | (packet->packet & 0xffffffffffff),
		.dropped = packet->lost - capture->noted,
		.verdict = xdp_verdict(packet->verdict->verdict),
		.comment = comment,
	};

	snprintf(description, sizeof(description), "%s%.64s%s%.64s (%.16s)", *tunnel ? "tunnel " : "interface ",
		 *tunnel ? tunnel : interface, *tunnel ? " on " : "", *tunnel ? interface : "", frame->device);
	snprintf(comment, sizeof(comment), "vrf %.64s; %s: %s; generation %" PRIu64,
		 *packet->vrf ? packet->vrf : "none", packet->verdict->reason, packet->verdict->description,
		 packet->generation);
	capture->noted = packet->lost;
	return pcapng_add(capture->pcapng, &record);
}

static void print_line(const Sluice__V1__CaptureResponse *packet)
{
	const Sluice__V1__CapturedFrame *in = NULL, *out = NULL;
	char time[CLOCK_TEXT], frame[FRAME_TEXT];

	for (size_t i = 0; i < packet->n_frames; i++)
		*(packet->frames[i]->stage == SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_IN ? &in : &out) =
			packet->frames[i];
	printf("%s", clock_text(packet->time, time));
	if (in)
		printf(" in %s: %s, %" PRIu32 " bytes", in->interface, frame_text(in->bytes.data, in->bytes.len, frame),
		       in->length);
	if (out)
		printf("%s out %s: %s, %" PRIu32 " bytes", in ? ";" : "",
		       *out->interface ? out->interface : out->device,
		       frame_text(out->bytes.data, out->bytes.len, frame), out->length);
	printf("; vrf %s, %s\n", *packet->vrf ? packet->vrf : "none", packet->verdict->reason);
}

static int show(void *context, ProtobufCMessage *message)
{
	Sluice__V1__CaptureResponse *packet = (Sluice__V1__CaptureResponse *)message;
	struct capture *capture = context;

	capture->lost = packet->lost;
	if (!packet->verdict)
		return DONE;
	capture->packets++;
	if (!capture->pcapng)
		print_line(packet);
	for (size_t i = 0; capture->pcapng && i < packet->n_frames; i++)
		if (write_frame(capture, packet, packet->frames[i]))
			break;
	if (fflush(capture->file) || ferror(capture->file)) {
		fprintf(stderr, "error: the capture cannot be written: %s\n", strerror(errno));
		return FAILED;
	}
	return DONE;
}

static size_t take_stages(const struct packet_options *options, Sluice__V1__CaptureStage *stages)
{
	size_t count = 0;

	if (options->in)
		stages[count++] = SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_IN;
	if (options->out)
		stages[count++] = SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_OUT;
	return count;
}

/* The file that is to be written; NULL: a line on stderr says why not. */
static FILE *open_file(const char *name)
{
	FILE *file = !name || strcmp(name, "-") == 0 ? stdout : fopen(name, "wb");

	if (!file)
		fprintf(stderr, "error: %s: %s\n", name, strerror(errno));
	return file;
}

static int run(struct session *session, struct capture *capture, const Sluice__V1__CaptureRequest *request)
{
	const char *name = session->options->packet.write;
	int rc;

	capture->file = open_file(name);
	if (!capture->file)
		return FAILED;
	if (name)
		capture->pcapng = pcapng_new(capture->file, "sluicectl " SLUICE_VERSION,
					     request->snap_length ? request->snap_length : SNAP);
	fflush(capture->file); /* who waits for the file sees it; a failure is found with the first packet */
	rc = name && !capture->pcapng ? out_of_memory()
				      : packet_stream(session, "Capture", &request->base, show, capture);
	pcapng_free(capture->pcapng);
	if (capture->file != stdout && fclose(capture->file) && rc == DONE) {
		fprintf(stderr, "error: %s: %s\n", name, strerror(errno));
		rc = FAILED;
	}
	if (rc == DONE)
		fprintf(stderr, "%" PRIu64 " packets, %" PRIu64 " lost\n", capture->packets, capture->lost);
	return rc;
}

int command_capture(void *context, char **arguments)
{
	Sluice__V1__CaptureRequest request = SLUICE__V1__CAPTURE_REQUEST__INIT;
	struct session *session = context;
	Sluice__V1__PacketFilter filter;
	Sluice__V1__Verdict verdicts[4];
	Sluice__V1__CaptureStage stages[2];
	struct capture capture = {0};

	(void)arguments;
	if (packet_count(session->options, &request.packets) || packet_filter(session->options, &filter, verdicts))
		return FAILED;
	request.filter = &filter;
	request.seconds = session->options->packet.seconds;
	request.snap_length = session->options->packet.snap;
	request.stages = stages;
	request.n_stages = take_stages(&session->options->packet, stages);
	return run(session, &capture, &request);
}
