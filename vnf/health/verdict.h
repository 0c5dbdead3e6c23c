/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from the probes of one target: up or down behind so many in a row, and how long they take. */
#ifndef SLUICE_HEALTH_VERDICT_H
#define SLUICE_HEALTH_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

struct verdict {
	bool known; /* there were enough probes to say something */
	bool up;
	uint8_t rise, fall;  /* probes in a row, 1 at least, that make it up, or down */
	uint8_t successes;   /* in a row, */
	uint8_t failures;    /* at most as many as count */
	uint64_t changed_ms; /* when `up` last became what it is; monotonic */
	uint32_t latency;    /* microseconds; 0: no probe was answered */
};

void verdict_init(struct verdict *verdict, unsigned int rise, unsigned int fall);
/* A probe was answered, after so many microseconds (0: not measured), or not. True: `known` or `up` has changed. */
bool verdict_success(struct verdict *verdict, uint32_t latency, uint64_t now_ms);
bool verdict_failure(struct verdict *verdict, uint64_t now_ms);
/* It is up or down at once, as a protocol says that counts by itself. */
bool verdict_set(struct verdict *verdict, bool up, uint64_t now_ms);

static inline bool verdict_fails(const struct verdict *verdict)
{
	return verdict->known && !verdict->up;
}

#endif
