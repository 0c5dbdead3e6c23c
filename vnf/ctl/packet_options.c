/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/packet_options.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/options.h"

static int set_number(const char *name, const char *value, uint64_t most, void *place)
{
	uint64_t number;

	if (options_number(name, value, 1, most, &number))
		return -1;
	*(uint32_t *)place = (uint32_t)number;
	return 0;
}

int set_sport(void *place, const char *value)
{
	return set_number("sport", value, 65535, place);
}

int set_dport(void *place, const char *value)
{
	return set_number("dport", value, 65535, place);
}

int set_vni(void *place, const char *value)
{
	return set_number("vni", value, 0xffffff, place);
}

int set_ttl(void *place, const char *value)
{
	return set_number("ttl", value, 255, place);
}

int set_length(void *place, const char *value)
{
	return set_number("length", value, 9000, place);
}

int set_packet_number(void *place, const char *value)
{
	return set_number("packet-number", value, UINT32_MAX, place);
}

int set_snap(void *place, const char *value)
{
	return set_number("snap", value, 1664, place);
}

int set_seconds(void *place, const char *value)
{
	return set_number("seconds", value, 86400, place);
}

int set_one_in(void *place, const char *value)
{
	return set_number("one-in", value, 32768, place);
}

static const char *const verdict_names[] = {NULL, "forwarded", "punted", "dropped", "answered"};

#define VERDICTS (sizeof(verdict_names) / sizeof(*verdict_names))

int add_verdict(void *place, const char *value)
{
	for (size_t i = 1; i < VERDICTS; i++)
		if (strcmp(value, verdict_names[i]) == 0) {
			*(uint32_t *)place |= 1U << i;
			return 0;
		}
	fprintf(stderr, "error: --verdict %s: not one of forwarded, punted, dropped, answered\n", value);
	return -1;
}

void offer_verdicts(struct cli_completion *completion)
{
	for (size_t i = 1; i < VERDICTS; i++)
		cli_offer(completion, verdict_names[i]);
}

static const struct {
	const char *name;
	uint32_t number;
} protocols[] = {
	{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP},	    {"udp", IPPROTO_UDP},   {"gre", IPPROTO_GRE},
	{"esp", IPPROTO_ESP},	{"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP},
};

#define PROTOCOLS (sizeof(protocols) / sizeof(*protocols))

int protocol_option(const char *text, uint32_t *number)
{
	char *end;

	*number = (uint32_t)strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && *number >= 1 && *number <= 255)
		return 0;
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (strcmp(text, protocols[i].name) == 0) {
			*number = protocols[i].number;
			return 0;
		}
	fprintf(stderr, "error: --protocol %s: a number from 1 to 255 is expected, or one of", text);
	for (size_t i = 0; i < PROTOCOLS; i++)
		fprintf(stderr, " %s", protocols[i].name);
	fputc('\n', stderr);
	return -1;
}

const char *protocol_name(uint32_t number)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (protocols[i].number == number)
			return protocols[i].name;
	return NULL;
}

/* "syn,ack" as the bits of RFC 9293. */
static int take_flags(const char *text, uint32_t *flags)
{
	static const char *const names[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

	while (*text) {
		const size_t length = strcspn(text, ",");
		size_t i = 0;

		while (i < 8 && (strlen(names[i]) != length || strncasecmp(text, names[i], length) != 0))
			i++;
		if (i == 8) {
			fprintf(stderr,
				"error: --tcp-flags %s: names of fin, syn, rst, psh, ack, urg, ece, cwr are expected, "
				"with commas between\n",
				text);
			return -1;
		}
		*flags |= 1U << i;
		text += length + (text[length] == ',');
	}
	return 0;
}

static char *text_or_nothing(const char *text)
{
	return (char *)(text ? text : "");
}

const char *packet_interface(const struct options *options)
{
	return options->packet.interface ? options->packet.interface : text_or_nothing(options->port);
}

int packet_fields(const struct options *options, Sluice__V1__PacketFields *fields)
{
	const struct packet_options *packet = &options->packet;

	*fields = (Sluice__V1__PacketFields)SLUICE__V1__PACKET_FIELDS__INIT;
	if (!packet->from || !packet->to) {
		fprintf(stderr,
			"error: which packet? Name its ends by --from and --to, or give it by --packet or --pcap\n");
		return -1;
	}
	fields->source = text_or_nothing(packet->from);
	fields->destination = text_or_nothing(packet->to);
	fields->source_port = packet->sport;
	fields->destination_port = packet->dport;
	fields->ttl = packet->ttl;
	fields->length = packet->length;
	fields->vni = packet->vni;
	fields->tunnel = text_or_nothing(packet->tunnel);
	if (packet->tcp_flags && take_flags(packet->tcp_flags, &fields->tcp_flags))
		return -1;
	return options->protocol ? protocol_option(options->protocol, &fields->protocol) : 0;
}

int packet_filter(const struct options *options, Sluice__V1__PacketFilter *filter, Sluice__V1__Verdict *verdicts)
{
	const struct packet_options *packet = &options->packet;

	*filter = (Sluice__V1__PacketFilter)SLUICE__V1__PACKET_FILTER__INIT;
	filter->interface = (char *)packet_interface(options);
	filter->out_interface = text_or_nothing(packet->out_interface);
	filter->vrf = text_or_nothing(options->vrf);
	filter->source = text_or_nothing(packet->from);
	filter->destination = text_or_nothing(packet->to);
	filter->source_port = packet->sport;
	filter->destination_port = packet->dport;
	filter->either = packet->either;
	filter->vni = packet->vni;
	filter->tunnel = text_or_nothing(packet->tunnel);
	filter->rule = text_or_nothing(options->rule);
	filter->reason = text_or_nothing(packet->reason);
	filter->verdicts = verdicts;
	for (uint32_t i = 1; i < VERDICTS; i++)
		if (packet->verdicts & 1U << i)
			verdicts[filter->n_verdicts++] = (Sluice__V1__Verdict)i;
	return options->protocol ? protocol_option(options->protocol, &filter->protocol) : 0;
}

int packet_count(const struct options *options, uint64_t *packets)
{
	*packets = options->count;
	if (*packets >= 1 && *packets <= 1000000)
		return 0;
	fprintf(stderr, "error: --count: say how many packets, 1 to 1000000; Ctrl-C ends it before\n");
	return -1;
}
