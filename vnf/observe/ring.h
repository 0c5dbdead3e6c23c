/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading end of the kernel's ring buffer (BPF_MAP_TYPE_RINGBUF, Documentation/bpf/ringbuf.rst): a page with the
 * reader's position, a page with the writers', and the bytes, mapped twice, so that no entry is ever in two pieces. An
 * entry is 8 bytes of header, whose first 32 bits are its length with two flags, and the bytes, padded to 8.
 */
#ifndef SLUICE_OBSERVE_RING_H
#define SLUICE_OBSERVE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/observe/observer.h"

struct ring {
	uint64_t *consumer; /* NULL: not mapped */
	const uint64_t *producer;
	const uint8_t *bytes;
	size_t size; /* a power of two */
};

/* Maps the ring of that many bytes. 0 or -errno. */
int ring_map(struct ring *ring, int fd, size_t size);
void ring_unmap(struct ring *ring); /* a zeroed one is fine */

/* Hands over every entry that is there, and frees their room: those that make sense as an observation. How many there
 * were. */
size_t ring_read(struct ring *ring, void (*take)(void *context, const struct observed *observed), void *context);

/* Does the entry hold what its head says? Points *observed into it then. */
bool ring_entry(const void *bytes, size_t length, struct observed *observed);

#endif
