/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that people and programs read, whatever they were made from: a request's bytes, a device's name. */
#ifndef SLUICE_CORE_TEXT_H
#define SLUICE_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the text's first character, and its code; 0: it does not start with one in UTF-8. */
size_t text_next(const char *text, uint32_t *code);
/* The characters of a text in UTF-8, each taken as one column of a terminal. */
size_t text_width(const char *text);
/* Is it none of the characters that text_clean replaces? */
bool text_may_be_shown(uint32_t code);

/*
 * Makes the text safe for a log, a status or a terminal, in place; it never becomes longer. Bytes that are no UTF-8
 * (RFC 3629), control characters but for the tab, separators of lines and paragraphs, and marks that turn the direction
 * of writing (Unicode, UAX 9) become '?'. A last character that was cut goes.
 */
void text_clean(char *text);

/* Is there nothing in it that text_clean would change? */
bool text_is_clean(const char *text);

/* Replaces by '?' only what is no UTF-8: a string of protobuf must be, or no client can read the message. */
void text_make_utf8(char *text);

#endif
