/* SPDX-License-Identifier: Apache-2.0 */
/* The protos this build was made from, as reflection hands them out: a FileDescriptorSet that the build embeds. */
#ifndef SLUICE_RPC_DESCRIPTORS_H
#define SLUICE_RPC_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

#define DESCRIPTOR_IMPORTS 32 /* files that one may import, directly or not, itself included */

/* A serialized FileDescriptorProto. Points into the program. */
struct descriptor_file {
	const uint8_t *data;
	size_t size;
};

/* 0, or -ENOENT. */
int descriptors_find_file(const char *name, struct descriptor_file *file);

/* The file that defines a fully qualified service, method, message, field, enum or enum value; 0, or -ENOENT. */
int descriptors_find_symbol(const char *symbol, struct descriptor_file *file);

/* The file and all that it imports, each once, itself first; their number. */
size_t descriptors_with_imports(const struct descriptor_file *file, struct descriptor_file files[DESCRIPTOR_IMPORTS]);

#endif
