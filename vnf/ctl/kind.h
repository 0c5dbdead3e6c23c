/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of resources: the members of the oneof in sluice.v1.Resource, whose field numbers are the ResourceKinds. */
#ifndef SLUICE_CTL_KIND_H
#define SLUICE_CTL_KIND_H

#include <stddef.h>

#include "sluice/v1/resource.pb-c.h"

/* Finds a kind by name: singular or plural, '-' or '_', any case. NULL: no such kind. */
const ProtobufCFieldDescriptor *kind_find(const char *text);
/* Finds a kind by its ResourceKind. NULL: no such kind. */
const ProtobufCFieldDescriptor *kind_by_number(unsigned int number);
/* The kinds in the order of their numbers, from 0. NULL: past the last. */
const ProtobufCFieldDescriptor *kind_at(unsigned int index);

/* The one message inside, or NULL. */
const ProtobufCMessage *resource_body(const Sluice__V1__Resource *resource);

/* The key: "name", or "vrf/prefix" with the prefix in canonical form. NULL: out of memory, or a resource without a
 * body. free() it. */
char *resource_key(const Sluice__V1__Resource *resource);

/* A resource with only its key fields. NULL: out of memory, or (errno EINVAL) not a key of this kind. */
Sluice__V1__Resource *resource_from_key(const ProtobufCFieldDescriptor *kind, const char *key);

#endif
