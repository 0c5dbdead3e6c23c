/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/ctl/kind.h"

/* Arrays here have the next power of two as their capacity. */
static int make_room(void *array, size_t count, size_t size)
{
	void **start = array, *grown;

	if (count & (count - 1))
		return 0;
	grown = reallocarray(*start, count ? count * 2 : 1, size);
	if (!grown)
		return -ENOMEM;
	*start = grown;
	return 0;
}

void change_list_drain(struct change_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		protobuf_c_message_free_unpacked(&list->change[i]->base, NULL);
	list->count = list->mark_count = list->next_mark = 0;
}

void change_list_free(struct change_list *list)
{
	change_list_drain(list);
	for (size_t i = 0; i < list->file_count; i++)
		free(list->file[i]);
	free(list->change);
	free(list->origin);
	free(list->mark);
	free(list->file);
	memset(list, 0, sizeof(*list));
}

int change_list_file(struct change_list *list, const char *name)
{
	char *copy = strdup(name);

	if (!copy || make_room(&list->file, list->file_count, sizeof(*list->file))) {
		free(copy);
		return -ENOMEM;
	}
	list->file[list->file_count++] = copy;
	return 0;
}

int change_list_mark(struct change_list *list, const struct mark *mark)
{
	if (make_room(&list->mark, list->mark_count, sizeof(*list->mark)))
		return -ENOMEM;
	list->mark[list->mark_count++] = *mark;
	return 0;
}

int change_list_add(struct change_list *list, Sluice__V1__Operation op, Sluice__V1__Resource *resource, uint32_t line)
{
	Sluice__V1__Change *change = malloc(sizeof(*change));

	if (!change || make_room(&list->change, list->count, sizeof(*list->change)) ||
	    make_room(&list->origin, list->count, sizeof(*list->origin))) {
		free(change);
		protobuf_c_message_free_unpacked(&resource->base, NULL);
		return -ENOMEM;
	}
	sluice__v1__change__init(change);
	change->op = op;
	change->resource = resource;
	list->origin[list->count] = (struct origin){
		.file = (uint32_t)(list->file_count ? list->file_count - 1 : 0),
		.line = line,
		.mark = list->next_mark,
	};
	list->change[list->count++] = change;
	list->next_mark = list->mark_count;
	return list->full && list->count >= list->full ? list->on_full(list, list->context) : 0;
}

/* One step of a path, "name" or "name[2]". Returns what follows it, NULL: not such a step. */
static const char *path_step(const char *path, char *name, size_t size, uint32_t *element)
{
	size_t length = strcspn(path, ".[");
	char *end;

	if (length == 0 || length >= size)
		return NULL;
	memcpy(name, path, length);
	name[length] = '\0';
	path += length;
	*element = MARK_NO_ELEMENT;
	if (*path == '[') {
		*element = (uint32_t)strtoul(path + 1, &end, 10);
		if (end == path + 1 || *end != ']')
			return NULL;
		path = end + 1;
	}
	if (*path && *path != '.')
		return NULL;
	return *path ? path + 1 : path;
}

/* Follows `path` through the marks from `begin` to `end`, which describe a message; the line of the last step there. */
static uint32_t find_line(const struct change_list *list, const ProtobufCMessageDescriptor *descriptor,
			  const char *path, size_t begin, size_t end, uint32_t line)
{
	for (unsigned int depth = 0; *path && descriptor; depth++) {
		const ProtobufCFieldDescriptor *field;
		uint32_t element;
		char name[64];
		size_t i = begin;

		path = path_step(path, name, sizeof(name), &element);
		field = path ? protobuf_c_message_descriptor_get_field_by_name(descriptor, name) : NULL;
		if (!field)
			break;
		while (i < end && (list->mark[i].depth != depth || list->mark[i].field != field->id ||
				   (element != MARK_NO_ELEMENT && list->mark[i].element != element)))
			i++;
		if (i == end)
			break;
		line = list->mark[i].line;
		begin = ++i;
		while (i < end && list->mark[i].depth > depth)
			i++;
		end = i;
		descriptor = field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
	}
	return line;
}

const char *change_list_locate(const struct change_list *list, size_t first, const char *path, char *text, size_t size)
{
	const struct origin *origin;
	const ProtobufCMessage *body;
	const char *rest, *inside;
	uint32_t line, element;
	char name[64];
	size_t index, end;

	snprintf(text, size, "%s", path);
	rest = path_step(path, name, sizeof(name), &element);
	if (!rest || strcmp(name, "changes") != 0 || element == MARK_NO_ELEMENT)
		return text;
	index = first + element;
	if (index >= list->count)
		return text;
	origin = &list->origin[index];
	end = index + 1 < list->count ? list->origin[index + 1].mark : list->mark_count;
	line = origin->line;
	if (strcmp(rest, "resource") == 0)
		rest = "";
	else if (strncmp(rest, "resource.", 9) == 0)
		rest += 9;
	if (!line) {
		snprintf(text, size, "%s", rest);
		return text;
	}
	inside = path_step(rest, name, sizeof(name), &element);
	body = resource_body(list->change[index]->resource);
	if (inside && body)
		line = find_line(list, body->descriptor, inside, origin->mark, end, line);
	snprintf(text, size, "%s:%u%s%s", list->file[origin->file], line, *rest ? ": " : "", rest);
	return text;
}
