/* SPDX-License-Identifier: Apache-2.0 */
/* libbpf's messages: to the log a line at a time, or to the caller who wants the kernel's reason. */
#ifndef SLUICE_DATAPLANE_LIBBPF_LOG_H
#define SLUICE_DATAPLANE_LIBBPF_LOG_H

#include <stddef.h>

/* From now on libbpf's messages go to the log. */
void libbpf_log_start(void);

/* This thread's messages of warning level go into `text` (size bytes): the kernel says only there why it refused. Until
 * the next call, with NULL. */
void libbpf_log_capture(char *text, size_t size);

#endif
