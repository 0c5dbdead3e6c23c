/* SPDX-License-Identifier: Apache-2.0 */
/* Writes XML element by element. The writer remembers its first failure, which the finish returns. Texts are
 * escaped. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_ELEMENT_H
#define SLUICE_ORCHESTRATION_LIBVIRT_ELEMENT_H

#include "orchestration/libvirt/metadata.h"

struct element_writer;

struct element_writer *element_writer_new(void); /* NULL: out of memory */
/* The whole text, indented, to be freed, and frees the writer; NULL: memory ran out on the way. */
char *element_writer_finish(struct element_writer *writer);

#define ELEMENT_PRINTF(n) __attribute__((format(printf, n, n + 1)))
void element_open(struct element_writer *writer, const char *name);
void element_close(struct element_writer *writer);
void element_attribute(struct element_writer *writer, const char *name, const char *format, ...) ELEMENT_PRINTF(3);
void element_text(struct element_writer *writer, const char *format, ...) ELEMENT_PRINTF(2);
void element_metadata(struct element_writer *writer, const struct metadata *metadata);

/* <name/>, <name>text</name>, <name attribute='value'/> */
void element_empty(struct element_writer *writer, const char *name);
void element_with_text(struct element_writer *writer, const char *name, const char *format, ...) ELEMENT_PRINTF(3);
void element_leaf(struct element_writer *writer, const char *name, const char *attribute, const char *format, ...)
	ELEMENT_PRINTF(4);

#endif
