/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one frame of a file of captured packets: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng),
 * of either byte order, Ethernet only. */
#ifndef SLUICE_CTL_PCAP_READ_H
#define SLUICE_CTL_PCAP_READ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PCAP_FRAME_MOST 9018

#define PCAP_FAULT 160

/* The number-th frame, from 1, into `frame` of PCAP_FRAME_MOST bytes. Its length, or 0 and *fault: why not. */
size_t pcap_read(FILE *file, uint32_t number, uint8_t *frame, char fault[PCAP_FAULT]);

#endif
