/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/datagram.h"

#define VERSION	  5
#define SUB_AGENT 0

static void begin(struct sflow_datagram *datagram)
{
	struct xdr *xdr = &datagram->xdr;

	*xdr = (struct xdr){.byte = datagram->byte, .size = sizeof(datagram->byte)};
	xdr_u32(xdr, VERSION);
	xdr_address(xdr, &datagram->agent);
	xdr_u32(xdr, SUB_AGENT);
	xdr_u32(xdr, 0); /* sequence number, */
	xdr_u32(xdr, 0); /* uptime */
	xdr_u32(xdr, 0); /* and samples, once they are known */
	datagram->header = xdr->length;
}

void sflow_datagram_init(struct sflow_datagram *datagram, const struct ip_address *agent)
{
	datagram->agent = *agent;
	datagram->sequence = 0;
	datagram->samples = 0;
}

bool sflow_datagram_add(struct sflow_datagram *datagram, void (*put)(struct xdr *xdr, const void *sample),
			const void *sample)
{
	size_t before;

	if (!datagram->samples)
		begin(datagram);
	before = datagram->xdr.length;
	put(&datagram->xdr, sample);
	if (!datagram->xdr.full) {
		datagram->samples++;
		return true;
	}
	datagram->xdr.length = before;
	datagram->xdr.full = false;
	return false;
}

size_t sflow_datagram_finish(struct sflow_datagram *datagram, uint32_t uptime_ms)
{
	if (!datagram->samples)
		return 0;
	xdr_set_u32(&datagram->xdr, datagram->header - 12, ++datagram->sequence);
	xdr_set_u32(&datagram->xdr, datagram->header - 8, uptime_ms);
	xdr_set_u32(&datagram->xdr, datagram->header - 4, datagram->samples);
	datagram->samples = 0;
	return datagram->xdr.length;
}
