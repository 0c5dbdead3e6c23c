/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place in a message, for a cell of a table: fields joined by dots ("counters.packets"). A star is whichever member
 * of the message's oneof is set, and its name where it ends the path ("resource.*.vrf", "resource.*.*"). Paths joined
 * by
 * '|' are alternatives: the first that leads somewhere counts.
 */
#ifndef SLUICE_CTL_PATH_H
#define SLUICE_CTL_PATH_H

#include <protobuf-c/protobuf-c.h>

/* The text there: lists joined by `separator`, the fields of a message by ':'; "" where nothing is. NULL: out of
 * memory. free() it. */
char *path_cell(const ProtobufCMessage *message, const char *path, const char *separator);

#endif
