/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the disk itself takes to make some bytes durable: bench_sync DIRECTORY SECONDS
 *
 * Appends 256 bytes to a new file in the directory and waits for them with fdatasync, again and again; the file is gone
 * afterwards. Prints one line of JSON: syncs, and the p50, p90, p99 and maximum of fdatasync alone in microseconds.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECORD_BYTES 256
#define SYNCS_MAX    1000000

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Fills `micros` for so long. How many, or -1. */
static long measure(int fd, double seconds, uint32_t *micros)
{
	const double end = now() + seconds;
	char bytes[RECORD_BYTES];
	long count = 0;

	memset(bytes, 0x5a, sizeof(bytes));
	while (count < SYNCS_MAX) {
		double before;

		if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
			return -1;
		before = now();
		if (fdatasync(fd))
			return -1;
		micros[count++] = (uint32_t)((now() - before) * 1e6);
		if (now() >= end)
			break;
	}
	return count;
}

int main(int argc, char **argv)
{
	const double seconds = argc == 3 ? atof(argv[2]) : 0;
	char path[PATH_MAX];
	uint32_t *micros;
	long count = -1;
	int fd;

	if (seconds <= 0 || seconds > 60 ||
	    snprintf(path, sizeof(path), "%s/bench_sync.XXXXXX", argv[1]) >= (int)sizeof(path)) {
		fprintf(stderr, "usage: bench_sync DIRECTORY SECONDS (at most 60)\n");
		return 2;
	}
	micros = malloc(SYNCS_MAX * sizeof(*micros));
	fd = mkstemp(path);
	if (fd >= 0 && micros)
		count = measure(fd, seconds, micros);
	if (count < 0)
		perror(path);
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	if (count > 0) {
		qsort(micros, (size_t)count, sizeof(*micros), compare);
		printf("{\"syncs\": %ld, \"p50\": %u, \"p90\": %u, \"p99\": %u, \"max\": %u}\n", count,
		       micros[count / 2], micros[count * 9 / 10], micros[count * 99 / 100], micros[count - 1]);
	}
	free(micros);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
