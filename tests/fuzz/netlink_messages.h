/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of an rtnetlink datagram, for targets that take them one by one. */
#ifndef SLUICE_TESTS_FUZZ_NETLINK_MESSAGES_H
#define SLUICE_TESTS_FUZZ_NETLINK_MESSAGES_H

#include <libmnl/libmnl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Calls `take` for each, in memory of its own whose end is the sanitizer's, up to one whose length is wrong. */
static inline void each_message(const uint8_t *data, size_t size,
				void (*take)(const struct nlmsghdr *message, void *context), void *context)
{
	while (size >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr header, *message;
		size_t step;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size)
			break;
		message = malloc(header.nlmsg_len);
		if (!message)
			abort();
		memcpy(message, data, header.nlmsg_len);
		take(message, context);
		free(message);
		step = MNL_ALIGN(header.nlmsg_len);
		if (step > size)
			break;
		data += step;
		size -= step;
	}
}

#endif
