/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to JSON: field names as in the protos, enums by short name, 64-bit numbers as numbers, zeros included. */
#ifndef SLUICE_JSON_JSON_WRITE_H
#define SLUICE_JSON_JSON_WRITE_H

#include <json-c/json.h>
#include <protobuf-c/protobuf-c.h>

/* NULL: out of memory. json_object_put() it. */
struct json_object *json_message(const ProtobufCMessage *message);

/* Adds `value` (taken, also on failure) to `object` under `name`. 0, or -1: out of memory, or value is NULL. */
int json_add(struct json_object *object, const char *name, struct json_object *value);

/* Prints it indented, with a newline, to stdout. Takes the object; NULL: -1. */
int json_print(struct json_object *object);

#endif
