/* SPDX-License-Identifier: Apache-2.0 */
/* Writes resources as YAML that yaml_read takes back unchanged. */
#ifndef SLUICE_CTL_YAML_WRITE_H
#define SLUICE_CTL_YAML_WRITE_H

#include <stdio.h>

#include "sluice/v1/resource.pb-c.h"

struct yaml_writer;

/* A document into `stream`. NULL: out of memory. */
struct yaml_writer *yaml_writer_new(FILE *stream);
/* Resources of one kind must follow each other. 0, or -1: out of memory or a write that failed. */
int yaml_writer_add(struct yaml_writer *writer, const Sluice__V1__Resource *resource);
/* Ends the document and frees. 0, or -1 where anything of it could not be written. */
int yaml_writer_finish(struct yaml_writer *writer);
/* Frees the writer, and leaves in the stream a text that no reader takes for a whole document. NULL is fine. */
void yaml_writer_abandon(struct yaml_writer *writer);

/* The fields of one message as a document of its own; NULL: out of memory. free() it. */
char *yaml_message_text(const ProtobufCMessage *message);

#endif
