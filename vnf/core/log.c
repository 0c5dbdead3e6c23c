/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/error.h"
#include "vnf/core/text.h"

#define LOG_LINE 2048

/* A line goes into a pipe whole or not at all: pipe(7). */
#define LOG_WRITTEN PIPE_BUF

static enum log_level threshold = LOG_LEVEL_INFO;
static enum log_format line_format = LOG_FORMAT_TEXT;
static bool journal;
static int output = STDERR_FILENO;
static bool output_blocks; /* writing to it may wait for its reader */
static atomic_ulong lost;  /* lines that nobody took, since the last one that was taken */

static const struct {
	const char *name;
	char priority; /* syslog(3), as systemd reads it from a line's start: sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", '3'},
	[LOG_LEVEL_WARNING] = {"warning", '4'},
	[LOG_LEVEL_INFO] = {"info", '6'},
	[LOG_LEVEL_DEBUG] = {"debug", '7'},
};

/*
 * A pipe or a terminal may have a reader that has stopped reading, and nobody may wait for it. The flag O_NONBLOCK is
 * of the open file, which others share: the pipe or terminal is opened once more, for this process alone.
 */
static void open_output(void)
{
	struct stat stat;
	int own;

	if (output != STDERR_FILENO)
		close(output);
	output = STDERR_FILENO;
	output_blocks = false;
	if (fstat(STDERR_FILENO, &stat) || (!S_ISFIFO(stat.st_mode) && !S_ISCHR(stat.st_mode)))
		return;
	own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (own >= 0)
		output = own;
	else
		output_blocks = true;
}

void log_init(enum log_level level, enum log_format format)
{
	threshold = level;
	line_format = format;
	journal = getenv("JOURNAL_STREAM") != NULL;
	open_output();
}

/* RFC 3339 in UTC with milliseconds. */
static void write_time(char *text, size_t size)
{
	struct timeval now;
	struct tm utc;
	size_t used;

	gettimeofday(&now, NULL);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, size - used, ".%03dZ", (int)(now.tv_usec / 1000));
}

/* Escapes the content of a JSON string (RFC 8259 7); it is cut, between characters, where it no longer fits. */
static void escape_json(char *out, size_t size, const char *in)
{
	size_t used = 0;

	for (; *in && used + 7 < size; in++) {
		unsigned char byte = (unsigned char)*in;

		/* the longest character has 4 bytes */
		if (byte >= 0xc0 && used + 11 > size)
			break;

		if (byte == '"' || byte == '\\') {
			out[used++] = '\\';
			out[used++] = (char)byte;
		} else if (byte < 0x20) {
			used += (size_t)snprintf(out + used, size - used, "\\u%04x", byte);
		} else {
			out[used++] = (char)byte;
		}
	}
	out[used] = '\0';
}

/* One call a line, so that lines of several threads do not mix. It never waits. false: the line was not taken. */
static bool write_output(const char *line, size_t length)
{
	struct pollfd ready = {.fd = output, .events = POLLOUT};
	ssize_t sent = send(output, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && errno == ENOTSOCK) {
		/* a pipe that is not ours alone: with POLLOUT it has room for PIPE_BUF bytes */
		if (output_blocks && poll(&ready, 1, 0) < 1)
			return false;
		sent = write(output, line, length);
	}
	return sent >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK); /* without stderr there is nobody to miss it */
}

static size_t format_line(char line[LOG_WRITTEN], enum log_level level, const char *message)
{
	char escaped[LOG_WRITTEN - 128], now[40];
	int length;

	if (line_format == LOG_FORMAT_JSON) {
		write_time(now, sizeof(now));
		escape_json(escaped, sizeof(escaped), message);
		length = snprintf(line, LOG_WRITTEN, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"%s\"}\n", now,
				  levels[level].name, escaped);
	} else if (journal) {
		length = snprintf(line, LOG_WRITTEN, "<%c>%s\n", levels[level].priority, message);
	} else {
		write_time(now, sizeof(now));
		length = snprintf(line, LOG_WRITTEN, "%s %-7s %s\n", now, levels[level].name, message);
	}
	return (size_t)length;
}

/* The next line that is taken says first how many were not. */
static bool write_lost(void)
{
	unsigned long count = atomic_exchange(&lost, 0);
	char line[LOG_WRITTEN], message[96];

	if (!count)
		return true;
	snprintf(message, sizeof(message), "%lu lines lost here: nobody read the log", count);
	if (write_output(line, format_line(line, LOG_LEVEL_WARNING, message)))
		return true;
	atomic_fetch_add(&lost, count);
	return false;
}

static void write_line(enum log_level level, const char *message)
{
	char line[LOG_WRITTEN];

	if (!write_lost() || !write_output(line, format_line(line, level, message)))
		atomic_fetch_add(&lost, 1);
}

unsigned long log_lost(void)
{
	return atomic_load(&lost);
}

static void log_message(enum log_level level, const char *format, va_list arguments)
{
	char message[LOG_LINE];

	if (level > threshold)
		return;
	vsnprintf(message, sizeof(message), format, arguments);
	message[strcspn(message, "\n")] = '\0';
	text_clean(message);
	write_line(level, message);
}

#define LOG_FUNCTION(name, level)                                                                                      \
	void name(const char *format, ...)                                                                             \
	{                                                                                                              \
		va_list arguments;                                                                                     \
                                                                                                                       \
		va_start(arguments, format);                                                                           \
		log_message(level, format, arguments);                                                                 \
		va_end(arguments);                                                                                     \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

void log_faults(const char *what, const struct error *error)
{
	for (size_t i = 0; i < error->count && i < ERROR_FAULTS; i++)
		log_error("%s: %s%s%s", what, error->fault[i].field, *error->fault[i].field ? ": " : "",
			  error->fault[i].message);
}
