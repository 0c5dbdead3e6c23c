/* SPDX-License-Identifier: Apache-2.0 */
/* Converts IP addresses, prefixes and MACs from text to bytes and back. */
#ifndef SLUICE_CORE_ADDRESS_H
#define SLUICE_CORE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* family 4 or 6, 0: none. byte: network order, an IPv4 address in the first four bytes and zeros after. */
struct ip_address {
	uint8_t family;
	uint8_t byte[16];
};

struct ip_prefix {
	struct ip_address address; /* no bits beyond length */
	uint8_t length;
};

#define IP_ADDRESS_TEXT 46 /* with the NUL */
#define IP_PREFIX_TEXT	50
#define MAC_TEXT	18

/* 0, or -EINVAL. No leading zeros, no scope, nothing around it. */
int ip_address_parse(const char *text, struct ip_address *address);

/* 0, -EINVAL: not "address/length"; -ERANGE: length beyond the family's; -EDOM: bits set beyond the length. */
int ip_prefix_parse(const char *text, struct ip_prefix *prefix);

/* 0, or -EINVAL. Six pairs of hex digits and colons. */
int mac_parse(const char *text, uint8_t mac[6]);

/* These return `text`. IPv6 as in RFC 5952. */
const char *ip_address_format(const struct ip_address *address, char text[IP_ADDRESS_TEXT]);
const char *ip_prefix_format(const struct ip_prefix *prefix, char text[IP_PREFIX_TEXT]);
const char *mac_format(const uint8_t mac[6], char text[MAC_TEXT]);

/* 16 bytes as the dataplane has them: IPv4 as ::ffff:a.b.c.d. */
void ip_address_map(const struct ip_address *address, uint8_t mapped[16]);
void ip_address_unmap(const uint8_t mapped[16], struct ip_address *address); /* and back */

/* Orders by family, bytes, length: <0, 0, >0. */
int ip_address_compare(const struct ip_address *a, const struct ip_address *b);
int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b);
/* The prefix of this length, at most the family's, that contains the address. */
struct ip_prefix ip_prefix_of(const struct ip_address *address, uint8_t length);
bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_address *address);

#endif
