/* SPDX-License-Identifier: Apache-2.0 */
/* From fields of messages to what resources hold. A wrong field adds a fault with its path; decoding goes on, so that a
 * client hears of all of them at once. */
#ifndef SLUICE_CONTROL_DECODE_H
#define SLUICE_CONTROL_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/control/kinds/handles.h"
#include "vnf/core/address.h"
#include "vnf/core/error.h"

#define NAME_BYTES 63

struct decoder {
	struct handles *handles;
	struct error *error;
	bool failed;   /* a fault was added */
	bool key_only; /* of a resource to delete: only its key is looked at */
	size_t length;
	char path[192]; /* of the message that is being decoded */
};

/* Goes down into a field's message; returns what decoder_leave needs. */
size_t decoder_enter(struct decoder *decoder, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for "field[index]" and "field", without the cost of a format. */
size_t decoder_enter_element(struct decoder *decoder, const char *field, size_t index);
size_t decoder_enter_field(struct decoder *decoder, const char *field);
void decoder_leave(struct decoder *decoder, size_t length);

/* INVALID_ARGUMENT at `field` of the message ("": at the message). */
void decode_fault(struct decoder *decoder, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void decode_no_memory(struct decoder *decoder);

/* 1..63 bytes of UTF-8 without control characters (and without '/' in names, not in owners). */
bool decode_text(struct decoder *decoder, const char *field, const char *text, bool is_name);

/* A reference to the name; NULL after a fault. */
struct handle *decode_name(struct decoder *decoder, enum resource_kind kind, const char *field, const char *text);

/* Address of one host: not unspecified, multicast, broadcast, loopback or IPv4-mapped. */
void decode_host(struct decoder *decoder, const char *field, const char *text, struct ip_address *address);
/* A prefix that some routed packet can have: not one of multicast or loopback addresses alone, and the like. */
void decode_prefix(struct decoder *decoder, const char *field, const char *text, struct ip_prefix *prefix);
/* Address of one station: not zero, not multicast. */
void decode_mac(struct decoder *decoder, const char *field, const char *text, uint8_t mac[6]);
bool decode_range(struct decoder *decoder, const char *field, uint32_t value, uint32_t first, uint32_t last);

/* Items of a repeated field: faults every one that repeats an earlier one, at "field[index]member". */
struct decode_item {
	uintptr_t value;
	size_t index;
};
void decode_duplicates(struct decoder *decoder, struct decode_item *items, size_t count, const char *field,
		       const char *member);

#endif
