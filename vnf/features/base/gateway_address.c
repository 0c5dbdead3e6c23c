/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/base/gateway_address.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"

/* "10.0.0.1/24": the bits beyond the length are the host's, and stay. */
static void decode_gateway(struct decoder *decoder, const char *text, struct gateway_address *gateway)
{
	const char *slash = strchr(text, '/');
	unsigned int most;
	char address[64], *end;
	unsigned long length;

	if (!slash || slash - text >= (long)sizeof(address)) {
		decode_fault(decoder, "address", "\"%.64s\" is not an address with a length, such as 10.0.0.1/24",
			     text);
		return;
	}
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	decode_host(decoder, "address", address, &gateway->address);
	most = gateway->address.family == 4 ? 32 : 128;
	length = strtoul(slash + 1, &end, 10);
	if (!isdigit((unsigned char)slash[1]) || *end || length < 1 || length > most)
		decode_fault(decoder, "address", "\"%.64s\" has no length of 1 to %u", text, most);
	gateway->length = (uint8_t)length;
}

size_t gateway_addresses_count(struct decoder *decoder, size_t count, size_t most)
{
	if (count <= most)
		return count;
	decode_fault(decoder, "gateway_addresses", "has %zu addresses: at most %zu", count, most);
	return 0;
}

void gateway_addresses_decode(struct decoder *decoder, Sluice__V1__GatewayAddress *const *from, size_t count,
			      struct gateway_address *to)
{
	for (size_t i = 0; i < count; i++) {
		size_t above = decoder_enter(decoder, "gateway_addresses[%zu]", i);

		decode_gateway(decoder, from[i]->address, &to[i]);
		for (size_t j = 0; j < i; j++)
			if (ip_address_compare(&to[i].address, &to[j].address) == 0)
				decode_fault(decoder, "address", "is the same as gateway_addresses[%zu].address", j);
		decoder_leave(decoder, above);
	}
}

int gateway_addresses_encode(Sluice__V1__GatewayAddress ***to, size_t *to_count, const struct gateway_address *gateway,
			     size_t count)
{
	if (!count)
		return 0;
	*to = calloc(count, sizeof(**to));
	if (!*to)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		Sluice__V1__GatewayAddress *message = message_new(&sluice__v1__gateway_address__descriptor);
		char text[IP_PREFIX_TEXT];

		if (!message)
			return -ENOMEM;
		(*to)[(*to_count)++] = message;
		ip_prefix_format(&(struct ip_prefix){gateway[i].address, gateway[i].length}, text);
		if (encode_text(&message->address, text))
			return -ENOMEM;
	}
	return 0;
}

bool gateway_addresses_equal(const struct gateway_address *a, size_t count_a, const struct gateway_address *b,
			     size_t count_b)
{
	if (count_a != count_b)
		return false;
	for (size_t i = 0; i < count_a; i++)
		if (a[i].length != b[i].length || ip_address_compare(&a[i].address, &b[i].address) != 0)
			return false;
	return true;
}

bool gateway_addresses_have(const struct gateway_address *gateway, size_t count, const struct ip_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (ip_address_compare(&gateway[i].address, address) == 0)
			return true;
	return false;
}
