/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

const uint8_t default_router_mac[6] = {0x02, 0x53, 0x4c, 0x00, 0x00, 0x01};

#define GATEWAY_ADDRESSES 64
#define ERROR_RATE_MOST	  1000000

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

static void decode_gateways(struct decoder *decoder, const Sluice__V1__Vrf *from, struct vrf *vrf)
{
	for (size_t i = 0; i < vrf->count; i++) {
		size_t above = decoder_enter(decoder, "gateway_addresses[%zu]", i);

		decode_gateway(decoder, from->gateway_addresses[i]->address, &vrf->gateway[i]);
		for (size_t j = 0; j < i; j++)
			if (ip_address_compare(&vrf->gateway[i].address, &vrf->gateway[j].address) == 0)
				decode_fault(decoder, "address", "is the same as gateway_addresses[%zu].address", j);
		decoder_leave(decoder, above);
	}
}

static void decode_mss(struct decoder *decoder, const Sluice__V1__Vrf *from, struct vrf *vrf)
{
	uint32_t most = from->mss_clamp_most;

	decode_range(decoder, "mss_clamp", (uint32_t)from->mss_clamp, 0, SLUICE__V1__MSS_CLAMP__MSS_CLAMP_OFF);
	vrf->mss_clamp = from->mss_clamp != SLUICE__V1__MSS_CLAMP__MSS_CLAMP_OFF;
	if (!most)
		return;
	if (!vrf->mss_clamp)
		decode_fault(decoder, "mss_clamp_most", "%u has no effect with mss_clamp OFF: leave one of them out",
			     most);
	else if (decode_range(decoder, "mss_clamp_most", most, DP_MSS_LEAST, DP_MSS_MOST))
		vrf->mss_clamp_most = (uint16_t)most;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Vrf *from = message;
	size_t count = from->n_gateway_addresses;
	struct vrf *vrf;

	if (count > GATEWAY_ADDRESSES) {
		decode_fault(decoder, "gateway_addresses", "has %zu addresses: at most %d", count, GATEWAY_ADDRESSES);
		count = 0;
	}
	vrf = (struct vrf *)resource_new(RESOURCE_VRF, sizeof(*vrf) + count * sizeof(vrf->gateway[0]));
	if (!vrf)
		return NULL;
	memcpy(vrf->router_mac, default_router_mac, sizeof(default_router_mac));
	if (*from->router_mac)
		decode_mac(decoder, "router_mac", from->router_mac, vrf->router_mac);
	vrf->kernel = from->kernel;
	decode_range(decoder, "icmp_error_rate", from->icmp_error_rate, 0, ERROR_RATE_MOST);
	vrf->icmp_error_rate = from->icmp_error_rate ? from->icmp_error_rate : DP_ERROR_RATE;
	decode_mss(decoder, from, vrf);
	vrf->count = count;
	decode_gateways(decoder, from, vrf);
	return &vrf->resource;
}

static int encode_gateways(const struct vrf *vrf, Sluice__V1__Vrf *to)
{
	if (!vrf->count)
		return 0;
	to->gateway_addresses = calloc(vrf->count, sizeof(to->gateway_addresses[0]));
	if (!to->gateway_addresses)
		return -ENOMEM;
	for (size_t i = 0; i < vrf->count; i++) {
		Sluice__V1__GatewayAddress *gateway = message_new(&sluice__v1__gateway_address__descriptor);
		char text[IP_PREFIX_TEXT];

		if (!gateway)
			return -ENOMEM;
		to->gateway_addresses[to->n_gateway_addresses++] = gateway;
		ip_prefix_format(&(struct ip_prefix){vrf->gateway[i].address, vrf->gateway[i].length}, text);
		if (encode_text(&gateway->address, text))
			return -ENOMEM;
	}
	return 0;
}

static int encode(const struct resource *resource, void *message)
{
	const struct vrf *vrf = (const struct vrf *)resource;
	Sluice__V1__Vrf *to = message;

	to->kernel = vrf->kernel;
	to->icmp_error_rate = vrf->icmp_error_rate;
	to->mss_clamp = vrf->mss_clamp ? SLUICE__V1__MSS_CLAMP__MSS_CLAMP_AUTO : SLUICE__V1__MSS_CLAMP__MSS_CLAMP_OFF;
	to->mss_clamp_most = vrf->mss_clamp_most;
	return encode_mac(&to->router_mac, vrf->router_mac) ? -ENOMEM : encode_gateways(vrf, to);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct vrf *x = (const struct vrf *)a, *y = (const struct vrf *)b;

	if (memcmp(x->router_mac, y->router_mac, sizeof(x->router_mac)) != 0 || x->kernel != y->kernel ||
	    x->icmp_error_rate != y->icmp_error_rate || x->mss_clamp != y->mss_clamp ||
	    x->mss_clamp_most != y->mss_clamp_most || x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->gateway[i].length != y->gateway[i].length ||
		    ip_address_compare(&x->gateway[i].address, &y->gateway[i].address) != 0)
			return false;
	return true;
}

static void kernel_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	(void)holding;
	snprintf(text, size, "VRF \"%s\" is the one that the host's sockets serve", holder->text);
}

/* The host has one set of sockets, which cannot tell VRFs apart. */
static const struct unique_rule kernel_rule = {.taken = kernel_taken};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct holding holding = {
		.key.rule = &kernel_rule, .holder = resource->self, .field = "kernel", .index = -1};

	if (((const struct vrf *)resource)->kernel)
		visit(&holding, context);
}

extern const struct kind_ops vrf_ops;
const struct kind_ops vrf_ops = {
	.kind = RESOURCE_VRF,
	.name = "vrf",
	.label = "VRF",
	.plural = "vrfs",
	.limit = LIMIT_vrfs,
	.message = &sluice__v1__vrf__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__Vrf, name), 0},
	.size = sizeof(struct vrf),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.unique_keys = unique_keys,
};
