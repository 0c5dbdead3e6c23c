/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that HTTP may be served on: "9111", "192.0.2.1:9111", "[2001:db8::1]:9111". */
#ifndef SLUICE_WEB_ADDRESS_H
#define SLUICE_WEB_ADDRESS_H

#include "vnf/rpc/listen_address.h"

#define WEB_ENDPOINTS 2

struct web_address {
	union listen_endpoint endpoint[WEB_ENDPOINTS];
	size_t count;
};

/* A port alone, 1 to 65535, is that of 127.0.0.1 and of [::1]. 0, or -1 and *error, without a field. */
int web_address_parse(const char *text, struct web_address *address, struct error *error);
/* Are all of its endpoints on loopback? */
bool web_address_is_loopback(const struct web_address *address);

#endif
