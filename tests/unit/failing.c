/* SPDX-License-Identifier: Apache-2.0 */
#include "failing.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

atomic_uint fail_in;
struct failing_disk failing_disk;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_ftruncate(int fd, off_t size);
int __real_renameat(int from, const char *old, int to, const char *new);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_renameat(int from, const char *old, int to, const char *new);

static bool fails(void)
{
	unsigned int left = atomic_load(&fail_in);

	while (left && !atomic_compare_exchange_weak(&fail_in, &left, left - 1))
		continue;
	return left == 1;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return fails() ? NULL : __real_strndup(text, size);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list arguments;
	int length;

	if (fails())
		return -1;
	va_start(arguments, format);
	length = vasprintf(text, format, arguments);
	va_end(arguments);
	return length;
}

static bool disk_fails(void)
{
	struct failing_disk *disk = &failing_disk;

	if (!disk->in || --disk->in > 0)
		return false;
	disk->failed++;
	if (disk->all)
		disk->in = 1;
	errno = disk->error;
	return true;
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	int error;

	if (!disk_fails())
		return __real_pwrite(fd, bytes, size, offset);
	error = errno;
	if (failing_disk.torn)
		(void)__real_pwrite(fd, bytes, failing_disk.torn < size ? failing_disk.torn : size, offset);
	failing_disk.torn = 0;
	errno = error;
	return -1;
}

int __wrap_fdatasync(int fd)
{
	return disk_fails() ? -1 : __real_fdatasync(fd);
}

int __wrap_fsync(int fd)
{
	return disk_fails() ? -1 : __real_fsync(fd);
}

int __wrap_ftruncate(int fd, off_t size)
{
	return disk_fails() ? -1 : __real_ftruncate(fd, size);
}

int __wrap_renameat(int from, const char *old, int to, const char *new)
{
	return disk_fails() ? -1 : __real_renameat(from, old, to, new);
}
