/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/observe/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PADDED(size) (((size) + 7U) & ~7U)

int ring_map(struct ring *ring, int fd, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *producer;

	*ring = (struct ring){0};
	if (consumer == MAP_FAILED)
		return -errno;
	producer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (producer == MAP_FAILED) {
		int status = -errno;

		munmap(consumer, page);
		return status;
	}
	*ring = (struct ring){consumer, producer, (const uint8_t *)producer + page, size};
	return 0;
}

void ring_unmap(struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!ring->consumer)
		return;
	munmap(ring->consumer, page);
	munmap((void *)(uintptr_t)ring->producer, page + 2 * ring->size);
	*ring = (struct ring){0};
}

bool ring_entry(const void *bytes, size_t length, struct observed *observed)
{
	const struct dp_observation *head = bytes;
	const uint8_t *in = (const uint8_t *)bytes + sizeof(*head);
	size_t behind;

	if (length < sizeof(*head) || head->in_kept > DP_OBSERVED_FRAME || head->out_kept > DP_OBSERVED_FRAME ||
	    head->steps > DP_OBSERVED_STEPS)
		return false;
	behind = PADDED(head->in_kept) + PADDED(head->out_kept);
	if (length < sizeof(*head) + behind + head->steps * sizeof(struct dp_step))
		return false;
	*observed = (struct observed){.head = head};
	if (head->in_kept)
		observed->in = in;
	if (head->out_kept)
		observed->out = in + PADDED(head->in_kept);
	if (head->steps)
		observed->steps = (const void *)(in + behind);
	return true;
}

size_t ring_read(struct ring *ring, void (*take)(void *context, const struct observed *observed), void *context)
{
	uint64_t at = __atomic_load_n(ring->consumer, __ATOMIC_RELAXED);
	uint64_t end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	size_t entries = 0;

	while (at < end) {
		const uint32_t *header = (const uint32_t *)(const void *)(ring->bytes + (at & (ring->size - 1)));
		uint32_t length = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		struct observed observed;

		if (length & BPF_RINGBUF_BUSY_BIT)
			break; /* it is still being written: there will be a wake-up */
		if (!(length & BPF_RINGBUF_DISCARD_BIT) && ring_entry(header + 2, length, &observed)) {
			take(context, &observed);
			entries++;
		}
		at += PADDED((length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)) + BPF_RINGBUF_HDR_SZ);
		/* Whoever writes looks at this to see whether to wake us up, and we look at his position again. */
		__atomic_store_n(ring->consumer, at, __ATOMIC_SEQ_CST);
	}
	return entries;
}
