/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static unsigned int address_bits(const struct ip_address *address)
{
	return address->family == 4 ? 32 : 128;
}

int ip_address_parse(const char *text, struct ip_address *address)
{
	struct ip_address parsed = {0};

	/* inet_pton is as strict as we want: no leading zeros in IPv4, no scope, no spaces. */
	if (strchr(text, ':')) {
		parsed.family = 6;
		if (inet_pton(AF_INET6, text, parsed.byte) != 1)
			return -EINVAL;
	} else {
		parsed.family = 4;
		if (inet_pton(AF_INET, text, parsed.byte) != 1)
			return -EINVAL;
	}
	*address = parsed;
	return 0;
}

/* Parses a decimal of 0 to 999 without sign, space or leading zero; -1: it is none. */
static int parse_length(const char *text)
{
	int length = 0;

	if (!*text || strlen(text) > 3 || (text[0] == '0' && text[1]))
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		length = length * 10 + (*text - '0');
	}
	return length;
}

int ip_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char address[IP_ADDRESS_TEXT];
	struct ip_prefix parsed;
	int length;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	length = parse_length(slash + 1);
	if (length < 0 || ip_address_parse(address, &parsed.address))
		return -EINVAL;
	if ((unsigned int)length > address_bits(&parsed.address))
		return -ERANGE;
	parsed.length = (uint8_t)length;
	for (unsigned int bit = parsed.length; bit < address_bits(&parsed.address); bit++) {
		if (parsed.address.byte[bit / 8] & (0x80 >> (bit % 8)))
			return -EDOM;
	}
	*prefix = parsed;
	return 0;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, uint8_t mac[6])
{
	uint8_t parsed[6];

	if (strlen(text) != MAC_TEXT - 1)
		return -EINVAL;
	for (int i = 0; i < 6; i++, text += 3) {
		int high = hex_digit(text[0]), low = hex_digit(text[1]);

		if (high < 0 || low < 0 || text[2] != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		parsed[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(mac, parsed, sizeof(parsed));
	return 0;
}

const char *ip_address_format(const struct ip_address *address, char text[IP_ADDRESS_TEXT])
{
	if (!address->family ||
	    !inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->byte, text, IP_ADDRESS_TEXT))
		text[0] = '\0';
	return text;
}

const char *ip_prefix_format(const struct ip_prefix *prefix, char text[IP_PREFIX_TEXT])
{
	char address[IP_ADDRESS_TEXT];

	snprintf(text, IP_PREFIX_TEXT, "%s/%u", ip_address_format(&prefix->address, address), prefix->length);
	return text;
}

const char *mac_format(const uint8_t mac[6], char text[MAC_TEXT])
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

void ip_address_map(const struct ip_address *address, uint8_t mapped[16])
{
	if (address->family == 4) {
		memset(mapped, 0, 10);
		memset(mapped + 10, 0xff, 2);
		memcpy(mapped + 12, address->byte, 4);
	} else {
		memcpy(mapped, address->byte, 16);
	}
}

void ip_address_unmap(const uint8_t mapped[16], struct ip_address *address)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
	bool is_ipv4 = memcmp(mapped, prefix, sizeof(prefix)) == 0;

	*address = (struct ip_address){.family = is_ipv4 ? 4 : 6};
	if (is_ipv4)
		memcpy(address->byte, mapped + sizeof(prefix), 4);
	else
		memcpy(address->byte, mapped, 16);
}

int ip_address_compare(const struct ip_address *a, const struct ip_address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->byte, b->byte, sizeof(a->byte));
}

int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int order = ip_address_compare(&a->address, &b->address);

	return order ? order : (int)a->length - (int)b->length;
}

struct ip_prefix ip_prefix_of(const struct ip_address *address, uint8_t length)
{
	struct ip_prefix prefix = {.address.family = address->family, .length = length};
	unsigned int whole = length / 8, rest = length % 8;

	memcpy(prefix.address.byte, address->byte, whole);
	if (rest)
		prefix.address.byte[whole] = (uint8_t)(address->byte[whole] & 0xff << (8 - rest));
	return prefix;
}

bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_address *address)
{
	unsigned int whole = prefix->length / 8, rest = prefix->length % 8;

	if (prefix->address.family != address->family || memcmp(prefix->address.byte, address->byte, whole) != 0)
		return false;
	return rest == 0 || (prefix->address.byte[whole] ^ address->byte[whole]) >> (8 - rest) == 0;
}
