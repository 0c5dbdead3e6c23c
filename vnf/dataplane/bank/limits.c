/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/bank/limits.h"

#include <errno.h>
#include <string.h>

#define ROUTE_WORDS	  3
#define LEAST_FIB_WORDS	  (1U << 16)
#define LEAST_CONNECTIONS 1024U

static const struct {
	const char *name;
	size_t offset;
	uint32_t most;
} limits_of[LIMIT_COUNT] = {
#define LIMIT_ROW(name, small, internet, most) {#name, offsetof(struct dp_limits, name), most},
	LIMITS(LIMIT_ROW)
#undef LIMIT_ROW
};

static const struct {
	const char *name;
	struct dp_limits limits;
} profiles[] = {
#define SMALL(name, small, internet, most)    .name = small,
#define INTERNET(name, small, internet, most) .name = internet,
#define MOST(name, small, internet, most)     .name = most,
	{"small", {LIMITS(SMALL)}},
	{"internet", {LIMITS(INTERNET)}},
	{"most", {LIMITS(MOST)}},
};

const char *limit_name(enum limit limit)
{
	return limits_of[limit].name;
}

uint32_t limit_most(enum limit limit)
{
	return limits_of[limit].most;
}

uint32_t limit_get(const struct dp_limits *limits, enum limit limit)
{
	uint32_t value;

	memcpy(&value, (const char *)limits + limits_of[limit].offset, sizeof(value));
	return value;
}

void limit_set(struct dp_limits *limits, enum limit limit, uint32_t value)
{
	memcpy((char *)limits + limits_of[limit].offset, &value, sizeof(value));
}

int limits_profile(const char *name, struct dp_limits *limits)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++) {
		if (strcmp(profiles[i].name, name) != 0)
			continue;
		*limits = profiles[i].limits;
		return 0;
	}
	return -EINVAL;
}

static uint32_t power_of_two(uint32_t least)
{
	uint32_t power = 1;

	while (power < least)
		power *= 2;
	return power;
}

void limits_complete(struct dp_limits *limits)
{
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		if (!limit_get(limits, i))
			limit_set(limits, i, limit_get(&profiles[0].limits, i));
	if (!limits->fib_words)
		limits->fib_words = limits->routes * ROUTE_WORDS;
	if (limits->fib_words < LEAST_FIB_WORDS)
		limits->fib_words = LEAST_FIB_WORDS;
	limits->fib_words = power_of_two(limits->fib_words);
	if (limits->connections < LEAST_CONNECTIONS)
		limits->connections = LEAST_CONNECTIONS;
	limits->connections = power_of_two(limits->connections);
}

bool limits_valid(const struct dp_limits *limits)
{
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		if (limit_get(limits, i) < 1 || limit_get(limits, i) > limit_most(i))
			return false;
	if (limits->connections < LEAST_CONNECTIONS || limits->connections & (limits->connections - 1))
		return false;
	return limits->fib_words >= LEAST_FIB_WORDS && !(limits->fib_words & (limits->fib_words - 1));
}
