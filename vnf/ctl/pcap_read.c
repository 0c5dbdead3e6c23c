/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/pcap_read.h"

#include <stdbool.h>
#include <string.h>

#define MICROSECONDS	 0xa1b2c3d4U /* pcap's magic numbers */
#define NANOSECONDS	 0xa1b23c4dU
#define SECTION		 0x0a0d0d0aU /* pcapng's block types */
#define INTERFACE	 1U
#define SIMPLE		 3U
#define ENHANCED	 6U
#define BYTE_ORDER_MAGIC 0x1a2b3c4dU
#define ETHERNET	 1U
#define BLOCK_MOST	 (16U << 20)
#define INTERFACES	 256

struct reader {
	FILE *file;
	bool swapped;
	uint8_t *frame;
	uint32_t left; /* frames until the one that is wanted, it counted */
	uint16_t link[INTERFACES];
	uint32_t snap[INTERFACES];
	uint32_t interfaces;
	char *fault;
};

/* Returns 0, as pcap_read. */
static size_t fault(const struct reader *reader, const char *why)
{
	snprintf(reader->fault, PCAP_FAULT, "%s", why);
	return 0;
}

static uint32_t order32(const struct reader *reader, uint32_t number)
{
	return reader->swapped ? __builtin_bswap32(number) : number;
}

/* False: the file ends before. */
static bool read32(const struct reader *reader, uint32_t *number, size_t count)
{
	if (fread(number, sizeof(*number), count, reader->file) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		number[i] = order32(reader, number[i]);
	return true;
}

static bool skip(const struct reader *reader, uint32_t length)
{
	char away[4096];

	while (length) {
		size_t part = length < sizeof(away) ? length : sizeof(away);

		if (fread(away, 1, part, reader->file) != part)
			return false;
		length -= (uint32_t)part;
	}
	return true;
}

/* Bytes of the frame, of which the file has `kept`. */
static size_t read_frame(const struct reader *reader, uint32_t kept, uint32_t length)
{
	if (kept < length)
		return fault(reader,
			     "the packet was cut short when it was captured: capture with a longer snap length");
	if (length < 14 || length > PCAP_FRAME_MOST)
		return fault(reader, "the packet is no Ethernet frame of 14 to 9018 bytes");
	if (fread(reader->frame, 1, length, reader->file) != length)
		return fault(reader, "the file ends within the packet");
	return length;
}

static size_t too_few(const struct reader *reader)
{
	return fault(reader, "the file has fewer packets");
}

/* Behind the magic number. */
static size_t read_pcap(struct reader *reader)
{
	uint32_t header[5], record[4];

	if (!read32(reader, header, 5))
		return fault(reader, "the file ends within its header");
	if ((header[4] & 0xffff) != ETHERNET)
		return fault(reader, "its packets are not Ethernet frames");
	while (read32(reader, record, 4)) {
		if (record[2] > BLOCK_MOST)
			return fault(reader, "a packet's length is wrong: the file is damaged");
		if (!--reader->left)
			return read_frame(reader, record[2], record[3]);
		if (!skip(reader, record[2]))
			return fault(reader, "the file ends within a packet");
	}
	return too_few(reader);
}

/* Behind the section's type and length, which may be of the other byte order. */
static bool begin_section(struct reader *reader, uint32_t *length)
{
	uint32_t magic, before = reader->swapped ? __builtin_bswap32(*length) : *length;

	if (fread(&magic, sizeof(magic), 1, reader->file) != 1)
		return false;
	if (magic != BYTE_ORDER_MAGIC && magic != __builtin_bswap32(BYTE_ORDER_MAGIC))
		return false;
	reader->swapped = magic != BYTE_ORDER_MAGIC;
	reader->interfaces = 0;
	*length = order32(reader, before);
	return *length >= 28 && *length <= BLOCK_MOST && *length % 4 == 0 && skip(reader, *length - 12);
}

static bool add_interface(struct reader *reader, uint32_t length)
{
	uint32_t body[2];
	uint16_t link;

	if (length < 20 || reader->interfaces == INTERFACES || !read32(reader, body, 2))
		return false;
	body[0] = order32(reader, body[0]); /* as it is in the file: two numbers of 16 bits */
	memcpy(&link, body, sizeof(link));
	reader->link[reader->interfaces] = reader->swapped ? __builtin_bswap16(link) : link;
	reader->snap[reader->interfaces++] = body[1];
	return skip(reader, length - 16);
}

/* The frame of a packet's block, which is the one that is wanted. */
static size_t read_packet(struct reader *reader, uint32_t type, uint32_t length)
{
	uint32_t body[5] = {0}, interface, kept, whole;
	const uint32_t fixed = type == ENHANCED ? 5 : 1;

	if (length < 12 + fixed * 4 || !read32(reader, body, fixed))
		return fault(reader, "the file ends within a packet");
	interface = type == ENHANCED ? body[0] : 0;
	if (interface >= reader->interfaces)
		return fault(reader, "a packet is of no interface: the file is damaged");
	whole = type == ENHANCED ? body[4] : body[0];
	kept = type == ENHANCED ? body[3] : whole;
	if (type == SIMPLE && reader->snap[0] && kept > reader->snap[0])
		kept = reader->snap[0];
	if (kept > length - 12 - fixed * 4)
		return fault(reader, "a packet's length is wrong: the file is damaged");
	if (reader->link[interface] != ETHERNET)
		return fault(reader, "the packet is not an Ethernet frame");
	return read_frame(reader, kept, whole);
}

/* Behind the first block's type. */
static size_t read_pcapng(struct reader *reader)
{
	uint32_t block[2] = {SECTION, 0};
	bool right = fread(&block[1], sizeof(block[1]), 1, reader->file) == 1;

	while (right) {
		const bool packet = block[0] == ENHANCED || block[0] == SIMPLE;

		if (block[0] == SECTION)
			right = begin_section(reader, &block[1]);
		else if (block[1] < 12 || block[1] > BLOCK_MOST || block[1] % 4)
			right = false;
		else if (packet && !--reader->left)
			return read_packet(reader, block[0], block[1]);
		else if (block[0] == INTERFACE)
			right = add_interface(reader, block[1]);
		else
			right = skip(reader, block[1] - 8);
		if (right && !read32(reader, block, 2))
			return too_few(reader);
	}
	return fault(reader, "a block's length is wrong, or the file ends within it: the file is damaged");
}

size_t pcap_read(FILE *file, uint32_t number, uint8_t *frame, char text[PCAP_FAULT])
{
	struct reader reader = {.file = file, .frame = frame, .left = number, .fault = text};
	uint32_t magic;

	if (fread(&magic, sizeof(magic), 1, file) != 1)
		return fault(&reader, "the file is empty");
	if (magic == SECTION)
		return read_pcapng(&reader);
	reader.swapped = magic == __builtin_bswap32(MICROSECONDS) || magic == __builtin_bswap32(NANOSECONDS);
	if (reader.swapped || magic == MICROSECONDS || magic == NANOSECONDS)
		return read_pcap(&reader);
	return fault(&reader, "is neither a pcap nor a pcapng file");
}
