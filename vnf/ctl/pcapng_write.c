/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/pcapng_write.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION	0x0a0d0d0aU
#define BLOCK_INTERFACE 1U
#define BLOCK_PACKET	6U

enum {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_DESCRIPTION = 3,
	INTERFACE_TIME_UNIT = 9,
	PACKET_FLAGS = 2,
	PACKET_DROPPED = 4,
	PACKET_ID = 5,
	PACKET_VERDICT = 7,
};

enum { FLAG_IN = 1, FLAG_OUT = 2 };

#define VERDICT_XDP   2	   /* type of a verdict */
#define TEXT_MOST     1024 /* bytes of one */
#define BLOCK_OPTIONS 4096 /* bytes of a block but for a frame */
#define LINK_ETHERNET 1

struct pcapng {
	FILE *stream;
	uint32_t snap;
	char **interface; /* their names, in the order of their blocks */
	uint32_t interfaces;
};

/* A block while it is written, but for its frame. */
struct block {
	uint8_t bytes[BLOCK_OPTIONS];
	size_t length;
};

static void put(struct block *block, const void *from, size_t length)
{
	memcpy(block->bytes + block->length, from, length);
	block->length += length;
}

static void put16(struct block *block, uint16_t number)
{
	put(block, &number, sizeof(number));
}

static void put32(struct block *block, uint32_t number)
{
	put(block, &number, sizeof(number));
}

static void put64(struct block *block, uint64_t number)
{
	put(block, &number, sizeof(number));
}

static size_t padding(size_t length)
{
	return -length & 3;
}

static void put_option(struct block *block, uint16_t code, const void *value, size_t length)
{
	static const uint8_t zeros[4];

	put16(block, code);
	put16(block, (uint16_t)length);
	put(block, value, length);
	put(block, zeros, padding(length));
}

static void put_text(struct block *block, uint16_t code, const char *text)
{
	if (*text)
		put_option(block, code, text, strnlen(text, TEXT_MOST));
}

static void put_end(struct block *block)
{
	put32(block, OPTION_END);
}

/* Type, length, what is fixed in front of the frame, the frame, the options, length. */
static int write_block(FILE *stream, uint32_t type, const struct block *fixed, const uint8_t *frame, uint32_t kept,
		       const struct block *options)
{
	static const uint8_t zeros[4];
	const size_t pad = padding(kept);
	const uint32_t length = (uint32_t)(12 + fixed->length + kept + pad + options->length);

	fwrite(&type, sizeof(type), 1, stream);
	fwrite(&length, sizeof(length), 1, stream);
	fwrite(fixed->bytes, 1, fixed->length, stream);
	if (kept)
		fwrite(frame, 1, kept, stream);
	fwrite(zeros, 1, pad, stream);
	fwrite(options->bytes, 1, options->length, stream);
	fwrite(&length, sizeof(length), 1, stream);
	return ferror(stream) ? -1 : 0;
}

struct pcapng *pcapng_new(FILE *stream, const char *application, uint32_t snap)
{
	struct pcapng *file = calloc(1, sizeof(*file));
	struct block fixed = {.length = 0}, options = {.length = 0};

	if (!file)
		return NULL;
	file->stream = stream;
	file->snap = snap;
	put32(&fixed, 0x1a2b3c4d);
	put16(&fixed, 1); /* version 1.0 */
	put16(&fixed, 0);
	put64(&fixed, UINT64_MAX); /* the section's length: not known */
	put_text(&options, SECTION_APPLICATION, application);
	put_end(&options);
	write_block(stream, BLOCK_SECTION, &fixed, NULL, 0, &options); /* the first packet finds a failure */
	return file;
}

void pcapng_free(struct pcapng *file)
{
	if (!file)
		return;
	for (uint32_t i = 0; i < file->interfaces; i++)
		free(file->interface[i]);
	free(file->interface);
	free(file);
}

static int add_interface(struct pcapng *file, const char *name, const char *description)
{
	struct block fixed = {.length = 0}, options = {.length = 0};
	const uint8_t nanoseconds = 9;
	char **grown = realloc(file->interface, (file->interfaces + 1UL) * sizeof(*grown));

	if (!grown)
		return -1;
	file->interface = grown;
	grown[file->interfaces] = strdup(name);
	if (!grown[file->interfaces])
		return -1;
	file->interfaces++;
	put16(&fixed, LINK_ETHERNET);
	put16(&fixed, 0);
	put32(&fixed, file->snap);
	put_text(&options, INTERFACE_NAME, name);
	put_text(&options, INTERFACE_DESCRIPTION, description);
	put_option(&options, INTERFACE_TIME_UNIT, &nanoseconds, sizeof(nanoseconds));
	put_end(&options);
	return write_block(file->stream, BLOCK_INTERFACE, &fixed, NULL, 0, &options);
}

/* The number of the interface's block, which is written where there is none yet. 0, or -1. */
static int find_interface(struct pcapng *file, const struct pcapng_packet *packet, uint32_t *number)
{
	for (*number = 0; *number < file->interfaces; ++*number)
		if (strcmp(file->interface[*number], packet->interface) == 0)
			return 0;
	return add_interface(file, packet->interface, packet->description);
}

int pcapng_add(struct pcapng *file, const struct pcapng_packet *packet)
{
	struct block fixed = {.length = 0}, options = {.length = 0};
	const uint32_t flags = packet->out ? FLAG_OUT : FLAG_IN;
	uint8_t verdict[9] = {VERDICT_XDP};
	uint32_t interface;

	if (find_interface(file, packet, &interface))
		return -1;
	put32(&fixed, interface);
	put32(&fixed, (uint32_t)(packet->time >> 32));
	put32(&fixed, (uint32_t)packet->time);
	put32(&fixed, packet->kept);
	put32(&fixed, packet->length);
	put_text(&options, OPTION_COMMENT, packet->comment);
	put_option(&options, PACKET_FLAGS, &flags, sizeof(flags));
	if (packet->dropped)
		put_option(&options, PACKET_DROPPED, &packet->dropped, sizeof(packet->dropped));
	put_option(&options, PACKET_ID, &packet->packet, sizeof(packet->packet));
	memcpy(verdict + 1, &packet->verdict, sizeof(packet->verdict));
	put_option(&options, PACKET_VERDICT, verdict, sizeof(verdict));
	put_end(&options);
	return write_block(file->stream, BLOCK_PACKET, &fixed, packet->bytes, packet->kept, &options);
}
