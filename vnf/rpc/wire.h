/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protobuf-c does not check, checked on the bytes before they are unpacked: strings are UTF-8 without NUL, messages
 * nest no deeper than WIRE_DEPTH, and unpacking needs no more than a given amount of memory.
 */
#ifndef SLUICE_RPC_WIRE_H
#define SLUICE_RPC_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "vnf/core/error.h"

#define WIRE_DEPTH 16

/* 0, or -1 with the path of the field in *error. `memory`: bytes that the unpacked message may take. */
int wire_check(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size, size_t memory,
	       struct error *error);

#endif
