/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/log.h"

static __thread struct {
	char *text;
	size_t size;
} capture;

/* The kernel's own reason comes as "libbpf: Kernel error message: ..."; what else libbpf says of the same is less. */
static void keep(const char *line)
{
	static const char kernel[] = "Kernel error message: ";
	const char *reason = strstr(line, kernel);

	if (reason || !capture.text[0])
		snprintf(capture.text, capture.size, "%s", reason ? reason + strlen(kernel) : line);
}

static int print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *message, *line, *rest;

	if (level == LIBBPF_DEBUG)
		return 0;
	/* Measured by length, not by a buffer: a verifier's log has megabytes. */
	if (vasprintf(&message, format, arguments) < 0)
		return 0;
	for (line = strtok_r(message, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!strncmp(line, "libbpf: ", 8))
			line += 8;
		if (capture.text && level == LIBBPF_WARN)
			keep(line);
		else if (level == LIBBPF_WARN)
			log_warning("libbpf: %s", line);
		else
			log_debug("libbpf: %s", line);
	}
	free(message);
	return 0;
}

void libbpf_log_start(void)
{
	libbpf_set_print(print);
}

void libbpf_log_capture(char *text, size_t size)
{
	capture.text = text;
	capture.size = size;
	if (text)
		text[0] = '\0';
}
