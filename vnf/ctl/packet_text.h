/* SPDX-License-Identifier: Apache-2.0 */
/* Steps and verdicts as people read them. */
#ifndef SLUICE_CTL_PACKET_TEXT_H
#define SLUICE_CTL_PACKET_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "sluice/v1/diagnostics_service.pb-c.h"

struct options;

/* A line a step that found something; all of them with -o wide. */
void print_steps(const struct options *options, Sluice__V1__Step *const *steps, size_t count);
/* "dropped: denied, a rule ...", and below it what there is to do. */
void print_verdict(const struct options *options, const Sluice__V1__PacketVerdict *verdict);

bool is_dropped(const Sluice__V1__PacketVerdict *verdict);

/* "12:34:56.123456789" of the day, in UTC. */
#define CLOCK_TEXT 24
const char *clock_text(uint64_t time, char text[CLOCK_TEXT]);

#endif
