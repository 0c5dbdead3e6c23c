/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/base/vrf_address.h"

#include <stdio.h>

static void taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	char address_text[IP_ADDRESS_TEXT];
	struct ip_address address;

	ip_address_unmap(holding->key.byte, &address); /* the bytes are as the dataplane has them */
	ip_address_format(&address, address_text);
	if (holder->kind == RESOURCE_LOAD_BALANCER)
		snprintf(text, size, "%s is the VIP of load balancer \"%s\" in VRF \"%s\": name another address",
			 address_text, holder->text, holding->key.handle->text);
	else
		snprintf(text, size,
			 "%s is in VRF \"%s\" a gateway address, a tunnel's local address or a neighbor: name another "
			 "address",
			 address_text, holding->key.handle->text);
}

static const struct unique_rule address_rule = {.taken = taken};

struct unique_key vrf_address_key(const struct handle *vrf, const struct ip_address *address)
{
	struct unique_key key = {.rule = &address_rule, .handle = vrf};

	ip_address_map(address, key.byte);
	return key;
}

const struct handle *vrf_address_balancer(const struct unique_keys *unique_keys, const struct handle *vrf,
					  const struct ip_address *address)
{
	const struct unique_key key = vrf_address_key(vrf, address);
	const struct handle *holder = unique_keys_holder(unique_keys, &key);

	return holder && holder->kind == RESOURCE_LOAD_BALANCER ? holder : NULL;
}

void visit_vip(const struct handle *balancer, const struct handle *vrf, const struct ip_address *address,
	       holding_visit visit, void *context)
{
	const struct holding holding = {
		.key = vrf_address_key(vrf, address), .holder = balancer, .field = "vip_address", .index = -1};

	visit(&holding, context);
}

void visit_vrf_address(const struct handle *vrf, const struct ip_address *address, const char *field, long index,
		       const char *member, holding_visit visit, void *context)
{
	const struct holding holding = {.key = vrf_address_key(vrf, address),
					.holder = vrf,
					.shared = true,
					.field = field,
					.index = index,
					.member = member};

	visit(&holding, context);
}

void visit_gateway_addresses(const struct handle *vrf, const struct gateway_address *gateway, size_t count,
			     holding_visit visit, void *context)
{
	for (size_t i = 0; i < count; i++)
		visit_vrf_address(vrf, &gateway[i].address, "gateway_addresses", (long)i, "address", visit, context);
}
