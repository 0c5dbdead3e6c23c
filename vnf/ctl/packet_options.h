/* SPDX-License-Identifier: Apache-2.0 */
/* The options that make or select packets: their setters, for the table of options, and the messages that they make. */
#ifndef SLUICE_CTL_PACKET_OPTIONS_H
#define SLUICE_CTL_PACKET_OPTIONS_H

#include <stdint.h>

#include "sluice/v1/diagnostics_service.pb-c.h"

struct cli_completion;
struct options;

int set_sport(void *place, const char *value), set_dport(void *place, const char *value),
	set_vni(void *place, const char *value), set_ttl(void *place, const char *value),
	set_length(void *place, const char *value), set_packet_number(void *place, const char *value),
	set_snap(void *place, const char *value), set_seconds(void *place, const char *value),
	set_one_in(void *place, const char *value), add_verdict(void *place, const char *value);
void offer_verdicts(struct cli_completion *completion);

/* By name or number. 0, or -1 and a line on stderr. */
int protocol_option(const char *text, uint32_t *number);
/* NULL: it has none that is known here. */
const char *protocol_name(uint32_t number);

/* Messages whose texts are the options'. 0, or -1 and a line on stderr. */
int packet_fields(const struct options *options, Sluice__V1__PacketFields *fields);
/* With room for four verdicts in `verdicts`. */
int packet_filter(const struct options *options, Sluice__V1__PacketFilter *filter, Sluice__V1__Verdict *verdicts);
/* Of a trace or capture, which have to say it. 0, or -1 and a line on stderr. */
int packet_count(const struct options *options, uint64_t *packets);
/* --interface, or --port; "" where there is neither. */
const char *packet_interface(const struct options *options);

#endif
