/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a file of captured packets (draft-ietf-opsawg-pcapng) in this machine's byte order: a section, an interface
 * block for each name that occurs, and the packets with their comments. */
#ifndef SLUICE_CTL_PCAPNG_WRITE_H
#define SLUICE_CTL_PCAPNG_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng;

struct pcapng_packet {
	const char *interface, *description; /* by which it came or leaves, for people */
	const uint8_t *bytes;
	uint32_t kept, length; /* bytes here, and of the whole frame */
	uint64_t time;	       /* since 1970, in ns */
	bool out;	       /* it leaves */
	uint64_t packet;       /* a number, the same for all frames of a packet */
	uint64_t dropped;      /* packets that were not captured since the frame before, */
	uint64_t verdict;      /* what XDP did: enum xdp_action */
	const char *comment;
};

/* Borrows the stream. NULL: no memory. */
struct pcapng *pcapng_new(FILE *stream, const char *application, uint32_t snap);
void pcapng_free(struct pcapng *file); /* NULL is fine */

/* 0, or -1: no memory, or the stream has an error. */
int pcapng_add(struct pcapng *file, const struct pcapng_packet *packet);

#endif
