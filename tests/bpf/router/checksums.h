/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of what is in frames (RFC 1071), worked out byte by byte. */
#ifndef SLUICE_TESTS_BPF_ROUTER_CHECKSUMS_H
#define SLUICE_TESTS_BPF_ROUTER_CHECKSUMS_H

#include "tests/bpf/router/rig.h"

enum { UDP = 17 };

/* What is in the checksum field of a packet. */
enum checksum { NONE, RIGHT, UNFINISHED };

uint32_t checksums_sum(const struct frame *frame, size_t from, size_t length);
uint16_t checksums_fold(uint32_t sum);
/* Addresses of the IP header at `ip`, the protocol and the length. */
uint32_t checksums_pseudo(const struct frame *frame, size_t ip, uint8_t protocol, size_t length);
/* Where the header behind that IP header, without extension headers, is. */
size_t checksums_l4(const struct frame *frame, size_t ip);
/* Sets the checksum of the upper layer, behind `headers` bytes of extension headers. */
void checksums_set(struct frame *frame, size_t ip, uint8_t protocol, size_t headers, enum checksum inner);

#endif
