/* SPDX-License-Identifier: Apache-2.0 */
/* Files of captured packets: whatever they hold, a frame is read whole and within its bounds, or a fault says why not.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vnf/ctl/frame_text.h"
#include "vnf/ctl/packet_options.h"
#include "vnf/ctl/pcap_read.h"
#include "vnf/ctl/pcapng_write.h"

/* Stands in for the command line's. */
const char *protocol_name(uint32_t number)
{
	return number == 17 ? "udp" : NULL;
}

static size_t read_one(const uint8_t *data, size_t size, uint32_t number)
{
	uint8_t *frame = malloc(PCAP_FRAME_MOST); /* with an end that the sanitizer guards */
	FILE *file = fmemopen((void *)data, size, "rb");
	char fault[PCAP_FAULT] = "", text[FRAME_TEXT];
	size_t length;

	if (!frame || !file)
		abort();
	length = pcap_read(file, number, frame, fault);
	if (length > PCAP_FRAME_MOST || !length != (*fault != '\0'))
		abort();
	if (length && (strlen(frame_text(frame, length, text)) >= FRAME_TEXT || !*text))
		abort();
	fclose(file);
	free(frame);
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (uint32_t number = 1; size && number <= 3; number++)
		read_one(data, size, number);
	return 0;
}

static const uint8_t packet[] = "\2\0\0\0\0\1\2\0\0\0\0\2\x81\0\0\5\x08\0\x45\0\0\x1c\0\0\0\0\x40\x11\0\0"
				"\x0a\0\0\1\x0a\0\0\2\x13\x88\0\x35\0\x08\0\0";

static size_t write_pcapng(uint8_t *bytes)
{
	const struct pcapng_packet one = {.interface = "under0",
					  .description = "interface under0 (eth0)",
					  .bytes = packet,
					  .kept = sizeof(packet) - 1,
					  .length = sizeof(packet) - 1,
					  .comment = "vrf red"};
	FILE *file = fmemopen(bytes, FUZZ_BYTES, "wb");
	struct pcapng *pcapng = file ? pcapng_new(file, "fuzz", 256) : NULL;
	size_t size;

	if (!pcapng)
		abort();
	for (int i = 0; i < 3; i++)
		if (pcapng_add(pcapng, &one))
			abort();
	size = (size_t)ftell(file);
	pcapng_free(pcapng);
	fclose(file);
	return size;
}

size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	static const uint8_t header[] = "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0";
	const uint32_t record[] = {0, 0, sizeof(packet) - 1, sizeof(packet) - 1};
	size_t size = sizeof(header);

	if (n == 0)
		return write_pcapng(bytes);
	if (n > 1)
		return 0;
	memcpy(bytes, header, sizeof(header));
	for (int i = 0; i < 3; i++) {
		memcpy(bytes + size, record, sizeof(record));
		memcpy(bytes + size + sizeof(record), packet, sizeof(packet) - 1);
		size += sizeof(record) + sizeof(packet) - 1;
	}
	return size;
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	for (uint32_t number = 1; number <= 3; number++)
		if (read_one(data, size, number) != sizeof(packet) - 1)
			abort();
}
