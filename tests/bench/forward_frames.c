/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/forward_frames.h"

#include <string.h>

#include <arpa/inet.h>

#define ETHERNET      14
#define ENCAPSULATION 50 /* Ethernet, IPv4, UDP, VXLAN */

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static uint32_t write_ipv4(uint8_t *at, uint16_t length, const char *src, const char *dst)
{
	uint32_t address, sum = 0;

	put16(at, 0x4500);
	put16(at + 2, length);
	at[8] = 64;
	at[9] = 17;
	address = inet_addr(src);
	memcpy(at + 12, &address, 4);
	address = inet_addr(dst);
	memcpy(at + 16, &address, 4);
	for (unsigned int i = 0; i < 20; i += 2) {
		uint16_t word;

		memcpy(&word, at + i, 2);
		sum += word;
	}
	return sum;
}

static void write_udp(uint8_t *at, uint16_t src, uint16_t dst, uint16_t length)
{
	put16(at, src);
	put16(at + 2, dst);
	put16(at + 4, length);
}

static void write_ethernet(uint8_t *at, const uint8_t *dst, const uint8_t *src)
{
	memcpy(at, dst, 6);
	memcpy(at + 6, src, 6);
	put16(at + 12, 0x0800);
}

uint32_t traffic_ip_offset(bool tunnel)
{
	return ETHERNET + (tunnel ? ENCAPSULATION : 0);
}

struct traffic_frame traffic_frame(uint32_t length, uint8_t vni, const uint8_t *src, const uint8_t *dst)
{
	struct traffic_frame frame = {.length = length + (vni ? ENCAPSULATION : 0)};
	uint8_t *at = (uint8_t *)frame.word;

	if (vni) {
		uint32_t sum;
		uint16_t folded;

		write_ethernet(at, dst, src);
		sum = write_ipv4(at + 14, length + 36, "172.16.0.2", "172.16.0.1");
		folded = ~((sum & 0xffff) + (sum >> 16) + (((sum & 0xffff) + (sum >> 16)) >> 16));
		memcpy(at + 24, &folded, 2);
		write_udp(at + 34, 50000, 4789, length + 16);
		at[42] = 8;
		at[48] = vni;
		at += ENCAPSULATION;
	}
	write_ethernet(at, dst, src);
	frame.sum = write_ipv4(at + 14, length - 14, "198.18.0.1", "0.0.0.0");
	write_udp(at + 34, 1024, 9, length - 34);
	return frame;
}
