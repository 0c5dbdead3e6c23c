/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/service_fields.h"

void decode_routed_host(struct decoder *decoder, const char *field, const char *text, struct ip_address *address)
{
	decode_host(decoder, field, text, address);
	if (address->family == 6 && address->byte[0] == 0xfe && (address->byte[1] & 0xc0) == 0x80)
		decode_fault(decoder, field, "%s is of one link only (fe80::/10): no packet to it is routed", text);
}

uint32_t decode_number(struct decoder *decoder, const char *field, uint32_t value, uint32_t first, uint32_t last,
		       uint32_t otherwise)
{
	if (!value || !decode_range(decoder, field, value, first, last))
		return otherwise;
	return value;
}

uint8_t decode_choice(struct decoder *decoder, const char *field, unsigned int value, uint8_t last, uint8_t otherwise)
{
	if (!value || !decode_range(decoder, field, value, 0, last))
		return otherwise;
	return (uint8_t)value;
}
