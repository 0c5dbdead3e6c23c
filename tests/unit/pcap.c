/* SPDX-License-Identifier: Apache-2.0 */
/* Files of captured packets: what is written, byte by byte, and read again; other programs' files; damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "failing.h"
#include "vnf/ctl/pcap_read.h"
#include "vnf/ctl/pcapng_write.h"

static uint8_t frame[PCAP_FRAME_MOST];
static char fault[PCAP_FAULT];

static size_t read_from(const void *bytes, size_t length, uint32_t number)
{
	FILE *file = fmemopen((void *)bytes, length, "rb");
	size_t read;

	assert_non_null(file);
	*fault = '\0';
	read = pcap_read(file, number, frame, fault);
	assert_int_equal(!read, *fault != '\0');
	fclose(file);
	return read;
}

static const uint8_t ping[] = "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0 a frame, and so on";

static const struct pcapng_packet packets[] = {
	{.interface = "under0",
	 .description = "interface under0 (eth0)",
	 .bytes = ping,
	 .kept = 20,
	 .length = 20,
	 .time = 0x0102030405060708,
	 .packet = 7,
	 .verdict = 4,
	 .comment = "vrf red"},
	{.interface = "t1",
	 .description = "tunnel t1 on under0 (eth0)",
	 .bytes = ping,
	 .kept = 21,
	 .length = 70,
	 .time = 0x0102030405060708,
	 .out = true,
	 .packet = 7,
	 .dropped = 3,
	 .verdict = 1,
	 .comment = ""},
	{.interface = "under0", .description = "", .bytes = ping, .kept = 17, .length = 17, .comment = "x"},
};

static size_t write_all(uint8_t *to, size_t size)
{
	FILE *file = fmemopen(to, size, "wb");
	struct pcapng *pcapng = pcapng_new(file, "test", 256);
	size_t length;

	assert_non_null(pcapng);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		assert_int_equal(pcapng_add(pcapng, &packets[i]), 0);
	length = (size_t)ftell(file);
	pcapng_free(pcapng);
	fclose(file);
	return length;
}

static uint32_t word(const uint8_t *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return number;
}

/* Every block begins and ends with its length; `types` are those of the file, in hex digits. */
static void check_blocks(const uint8_t *file, size_t length, const char *types)
{
	while (length) {
		const uint32_t size = word(file + 4);

		assert_true(size <= length && size % 4 == 0);
		assert_int_equal(word(file + size - 4), size);
		assert_int_equal(word(file) & 0xf, *types++ - '0');
		file += size;
		length -= size;
	}
	assert_int_equal(*types, '\0');
}

static const uint8_t *find(const uint8_t *in, size_t length, const void *what, size_t size)
{
	const uint8_t *found = memmem(in, length, what, size);

	assert_non_null(found);
	return found;
}

static void test_write(void **state)
{
	static uint8_t file[4096];
	const size_t length = write_all(file, sizeof(file));
	const uint8_t *at;

	(void)state;
	check_blocks(file, length, ":16166");
	assert_int_equal(word(file + 8), 0x1a2b3c4d);
	find(file, length, "\4\0\4\0test", 8); /* the application */
	at = find(file, length, "\2\0\6\0under0\0\0", 12);
	find(at, 60, "\3\0\x17\0interface under0 (eth0)\0", 28);
	find(at, 80, "\x9\0\1\0\x9\0\0\0\0\0\0\0", 12); /* nanoseconds, and the end of the options */
	/* the packet's interface, time, lengths, bytes and options */
	at = find(file, length, "\4\3\2\1\x8\7\6\5\x14\0\0\0\x14\0\0\0", 16);
	assert_int_equal(word(at - 4), 0);
	assert_memory_equal(at + 16, ping, 20);
	assert_memory_equal(at + 36,
			    "\1\0\7\0vrf red\0"			/* comment */
			    "\2\0\4\0\1\0\0\0"			/* flags: in */
			    "\5\0\x8\0\7\0\0\0\0\0\0\0"		/* packet */
			    "\7\0\x9\0\2\4\0\0\0\0\0\0\0\0\0\0" /* verdict of XDP: redirect */
			    "\0\0\0\0",
			    12 + 8 + 12 + 16 + 4);
	/* the other frame of it, of another interface, padded */
	at = find(at, length, "\4\3\2\1\x8\7\6\5\x15\0\0\0\x46\0\0\0", 16);
	assert_int_equal(word(at - 4), 1);
	assert_memory_equal(at + 16 + 21, "\0\0\0", 3);
	assert_memory_equal(at + 40,
			    "\2\0\4\0\2\0\0\0"		/* flags: out */
			    "\4\0\x8\0\3\0\0\0\0\0\0\0" /* dropped before */
			    "\5\0\x8\0\7\0\0\0\0\0\0\0",
			    8 + 12 + 12);
}

static void test_read(void **state)
{
	static uint8_t file[4096];
	const size_t length = write_all(file, sizeof(file));

	(void)state;
	assert_int_equal(read_from(file, length, 1), 20);
	assert_memory_equal(frame, ping, 20);
	assert_int_equal(read_from(file, length, 2), 0);
	assert_non_null(strstr(fault, "cut short when it was captured"));
	assert_int_equal(read_from(file, length, 3), 17);
	assert_int_equal(read_from(file, length, 4), 0);
	assert_non_null(strstr(fault, "fewer packets"));
}

/* Of every length that a file can be cut to, and with every byte turned, nothing is read out of bounds. */
static void test_damage(void **state)
{
	static uint8_t file[4096];
	const size_t length = write_all(file, sizeof(file));

	(void)state;
	for (size_t cut = 1; cut < length; cut++)
		for (uint32_t number = 1; number <= 3; number++)
			read_from(file, cut, number);
	for (size_t i = 0; i < length; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			file[i] ^= (uint8_t)(1U << bit);
			read_from(file, length, 1);
			read_from(file, length, 3);
			file[i] ^= (uint8_t)(1U << bit);
		}
}

#define PCAP_HEADER  "\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0"
#define PCAP_SWAPPED "\0\2\0\4\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\1"
#define FRAME	     "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0"

static void test_pcap(void **state)
{
	static const char little[] = "\xd4\xc3\xb2\xa1" PCAP_HEADER "\0\0\0\0\0\0\0\0\xe\0\0\0\xe\0\0\0" FRAME
				     "\0\0\0\0\0\0\0\0\xf\0\0\0\xf\0\0\0" FRAME "x";
	static const char big[] = "\xa1\xb2\x3c\x4d" PCAP_SWAPPED "\0\0\0\0\0\0\0\0\0\0\0\xe\0\0\0\xe" FRAME;
	static const char raw[] = "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\x65\0\0\0";

	(void)state;
	assert_int_equal(read_from(little, sizeof(little) - 1, 1), 14);
	assert_memory_equal(frame, FRAME, 14);
	assert_int_equal(read_from(little, sizeof(little) - 1, 2), 15);
	assert_int_equal(frame[14], 'x');
	assert_int_equal(read_from(little, sizeof(little) - 1, 3), 0);
	assert_int_equal(read_from(little, sizeof(little) - 2, 2), 0);
	assert_non_null(strstr(fault, "ends within"));
	assert_int_equal(read_from(big, sizeof(big) - 1, 1), 14);
	assert_int_equal(read_from(raw, sizeof(raw) - 1, 1), 0);
	assert_non_null(strstr(fault, "not Ethernet"));
	assert_int_equal(read_from("what", 4, 1), 0);
	assert_non_null(strstr(fault, "neither a pcap nor a pcapng"));
	assert_int_equal(read_from("wha", 3, 1), 0);
	assert_non_null(strstr(fault, "empty"));
}

/* pcapng of a machine of the other byte order, with a simple packet and a block that nobody knows. */
static void test_other_order(void **state)
{
	static const char file[] =
		"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d\0\1\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x1c"
		"\0\0\0\1\0\0\0\x14\0\1\0\0\0\0\0\0\0\0\0\x14"
		"\0\0\0\x99\0\0\0\xc\0\0\0\xc"
		"\0\0\0\3\0\0\0\x20\0\0\0\xe" FRAME "\0\0\0\0\0\x20";

	(void)state;
	assert_int_equal(read_from(file, sizeof(file) - 1, 1), 14);
	assert_memory_equal(frame, FRAME, 14);
	assert_int_equal(read_from(file, sizeof(file) - 1, 2), 0);
}

static void test_memory(void **state)
{
	static uint8_t file[4096];
	unsigned int refused = 0;
	bool done = false;

	(void)state;
	for (unsigned int i = 1; !done; i++) {
		FILE *stream = fmemopen(file, sizeof(file), "wb");
		struct pcapng *pcapng;
		int result = -1;

		atomic_store(&fail_in, i);
		pcapng = pcapng_new(stream, "test", 256);
		if (pcapng)
			result = pcapng_add(pcapng, &packets[0]) || pcapng_add(pcapng, &packets[1]);
		done = atomic_load(&fail_in) != 0;
		atomic_store(&fail_in, 0);
		refused += result != 0;
		assert_int_equal(result != 0, !done);
		pcapng_free(pcapng);
		fclose(stream);
	}
	assert_int_equal(refused, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write), cmocka_unit_test(test_read),	  cmocka_unit_test(test_damage),
		cmocka_unit_test(test_pcap),  cmocka_unit_test(test_other_order), cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
