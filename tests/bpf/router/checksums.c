/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/router/checksums.h"

enum { TCP = 6, ICMP = 1 };

uint32_t checksums_sum(const struct frame *frame, size_t from, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += frame->byte[from + i] << (i % 2 ? 0 : 8);
	return sum;
}

uint16_t checksums_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint32_t checksums_pseudo(const struct frame *frame, size_t ip, uint8_t protocol, size_t length)
{
	bool ipv6 = frame->byte[ip] >> 4 == 6;

	return checksums_sum(frame, ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8) + protocol + (uint32_t)length;
}

size_t checksums_l4(const struct frame *frame, size_t ip)
{
	return ip + (frame->byte[ip] >> 4 == 6 ? 40 : (frame->byte[ip] & 15) * 4U);
}

static size_t field_of(uint8_t protocol)
{
	return protocol == UDP ? 6 : protocol == TCP ? 16 : 2;
}

void checksums_set(struct frame *frame, size_t ip, uint8_t protocol, size_t headers, enum checksum inner)
{
	size_t l4 = checksums_l4(frame, ip) + headers, length = frame->length - l4, field = l4 + field_of(protocol);
	uint32_t pseudo = protocol == ICMP ? 0 : checksums_pseudo(frame, ip, protocol, length);

	frame_put16(frame, field, 0);
	if (inner == UNFINISHED)
		frame_put16(frame, field, checksums_fold(pseudo));
	if (inner == RIGHT)
		frame_put16(frame, field, (uint16_t)~checksums_fold(pseudo + checksums_sum(frame, l4, length)));
}
