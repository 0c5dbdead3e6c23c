/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target as an ordinary test: its corpus, then mutations of it, the same ones in every run. `--corpus DIR`
 * writes the corpus as files for libFuzzer; any other arguments are files to be tried: one that libFuzzer has found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fuzz.h"

#define ROUNDS 20000 /* for each input of the corpus */
#define EDITS  6     /* of a round, at most */

static uint64_t seed = 0x9e3779b97f4a7c15ULL;

/* xorshift */
static uint32_t draw(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11) % limit;
}

/* Its end is the sanitizer's. */
static void try_exactly(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	assert_non_null(exact);
	if (size)
		memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void overwrite(uint8_t *bytes, size_t size, uint8_t value, uint32_t most)
{
	size_t at = draw((uint32_t)size), count = draw(most);

	memset(bytes + at, value, count < size - at ? count : size - at);
}

/* A piece of the input over another one. */
static void repeat(uint8_t *bytes, size_t size)
{
	size_t from = draw((uint32_t)size), to = draw((uint32_t)size), later = from > to ? from : to;

	memmove(bytes + to, bytes + from, draw((uint32_t)(size - later) + 1));
}

static void take_out(uint8_t *bytes, size_t *size)
{
	size_t at = draw((uint32_t)*size), count = draw((uint32_t)(*size - at));

	memmove(bytes + at, bytes + at + count, *size - at - count);
	*size -= count;
}

static size_t mutate(uint8_t *bytes, size_t size)
{
	static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '&', '\n'};

	for (uint32_t n = 1 + draw(EDITS); n > 0; n--)
		switch (draw(6)) {
		case 0:
			bytes[draw((uint32_t)size)] = (uint8_t)draw(256);
			break;
		case 1:
			bytes[draw((uint32_t)size)] ^= (uint8_t)(1U << draw(8));
			break;
		case 2:
			overwrite(bytes, size, edges[draw(sizeof(edges))], 9);
			break;
		case 3:
			repeat(bytes, size);
			break;
		case 4:
			take_out(bytes, &size);
			break;
		case 5:
			size = 1 + draw((uint32_t)size);
		}
	return size;
}

static void test_corpus(void **state)
{
	uint8_t bytes[FUZZ_BYTES];
	unsigned int n = 0;

	(void)state;
	for (size_t size; (size = fuzz_corpus(n, bytes)) > 0; n++) {
		try_exactly(bytes, size);
		fuzz_must_accept(bytes, size);
	}
	assert_true(n > 0);
}

static void test_mutations(void **state)
{
	uint8_t bytes[FUZZ_BYTES];

	(void)state;
	for (unsigned int n = 0; fuzz_corpus(n, bytes) > 0; n++)
		for (int round = 0; round < ROUNDS; round++)
			try_exactly(bytes, mutate(bytes, fuzz_corpus(n, bytes)));
}

static int write_corpus(const char *folder)
{
	uint8_t bytes[FUZZ_BYTES];
	unsigned int n = 0;

	for (size_t size; (size = fuzz_corpus(n, bytes)) > 0; n++) {
		char path[4096];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%u", folder, n);
		file = fopen(path, "w");
		if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
			perror(path);
			return 1;
		}
	}
	printf("%u inputs in %s\n", n, folder);
	return 0;
}

static int try_file(const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		return 1;
	}
	try_exactly(bytes, fread(bytes, 1, sizeof(bytes), file));
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus), cmocka_unit_test(test_mutations)};
	int failed = 0;

	if (argc == 3 && !strcmp(argv[1], "--corpus"))
		return write_corpus(argv[2]);
	if (argc == 1)
		return cmocka_run_group_tests(tests, NULL, NULL);
	for (int i = 1; i < argc; i++)
		failed |= try_file(argv[i]);
	return failed;
}
