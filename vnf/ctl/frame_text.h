/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CTL_FRAME_TEXT_H
#define SLUICE_CTL_FRAME_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_TEXT 160

/* "10.0.0.1:49152 > 198.51.100.1:443 tcp" of an Ethernet frame, as far as it is here; of what is not IP its type.
 * Returns `text`. */
const char *frame_text(const uint8_t *frame, size_t length, char text[FRAME_TEXT]);

#endif
