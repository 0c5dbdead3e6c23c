/* SPDX-License-Identifier: Apache-2.0 */
/* Packets whose headers are laid out in unusual ways, made from plain ones, with and without chance. */
#ifndef SLUICE_TESTS_BPF_ROUTER_STACKS_H
#define SLUICE_TESTS_BPF_ROUTER_STACKS_H

#include "tests/bpf/router/rig.h"

#define STACK_MOST 12 /* extension headers */

enum {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_AH = 51,
	EXTENSION_DESTINATION = 60
};

/* Numbers that look random, the same in each run. */
uint32_t stack_random(uint32_t below);

/* IPv6 extension headers, from the outside. */
struct stack {
	uint8_t type[STACK_MOST];
	size_t count;
};
struct stack stack_draw(size_t most); /* no fragment header */

/* Puts the extension headers of the stack behind the IPv6 header at `ip`. */
void stack_put(struct frame *frame, size_t ip, const struct stack *stack);
/* Puts up to 40 bytes of random options, none of them a source route, behind the IPv4 header at `ip`. */
void stack_put_options(struct frame *frame, size_t ip);
/* And these, filled up with ends of list. */
void stack_put_option_bytes(struct frame *frame, size_t ip, const uint8_t *option, size_t size);

/* The first fragment of the packet, and a later one; IPv6: with the fragment header in front of the `at`-th of the
 * stack's headers, which the frame must have. */
struct fragments {
	struct frame first, later;
};
struct fragments stack_fragment(const struct frame *whole, size_t ip, const struct stack *stack, size_t at,
				uint32_t id);

/* An ICMP error from `from` to the source of the packet at `ip` of `about`, with as much of that as `quoted` bytes. */
struct frame stack_error(const struct frame *about, size_t ip, const char *from, uint8_t type, size_t quoted);

#endif
