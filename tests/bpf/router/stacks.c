/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/router/stacks.h"

#include <arpa/inet.h>
#include <string.h>

static uint64_t random_state = 0x243f6a8885a308d3;

uint32_t stack_random(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % below;
}

static bool is_ipv6(const struct frame *frame, size_t ip)
{
	return frame->byte[ip] >> 4 == 6;
}

static size_t header_size(const struct frame *frame, size_t ip)
{
	return is_ipv6(frame, ip) ? 40 : (frame->byte[ip] & 15) * 4U;
}

/* The length and the checksum of the IP header, nothing behind it. */
static void fix_ip(struct frame *frame, size_t ip)
{
	if (is_ipv6(frame, ip)) {
		frame_put16(frame, ip + 4, (uint16_t)(frame->length - ip - 40));
		return;
	}
	frame_put16(frame, ip + 2, (uint16_t)(frame->length - ip));
	frame_fix_checksum(frame, ip);
}

static void insert(struct frame *frame, size_t offset, const uint8_t *byte, size_t size)
{
	memmove(frame->byte + offset + size, frame->byte + offset, frame->length - offset);
	memcpy(frame->byte + offset, byte, size);
	frame->length += size;
}

struct stack stack_draw(size_t most)
{
	static const uint8_t types[] = {EXTENSION_HOP_BY_HOP, EXTENSION_ROUTING, EXTENSION_AH, EXTENSION_DESTINATION};
	struct stack stack = {.count = stack_random((uint32_t)most + 1)};

	for (size_t i = 0; i < stack.count; i++)
		stack.type[i] = types[stack_random(sizeof(types))];
	return stack;
}

/* One header in front of what has the protocol `next`; its size. */
static size_t draw_extension(uint8_t type, uint8_t next, uint8_t header[64])
{
	size_t size = 8 * (1 + stack_random(4));

	for (size_t i = 0; i < size; i++)
		header[i] = (uint8_t)stack_random(256);
	header[0] = next;
	header[1] = (uint8_t)(type == EXTENSION_AH ? size / 4 - 2 : size / 8 - 1);
	if (type == EXTENSION_ROUTING)
		header[2] = (uint8_t)(1 + stack_random(255)); /* any type but source routing */
	return size;
}

void stack_put(struct frame *frame, size_t ip, const struct stack *stack)
{
	for (size_t i = stack->count; i-- > 0;) {
		uint8_t header[64];
		size_t size = draw_extension(stack->type[i], frame->byte[ip + 6], header);

		insert(frame, ip + 40, header, size);
		frame->byte[ip + 6] = stack->type[i];
	}
	fix_ip(frame, ip);
}

void stack_put_option_bytes(struct frame *frame, size_t ip, const uint8_t *option, size_t size)
{
	uint8_t options[40] = {0};
	size_t whole = (size + 3) / 4 * 4;

	memcpy(options, option, size);
	insert(frame, ip + 20, options, whole);
	frame->byte[ip] = (uint8_t)(frame->byte[ip] + whole / 4);
	fix_ip(frame, ip);
}

void stack_put_options(struct frame *frame, size_t ip)
{
	static const uint8_t types[] = {7, 68, 82, 130, 136, 148, 30, 222, 255}; /* record route, timestamp and so on */
	uint8_t options[40];
	size_t size = 0, most = stack_random(41);

	while (size < most) {
		size_t left = most - size, length;

		if (left < 2 || !stack_random(3)) {
			options[size++] = 1;
			continue;
		}
		length = 2 + stack_random((uint32_t)left - 1);
		for (size_t i = 0; i < length; i++)
			options[size + i] = (uint8_t)stack_random(256);
		options[size] = types[stack_random(sizeof(types))];
		options[size + 1] = (uint8_t)length;
		size += length;
	}
	stack_put_option_bytes(frame, ip, options, size);
}

/* The offset of the `at`-th extension header, and where the number of its protocol stands. */
static size_t extension_at(const struct frame *frame, size_t ip, const struct stack *stack, size_t at, size_t *next)
{
	size_t offset = ip + 40;

	*next = ip + 6;
	for (size_t i = 0; i < at; i++) {
		size_t length = frame->byte[offset + 1];

		*next = offset;
		offset += stack->type[i] == EXTENSION_AH ? (length + 2) * 4 : (length + 1) * 8;
	}
	return offset;
}

static void fragment_ipv6(struct fragments *two, size_t ip, const struct stack *stack, size_t at, uint32_t id)
{
	size_t next, offset = extension_at(&two->first, ip, stack, at, &next);
	uint8_t header[8] = {two->first.byte[next], 0,		0, 1, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
			     (uint8_t)(id >> 8),    (uint8_t)id};

	two->first.byte[next] = two->later.byte[next] = EXTENSION_FRAGMENT;
	insert(&two->first, offset, header, sizeof(header));
	header[2] = 4;
	header[3] = (uint8_t)(stack_random(2) | 8 * stack_random(32));
	insert(&two->later, offset, header, sizeof(header));
	two->later.length = offset + 8;
}

static void fragment_ipv4(struct fragments *two, size_t ip, uint32_t id)
{
	frame_put16(&two->first, ip + 4, (uint16_t)id);
	frame_put16(&two->first, ip + 6, 0x2000);
	frame_put16(&two->later, ip + 4, (uint16_t)id);
	frame_put16(&two->later, ip + 6, (uint16_t)(0x2000 * stack_random(2) | (100 + stack_random(100))));
	two->later.length = ip + header_size(&two->later, ip);
}

struct fragments stack_fragment(const struct frame *whole, size_t ip, const struct stack *stack, size_t at, uint32_t id)
{
	struct fragments two = {*whole, *whole};

	if (is_ipv6(whole, ip))
		fragment_ipv6(&two, ip, stack, at, id);
	else
		fragment_ipv4(&two, ip, id);
	for (size_t i = 0; i < 16; i++)
		two.later.byte[two.later.length++] = (uint8_t)stack_random(256);
	fix_ip(&two.first, ip);
	fix_ip(&two.later, ip);
	return two;
}

struct frame stack_error(const struct frame *about, size_t ip, const char *from, uint8_t type, size_t quoted)
{
	bool ipv6 = is_ipv6(about, ip);
	size_t size = about->length - ip < quoted ? about->length - ip : quoted, l4 = ip + (ipv6 ? 40 : 20);
	struct frame error = *about;

	memset(error.byte + ip, 0, l4 - ip);
	error.byte[ip] = ipv6 ? 0x60 : 0x45;
	error.byte[ip + (ipv6 ? 6 : 9)] = ipv6 ? 58 : 1;
	error.byte[ip + (ipv6 ? 7 : 8)] = 64;
	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, from, error.byte + ip + (ipv6 ? 8 : 12)), 1);
	memcpy(error.byte + ip + (ipv6 ? 24 : 16), about->byte + ip + (ipv6 ? 8 : 12), ipv6 ? 16 : 4);
	memset(error.byte + l4, 0, 8);
	error.byte[l4] = type;
	memcpy(error.byte + l4 + 8, about->byte + ip, size);
	error.length = l4 + 8 + size;
	fix_ip(&error, ip);
	return error;
}
