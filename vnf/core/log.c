/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/error.h"

#define LOG_LINE 2048

static enum log_level threshold = LOG_LEVEL_INFO;
static enum log_format line_format = LOG_FORMAT_TEXT;
static bool journal;

static const struct {
	const char *name;
	char priority; /* syslog(3), as systemd reads it from a line's start: sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", '3'},
	[LOG_LEVEL_WARNING] = {"warning", '4'},
	[LOG_LEVEL_INFO] = {"info", '6'},
	[LOG_LEVEL_DEBUG] = {"debug", '7'},
};

void log_init(enum log_level level, enum log_format format)
{
	threshold = level;
	line_format = format;
	journal = getenv("JOURNAL_STREAM") != NULL;
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

/* Escapes the content of a JSON string (RFC 8259 7); it is cut where it no longer fits. */
static void escape_json(char *out, size_t size, const char *in)
{
	size_t used = 0;

	for (; *in && used + 7 < size; in++) {
		unsigned char byte = (unsigned char)*in;

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

/* One write(2) a line, so that lines of several threads do not mix. */
static void write_line(enum log_level level, const char *message)
{
	char line[LOG_LINE * 3], escaped[LOG_LINE * 2], now[40];
	int length;

	if (line_format == LOG_FORMAT_JSON) {
		write_time(now, sizeof(now));
		escape_json(escaped, sizeof(escaped), message);
		length = snprintf(line, sizeof(line), "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"%s\"}\n", now,
				  levels[level].name, escaped);
	} else if (journal) {
		length = snprintf(line, sizeof(line), "<%c>%s\n", levels[level].priority, message);
	} else {
		write_time(now, sizeof(now));
		length = snprintf(line, sizeof(line), "%s %-7s %s\n", now, levels[level].name, message);
	}
	/* Without stderr there is nobody left to read it. */
	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		return;
}

static void log_message(enum log_level level, const char *format, va_list arguments)
{
	char message[LOG_LINE];

	if (level > threshold)
		return;
	vsnprintf(message, sizeof(message), format, arguments);
	message[strcspn(message, "\n")] = '\0';
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
