/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/xdr.h"

#include <string.h>

#define UNIT ((size_t)4)

/* NULL: there is no room. */
static uint8_t *take(struct xdr *xdr, size_t count)
{
	uint8_t *at = xdr->byte + xdr->length;

	if (xdr->full || count > xdr->size - xdr->length) {
		xdr->full = true;
		return NULL;
	}
	xdr->length += count;
	return at;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < UNIT; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void xdr_u32(struct xdr *xdr, uint32_t value)
{
	uint8_t *at = take(xdr, UNIT);

	if (at)
		put_u32(at, value);
}

void xdr_u64(struct xdr *xdr, uint64_t value)
{
	uint8_t *at = take(xdr, 2 * UNIT);

	if (!at)
		return;
	put_u32(at, (uint32_t)(value >> 32));
	put_u32(at + UNIT, (uint32_t)value);
}

void xdr_fixed(struct xdr *xdr, const void *bytes, size_t count)
{
	size_t padded = (count + UNIT - 1) / UNIT * UNIT;
	uint8_t *at = take(xdr, padded);

	if (!at || !count)
		return;
	memset(at + padded - UNIT, 0, UNIT);
	memcpy(at, bytes, count);
}

void xdr_opaque(struct xdr *xdr, const void *bytes, size_t count)
{
	xdr_u32(xdr, (uint32_t)count);
	xdr_fixed(xdr, bytes, count);
}

void xdr_address(struct xdr *xdr, const struct ip_address *address)
{
	bool ipv6 = address->family == 6;

	xdr_u32(xdr, ipv6 ? 2 : 1);
	xdr_fixed(xdr, address->byte, ipv6 ? 16 : 4);
}

size_t xdr_begin(struct xdr *xdr)
{
	size_t at = xdr->length;

	xdr_u32(xdr, 0);
	return at;
}

void xdr_end(struct xdr *xdr, size_t begun)
{
	if (!xdr->full)
		put_u32(xdr->byte + begun, (uint32_t)(xdr->length - begun - UNIT));
}

void xdr_set_u32(struct xdr *xdr, size_t at, uint32_t value)
{
	put_u32(xdr->byte + at, value);
}
