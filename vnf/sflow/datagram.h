/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram of sFlow that is being filled with samples. */
#ifndef SLUICE_SFLOW_DATAGRAM_H
#define SLUICE_SFLOW_DATAGRAM_H

#include "vnf/sflow/xdr.h"

#define SFLOW_DATAGRAM 1400 /* bytes at most: it fits into a packet of 1500 bytes, and of a tunnel in one */

struct sflow_datagram {
	struct ip_address agent;
	uint32_t sequence; /* of the last that was finished */
	uint32_t samples;
	size_t header; /* bytes in front of the samples */
	struct xdr xdr;
	uint8_t byte[SFLOW_DATAGRAM];
};

/* No datagram yet. It must not be moved. */
void sflow_datagram_init(struct sflow_datagram *datagram, const struct ip_address *agent);

/* Adds a sample: calls put, which is one of samples.h. False: it does not fit behind those that are there; finish the
 * datagram, and add it to the next one. */
bool sflow_datagram_add(struct sflow_datagram *datagram, void (*put)(struct xdr *xdr, const void *sample),
			const void *sample);

/* Completes the header; what is to be sent is byte[0] to byte[returned]. 0: there is no sample. The next sample begins
 * a new one. */
size_t sflow_datagram_finish(struct sflow_datagram *datagram, uint32_t uptime_ms);

#endif
