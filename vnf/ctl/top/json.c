/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "vnf/ctl/top/view.h"
#include "vnf/json/json_write.h"

/* null is json-c's NULL, and so is an object that found no memory: a rate that is not known is left out. */
static int add_value(struct json_object *object, const struct top_column *column, double value)
{
	if (isnan(value))
		return 0;
	if (column->unit == TOP_NUMBER)
		return json_add(object, column->json, json_object_new_uint64((uint64_t)value));
	return json_add(object, column->json, json_object_new_double(value));
}

static struct json_object *row_json(const struct top_section *section, const struct top_row *row)
{
	struct json_object *object = json_object_new_object();
	int rc = json_add(object, "name", json_object_new_string(row->now->name));

	rc |= json_add(object, "state", json_object_new_string(row->now->state));
	for (size_t i = 0; rc == 0 && i < TOP_COUNTS && section->column[i].title; i++)
		rc = add_value(object, &section->column[i], row->value[i]);
	if (rc == 0)
		return object;
	json_object_put(object);
	return NULL;
}

static struct json_object *section_json(const struct top_section *section, const struct top_rows *rows)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < rows->rows; i++) {
		struct json_object *row = row_json(section, &rows->row[i]);

		if (!row || json_object_array_add(array, row)) {
			json_object_put(row);
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

static int add_system(struct json_object *object, const struct top_view *view)
{
	const struct top_sample *now = view->now;

	return json_add(object, "version", json_object_new_string(now->version)) ||
	       json_add(object, "revision", json_object_new_uint64(now->revision)) ||
	       json_add(object, "generation", json_object_new_uint64(now->generation)) ||
	       json_add(object, "uptime_seconds", json_object_new_uint64(now->uptime_seconds)) ||
	       json_add(object, "connections", json_object_new_uint64(now->connections)) ||
	       json_add(object, "connections_most", json_object_new_uint64(now->connections_most)) ||
	       json_add(object, "seconds", json_object_new_double(view->seconds));
}

struct json_object *top_json(const struct top_view *view)
{
	struct json_object *object = json_object_new_object();
	int rc = object ? add_system(object, view) : -1;

	for (size_t kind = 0; rc == 0 && kind < TOP_KINDS; kind++)
		rc = json_add(object, top_sections[kind].json, section_json(&top_sections[kind], &view->section[kind]));
	if (rc == 0)
		return object;
	json_object_put(object);
	return NULL;
}
