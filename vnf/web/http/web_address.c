/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/web_address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool parse_port(const char *text, in_port_t *port)
{
	unsigned long number = 0;
	size_t length = strspn(text, "0123456789");

	if (length > 0 && length <= 5 && !text[length])
		number = strtoul(text, NULL, 10);
	*port = htons((uint16_t)number);
	return number > 0 && number <= UINT16_MAX;
}

int web_address_parse(const char *text, struct web_address *address, struct error *error)
{
	struct error ignored = {0};
	in_port_t port;

	*address = (struct web_address){.count = 1};
	if (parse_port(text, &port)) {
		address->count = 2;
		address->endpoint[0].v4 = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_port = port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
		address->endpoint[1].v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
		return 0;
	}
	if (!listen_address_is_unix(text) && !listen_address_parse(text, true, &address->endpoint[0], &ignored))
		return 0;
	error_add(error, ERROR_INVALID_ARGUMENT, NULL,
		  "%.60s is no address to serve HTTP on: give a port for loopback, as in 9111, or 192.0.2.1:9111 or "
		  "[2001:db8::1]:9111",
		  text);
	return -1;
}

bool web_address_is_loopback(const struct web_address *address)
{
	for (size_t i = 0; i < address->count; i++)
		if (!listen_is_loopback(&address->endpoint[i]))
			return false;
	return true;
}
