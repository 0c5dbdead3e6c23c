/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what would happen to a packet, step by step. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/packet_options.h"
#include "vnf/ctl/packet_text.h"
#include "vnf/ctl/pcap_read.h"
#include "vnf/json/json_write.h"

/* Hex digits, in which spaces and colons are overlooked. 0, or -1 and a line on stderr. */
static int read_hex(const char *text, ProtobufCBinaryData *frame)
{
	size_t digits = 0;

	for (; *text; text++) {
		unsigned int digit;

		if (*text == ' ' || *text == ':' || *text == '\n')
			continue;
		if (!strchr("0123456789abcdefABCDEF", *text) || sscanf((char[]){*text, 0}, "%x", &digit) != 1) {
			fprintf(stderr, "error: --packet: '%c' is no hex digit\n", *text);
			return -1;
		}
		if (digits / 2 == PCAP_FRAME_MOST) {
			fprintf(stderr, "error: --packet: a frame has at most %d bytes\n", PCAP_FRAME_MOST);
			return -1;
		}
		frame->data[digits / 2] = (uint8_t)(digits % 2 ? frame->data[digits / 2] | digit : digit << 4);
		digits++;
	}
	frame->len = digits / 2;
	if (digits % 2)
		fprintf(stderr, "error: --packet: a digit is missing: two make a byte\n");
	return digits % 2 ? -1 : 0;
}

static int read_pcap(const struct packet_options *options, ProtobufCBinaryData *frame)
{
	const uint32_t number = options->packet_number ? options->packet_number : 1;
	FILE *file = strcmp(options->pcap, "-") ? fopen(options->pcap, "rb") : stdin;
	char fault[PCAP_FAULT];

	if (!file) {
		fprintf(stderr, "error: %s: %s\n", options->pcap, strerror(errno));
		return -1;
	}
	frame->len = pcap_read(file, number, frame->data, fault);
	if (!frame->len)
		fprintf(stderr, "error: %s: packet %" PRIu32 ": %s\n", options->pcap, number, fault);
	if (file != stdin)
		fclose(file);
	return frame->len ? 0 : -1;
}

/* Puts the packet that the options name into the request. */
static int take_packet(const struct options *options, Sluice__V1__PacketFields *fields,
		       Sluice__V1__ExplainRequest *request)
{
	const struct packet_options *packet = &options->packet;

	if (!!packet->hex + !!packet->pcap + (packet->from || packet->to) > 1) {
		fprintf(stderr, "error: --packet, --pcap, and --from with --to: one of them says which packet\n");
		return -1;
	}
	if (packet->hex || packet->pcap) {
		request->packet_case = SLUICE__V1__EXPLAIN_REQUEST__PACKET_FRAME;
		return packet->hex ? read_hex(packet->hex, &request->frame) : read_pcap(packet, &request->frame);
	}
	request->packet_case = SLUICE__V1__EXPLAIN_REQUEST__PACKET_FIELDS;
	request->fields = fields;
	return packet_fields(options, fields);
}

static void print_answer(const struct options *options, const Sluice__V1__ExplainResponse *answer)
{
	printf("%zu bytes by %s, revision %" PRIu64 ", generation %" PRIu64 ", program %s\n", answer->frame.len,
	       packet_interface(options), answer->revision, answer->generation, answer->program);
	print_steps(options, answer->steps, answer->n_steps);
	print_verdict(options, answer->verdict);
}

static int explain(struct session *session, const Sluice__V1__ExplainRequest *request)
{
	const struct options *options = session->options;
	Sluice__V1__ExplainResponse *answer;
	struct error error;
	int rc;

	answer = (void *)session_call(session, &sluice__v1__diagnostics_service__descriptor, "Explain", &request->base,
				      &error);
	if (!answer)
		return session_report(&error, NULL, 0);
	rc = is_dropped(answer->verdict) ? DIFFERENT : DONE;
	if (options->output != OUTPUT_JSON)
		print_answer(options, answer);
	else if (json_print(json_message(&answer->base)))
		rc = out_of_memory();
	protobuf_c_message_free_unpacked(&answer->base, NULL);
	return rc;
}

int command_explain(void *context, char **arguments)
{
	Sluice__V1__ExplainRequest request = SLUICE__V1__EXPLAIN_REQUEST__INIT;
	struct session *session = context;
	const struct options *options = session->options;
	Sluice__V1__PacketFields fields;
	uint8_t frame[PCAP_FRAME_MOST];

	(void)arguments;
	if (options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	request.interface = (char *)packet_interface(options);
	request.transaction_id = (char *)(options->packet.transaction ? options->packet.transaction : "");
	request.frame.data = frame;
	if (!*request.interface) {
		fprintf(stderr, "error: --interface: say by which interface it comes\n");
		return FAILED;
	}
	return take_packet(options, &fields, &request) ? FAILED : explain(session, &request);
}
