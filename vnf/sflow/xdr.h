/* SPDX-License-Identifier: Apache-2.0 */
/* Writes XDR (RFC 4506): units of four bytes, the most significant byte first. */
#ifndef SLUICE_SFLOW_XDR_H
#define SLUICE_SFLOW_XDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

/* What does not fit is left out as a whole and sets `full`, which stays set. */
struct xdr {
	uint8_t *byte; /* borrowed */
	size_t size, length;
	bool full;
};

void xdr_u32(struct xdr *xdr, uint32_t value);
void xdr_u64(struct xdr *xdr, uint64_t value);
/* The bytes, filled up with zeros to a multiple of four. */
void xdr_fixed(struct xdr *xdr, const void *bytes, size_t count);
/* Likewise, behind their number. */
void xdr_opaque(struct xdr *xdr, const void *bytes, size_t count);
/* sFlow's address: its type, 1 for IPv4 and 2 for IPv6, and its bytes; no address as 0.0.0.0. */
void xdr_address(struct xdr *xdr, const struct ip_address *address);

/* Leaves room for a number of bytes, and fills in how many have been written since. */
size_t xdr_begin(struct xdr *xdr);
void xdr_end(struct xdr *xdr, size_t begun);
/* Writes over what is there already. */
void xdr_set_u32(struct xdr *xdr, size_t at, uint32_t value);

#endif
