/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/frame_text.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vnf/core/address.h"
#include "vnf/ctl/packet_options.h"

struct ends {
	struct ip_address source, destination;
	uint8_t protocol;
	size_t header; /* bytes */
	bool later;    /* a fragment without the upper-layer header */
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* False: it is not all here. */
static bool read_ipv4(const uint8_t *ip, size_t length, struct ends *ends)
{
	if (length < 20)
		return false;
	ends->source.family = ends->destination.family = 4;
	memcpy(ends->source.byte, ip + 12, 4);
	memcpy(ends->destination.byte, ip + 16, 4);
	ends->protocol = ip[9];
	ends->header = (ip[0] & 15U) * 4;
	ends->later = get16(ip + 6) & 0x1fff;
	return true;
}

static bool read_ipv6(const uint8_t *ip, size_t length, struct ends *ends)
{
	if (length < 40)
		return false;
	ends->source.family = ends->destination.family = 6;
	memcpy(ends->source.byte, ip + 8, 16);
	memcpy(ends->destination.byte, ip + 24, 16);
	ends->protocol = ip[6];
	ends->header = 40;
	return true;
}

static void write_end(char *text, size_t size, const struct ip_address *address, bool ports, uint16_t port)
{
	char alone[IP_ADDRESS_TEXT];

	ip_address_format(address, alone);
	if (!ports)
		snprintf(text, size, "%s", alone);
	else
		snprintf(text, size, address->family == 6 ? "[%s]:%u" : "%s:%u", alone, port);
}

static void write_ends(const uint8_t *ip, size_t length, const struct ends *ends, char text[FRAME_TEXT])
{
	const bool ports =
		(ends->protocol == IPPROTO_TCP || ends->protocol == IPPROTO_UDP || ends->protocol == IPPROTO_SCTP) &&
		!ends->later && ends->header + 4 <= length;
	const char *name = protocol_name(ends->protocol);
	char from[IP_ADDRESS_TEXT + 10], to[IP_ADDRESS_TEXT + 10];

	write_end(from, sizeof(from), &ends->source, ports, ports ? get16(ip + ends->header) : 0);
	write_end(to, sizeof(to), &ends->destination, ports, ports ? get16(ip + ends->header + 2) : 0);
	if (name)
		snprintf(text, FRAME_TEXT, "%s > %s %s", from, to, name);
	else
		snprintf(text, FRAME_TEXT, "%s > %s protocol %u", from, to, ends->protocol);
}

const char *frame_text(const uint8_t *frame, size_t length, char text[FRAME_TEXT])
{
	size_t offset = ETH_HLEN;
	struct ends ends = {0};
	uint16_t proto;

	if (length < ETH_HLEN)
		return strcpy(text, "cut short");
	proto = get16(frame + 12);
	while ((proto == ETH_P_8021Q || proto == ETH_P_8021AD) && offset + 4 <= length) {
		proto = get16(frame + offset + 2);
		offset += 4;
	}
	if ((proto == ETH_P_IP && read_ipv4(frame + offset, length - offset, &ends)) ||
	    (proto == ETH_P_IPV6 && read_ipv6(frame + offset, length - offset, &ends)))
		write_ends(frame + offset, length - offset, &ends, text);
	else
		snprintf(text, FRAME_TEXT, "ethertype 0x%04x", proto);
	return text;
}
