/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_WEB_GZIP_H
#define SLUICE_WEB_GZIP_H

#include <stdbool.h>

struct evbuffer;

/* Replaces what is in the buffer by the same in gzip's format (RFC 1952). False: no memory, and it is as before. */
bool gzip_buffer(struct evbuffer *buffer);

#endif
