/* SPDX-License-Identifier: Apache-2.0 */
/* Suggests valid names in place of a wrong one. These return `text`. */
#ifndef SLUICE_CTL_SUGGEST_H
#define SLUICE_CTL_SUGGEST_H

#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

/* Writes "did you mean prefix?" where a field's name is close, otherwise "there are vrf, prefix, next_hop_group". */
const char *suggest_field(const ProtobufCMessageDescriptor *descriptor, const char *name, char *text, size_t size);
/* Writes "vxlan, geneve", without the value 0, which stands for an unset field. */
const char *suggest_enum(const ProtobufCEnumDescriptor *descriptor, char *text, size_t size);

#endif
