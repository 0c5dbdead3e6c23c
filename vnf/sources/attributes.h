/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the attributes of an rtnetlink message (RFC 3549 2.3). Nothing is read beyond the bytes that it was given.
 * Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_ATTRIBUTES_H
#define SLUICE_SOURCES_ATTRIBUTES_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct attributes {
	const uint8_t *at;
	size_t left;
	bool malformed; /* a length reached beyond what is left, or was shorter than an attribute's header */
};

/* The next attribute, which lies within the message whole; NULL: there is none. */
static inline const struct rtattr *attributes_next(struct attributes *list)
{
	const struct rtattr *attribute = (const void *)list->at;
	size_t step;

	if (list->left < sizeof(*attribute))
		return NULL;
	if (attribute->rta_len < sizeof(*attribute) || attribute->rta_len > list->left) {
		list->malformed = true;
		return NULL;
	}
	step = RTA_ALIGN(attribute->rta_len);
	step = step < list->left ? step : list->left;
	list->at += step;
	list->left -= step;
	return attribute;
}

static inline const void *attribute_bytes(const struct rtattr *attribute)
{
	return (const uint8_t *)attribute + sizeof(*attribute);
}

static inline size_t attribute_size(const struct rtattr *attribute)
{
	return attribute->rta_len - sizeof(*attribute);
}

static inline uint16_t attribute_type(const struct rtattr *attribute)
{
	return attribute->rta_type & NLA_TYPE_MASK;
}

/* False, and no value: it is shorter than that. */
static inline bool attribute_u32(const struct rtattr *attribute, uint32_t *value)
{
	if (attribute_size(attribute) < sizeof(*value))
		return false;
	memcpy(value, attribute_bytes(attribute), sizeof(*value));
	return true;
}

/* The attributes within an attribute, or behind a fixed header within it. */
static inline struct attributes attributes_of(const void *bytes, size_t size)
{
	return (struct attributes){.at = bytes, .left = size};
}

#endif
