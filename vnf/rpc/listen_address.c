/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listen_address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int parse_unix(const char *path, union listen_endpoint *endpoint, struct error *error)
{
	*endpoint = (union listen_endpoint){.local = {.sun_family = AF_UNIX}};
	if (path[0] != '/' || strlen(path) >= sizeof(endpoint->local.sun_path)) {
		error_add(error, ERROR_INVALID_ARGUMENT, NULL,
			  "unix:%s: needs an absolute path of at most %zu bytes, as in unix:/run/sluice/sluice.sock",
			  path, sizeof(endpoint->local.sun_path) - 1);
		return -1;
	}
	strcpy(endpoint->local.sun_path, path);
	return 0;
}

/* Parses "192.0.2.1:50051" or "[2001:db8::1]:50051". */
static bool parse_tcp(const char *address, union listen_endpoint *endpoint)
{
	const char *colon = strrchr(address, ':');
	char host[INET6_ADDRSTRLEN + 2], *end;
	unsigned long port;
	size_t length;

	if (!colon || colon == address || (size_t)(colon - address) >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (*end || port > UINT16_MAX)
		return false;
	length = (size_t)(colon - address);
	memcpy(host, address, length);
	host[length] = '\0';
	*endpoint = (union listen_endpoint){0};
	if (host[0] != '[') {
		endpoint->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
		return inet_pton(AF_INET, host, &endpoint->v4.sin_addr) == 1;
	}
	if (host[length - 1] != ']')
		return false;
	host[length - 1] = '\0';
	endpoint->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	return inet_pton(AF_INET6, host + 1, &endpoint->v6.sin6_addr) == 1;
}

bool listen_is_loopback(const union listen_endpoint *endpoint)
{
	if (endpoint->any.sa_family == AF_INET)
		return ntohl(endpoint->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (IN6_IS_ADDR_V4MAPPED(&endpoint->v6.sin6_addr))
		return endpoint->v6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&endpoint->v6.sin6_addr);
}

bool listen_address_is_unix(const char *address)
{
	return !strncmp(address, "unix:", 5);
}

int listen_address_parse(const char *address, bool allowed, union listen_endpoint *endpoint, struct error *error)
{
	if (listen_address_is_unix(address))
		return parse_unix(address + 5, endpoint, error);
	if (!parse_tcp(address, endpoint)) {
		error_add(error, ERROR_INVALID_ARGUMENT, NULL,
			  "%s is no address to listen on: give unix:/path, 192.0.2.1:50051 or [2001:db8::1]:50051",
			  address);
		return -1;
	}
	if (allowed || listen_is_loopback(endpoint))
		return 0;
	error_add(error, ERROR_PERMISSION_DENIED, NULL,
		  "%s is not a loopback address and the connection would be plain text: set tls in the file, listen on "
		  "a unix socket or on loopback, or allow it with insecure: true or --insecure",
		  address);
	return -1;
}

int listen_address_check(const char *address, bool allowed, struct error *error)
{
	union listen_endpoint endpoint;

	return listen_address_parse(address, allowed, &endpoint, error);
}
