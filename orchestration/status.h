/* SPDX-License-Identifier: Apache-2.0 */
/* Shows instances, to people as a table and to programs as JSON. */
#ifndef SLUICE_ORCHESTRATION_STATUS_H
#define SLUICE_ORCHESTRATION_STATUS_H

#include "orchestration/instance.h"

/* Asks every instance and prints; *ready: all are active, serve, and have their stages up. 0, or -1: out of memory. */
int status_print(const char *driver, const struct instance_list *list, bool *ready);

/* Adds the same to a JSON array of all drivers' instances. */
struct json_object;
int status_add_json(struct json_object *array, const char *driver, const struct instance_list *list, bool *ready);

#endif
