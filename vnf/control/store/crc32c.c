/* SPDX-License-Identifier: Apache-2.0 */
/* Eight bytes a step, a table for the place of each byte in the step. */
#include "vnf/control/store/crc32c.h"

#include <pthread.h>
#include <string.h>

#define POLYNOMIAL 0x82f63b78U /* reflected */

static uint32_t table[8][256];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		table[0][i] = crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int place = 1; place < 8; place++)
			table[place][i] = table[place - 1][i] >> 8 ^ table[0][table[place - 1][i] & 0xff];
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	pthread_once(&made, make_table);
	crc = ~crc;
	for (; size >= 8; size -= 8, at += 8) {
		uint64_t word;

		memcpy(&word, at, sizeof(word)); /* little-endian, record.h */
		word ^= crc;
		crc = 0;
		for (int place = 0; place < 8; place++)
			crc ^= table[7 - place][word >> (8 * place) & 0xff];
	}
	for (; size > 0; size--)
		crc = crc >> 8 ^ table[0][(crc ^ *at++) & 0xff];
	return ~crc;
}
