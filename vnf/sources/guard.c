/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/guard.h"

#define IPV4(a, b, c, d)                                                                                               \
	{                                                                                                              \
		.family = 4, .byte = { a, b, c, d }                                                                    \
	}
#define IPV6(...)                                                                                                      \
	{                                                                                                              \
		.family = 6, .byte = { __VA_ARGS__ }                                                                   \
	}

static const struct ip_prefix bogons[] = {
	{IPV4(0, 0, 0, 0), 8},
	{IPV4(127, 0, 0, 0), 8},
	{IPV4(169, 254, 0, 0), 16},
	{IPV4(192, 0, 2, 0), 24},
	{IPV4(198, 51, 100, 0), 24},
	{IPV4(203, 0, 113, 0), 24},
	{IPV4(224, 0, 0, 0), 3},
	{IPV6(0), 8},
	{IPV6(0x01, 0, 0, 0, 0, 0, 0, 0), 64},
	{IPV6(0x20, 0x01, 0x0d, 0xb8), 32},
	{IPV6(0xfe, 0x80), 10},
	{IPV6(0xfe, 0xc0), 10},
	{IPV6(0xff), 8},
};

/* The default route is above them all, so never one. */
bool guard_is_bogon(const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < sizeof(bogons) / sizeof(bogons[0]); i++)
		if (prefix->length >= bogons[i].length && ip_prefix_contains(&bogons[i], &prefix->address))
			return true;
	return false;
}

/* How many of the ranges stand before the prefix, or are of it. */
static size_t ranges_to(const struct source_config *config, const struct ip_prefix *prefix)
{
	size_t low = 0, high = config->ranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&config->range[middle].prefix, prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A range that contains the prefix is one of the prefix shortened to some length: at most 33 or 129 searches. */
static bool is_allowed(const struct source_config *config, const struct ip_prefix *prefix)
{
	for (int length = prefix->length; length >= 0; length--) {
		struct ip_prefix shorter = ip_prefix_of(&prefix->address, (uint8_t)length);

		for (size_t i = ranges_to(config, &shorter); i > 0; i--) {
			const struct source_range *range = &config->range[i - 1];

			if (ip_prefix_compare(&range->prefix, &shorter) != 0)
				break;
			if (prefix->length >= range->length_least && prefix->length <= range->length_most)
				return true;
		}
	}
	return false;
}

enum source_guard guard_check(const struct source_config *config, const struct ip_prefix *prefix)
{
	if (config->ranges && !is_allowed(config, prefix))
		return SOURCE_NOT_ALLOWED;
	return !config->allow_bogons && guard_is_bogon(prefix) ? SOURCE_BOGON : SOURCE_ALLOWED;
}
