/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs to stderr, one line an event: text for people, JSON for machines. An error is logged once, where it is born.
 * Logging never waits for who reads it: lines for which there is no room are lost, and their number is the next line
 * that there is room for. Lines are cleaned as text.h has it, for they quote what clients and the kernel sent.
 */
#ifndef SLUICE_CORE_LOG_H
#define SLUICE_CORE_LOG_H

#include <stdbool.h>

struct error;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum log_format {
	LOG_FORMAT_TEXT, /* "<6>message" under systemd (JOURNAL_STREAM is set), else time, level and message */
	LOG_FORMAT_JSON, /* {"time": RFC 3339, "level", "message"} */
};

/* Call once, before threads start; without it: text, info. */
void log_init(enum log_level level, enum log_format format);

/* The number of lines that were lost and not yet reported. Any thread. */
unsigned long log_lost(void);

#define LOG_PRINTF __attribute__((format(printf, 1, 2)))
void log_error(const char *format, ...) LOG_PRINTF;
void log_warning(const char *format, ...) LOG_PRINTF;
void log_info(const char *format, ...) LOG_PRINTF;
void log_debug(const char *format, ...) LOG_PRINTF;

/* Logs each fault as an error on a line of its own: "PREFIX: field: message". */
void log_faults(const char *what, const struct error *error);

#endif
