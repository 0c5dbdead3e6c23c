/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/guard.h"

#include "vnf/core/bogons.h"

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
	return !config->allow_bogons && ip_prefix_is_bogon(prefix) ? SOURCE_BOGON : SOURCE_ALLOWED;
}
