/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/bogons.h"

#include <stddef.h>

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
bool ip_prefix_is_bogon(const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < sizeof(bogons) / sizeof(bogons[0]); i++)
		if (prefix->length >= bogons[i].length && ip_prefix_contains(&bogons[i], &prefix->address))
			return true;
	return false;
}
