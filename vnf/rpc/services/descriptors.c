/* SPDX-License-Identifier: Apache-2.0 */
/* Field numbers are those of google/protobuf/descriptor.proto. Files are few and small: every search walks them. */
#include "vnf/rpc/services/descriptors.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "vnf/rpc/wire.h"

__asm__(".section .rodata\n"
	".global descriptors_begin, descriptors_end\n"
	"descriptors_begin:\n"
	".incbin \"" SLUICE_DESCRIPTORS "\"\n"
	"descriptors_end:\n"
	".previous\n");
extern const uint8_t descriptors_begin[], descriptors_end[];

enum { SET_FILE = 1 };
enum { FILE_NAME = 1, FILE_PACKAGE, FILE_DEPENDENCY, FILE_MESSAGE, FILE_ENUM, FILE_SERVICE };
enum { ANY_NAME = 1 };
enum { MESSAGE_FIELD = 2, MESSAGE_NESTED = 3, MESSAGE_ENUM = 4, MESSAGE_ONEOF = 8 };
enum { ENUM_VALUE = 2, SERVICE_METHOD = 2 };

static bool next_file(struct wire_cursor *cursor, struct descriptor_file *file)
{
	struct wire_field field;

	while (wire_next(cursor, &field) > 0) {
		if (field.number != SET_FILE)
			continue;
		*file = (struct descriptor_file){field.data, field.size};
		return true;
	}
	return false;
}

/* The text of a field; an empty one where it is absent. */
static struct wire_field find(const uint8_t *data, size_t size, uint32_t number)
{
	struct wire_cursor cursor = {data, data + size};
	struct wire_field field;

	while (wire_next(&cursor, &field) > 0)
		if (field.number == number)
			return field;
	return (struct wire_field){.data = data};
}

static bool equals(const struct wire_field *text, const char *name, size_t length)
{
	return text->size == length && !memcmp(text->data, name, length);
}

/* Takes "name" or "name." off the front of a symbol; NULL: it is another. */
static const char *strip(const char *symbol, const struct wire_field *name)
{
	if (strncmp(symbol, (const char *)name->data, name->size))
		return NULL;
	symbol += name->size;
	if (*symbol == '.')
		return symbol + 1;
	return *symbol ? NULL : symbol;
}

static bool defines(const uint8_t *data, size_t size, const char *symbol, bool file);

/* One element that has a name, and may hold others. */
static bool element_is(const struct wire_field *element, const char *symbol, uint32_t children, bool is_message)
{
	struct wire_field name = find(element->data, element->size, ANY_NAME);
	struct wire_cursor cursor = {element->data, element->data + element->size};
	struct wire_field child;
	const char *rest = strip(symbol, &name);

	if (!rest)
		return false;
	if (!*rest)
		return true;
	if (is_message)
		return defines(element->data, element->size, rest, false);
	while (children && wire_next(&cursor, &child) > 0)
		if (child.number == children && element_is(&child, rest, 0, false))
			return true;
	return false;
}

/* Enum values are siblings of their enum. */
static bool enum_has(const struct wire_field *element, const char *symbol)
{
	struct wire_cursor cursor = {element->data, element->data + element->size};
	struct wire_field value;

	if (element_is(element, symbol, 0, false))
		return true;
	while (wire_next(&cursor, &value) > 0)
		if (value.number == ENUM_VALUE && element_is(&value, symbol, 0, false))
			return true;
	return false;
}

/* Does a file or a message define this name directly below itself? */
static bool defines(const uint8_t *data, size_t size, const char *symbol, bool file)
{
	struct wire_cursor cursor = {data, data + size};
	struct wire_field field;
	bool found = false;

	while (!found && wire_next(&cursor, &field) > 0) {
		if (field.number == (file ? FILE_MESSAGE : MESSAGE_NESTED))
			found = element_is(&field, symbol, 0, true);
		else if (field.number == (file ? FILE_ENUM : MESSAGE_ENUM))
			found = enum_has(&field, symbol);
		else if (file && field.number == FILE_SERVICE)
			found = element_is(&field, symbol, SERVICE_METHOD, false);
		else if (!file && (field.number == MESSAGE_FIELD || field.number == MESSAGE_ONEOF))
			found = element_is(&field, symbol, 0, false);
	}
	return found;
}

static int find_file(const char *name, size_t length, struct descriptor_file *file)
{
	struct wire_cursor cursor = {descriptors_begin, descriptors_end};

	while (next_file(&cursor, file)) {
		struct wire_field text = find(file->data, file->size, FILE_NAME);

		if (equals(&text, name, length))
			return 0;
	}
	return -ENOENT;
}

int descriptors_find_file(const char *name, struct descriptor_file *file)
{
	return find_file(name, strlen(name), file);
}

int descriptors_find_symbol(const char *symbol, struct descriptor_file *file)
{
	struct wire_cursor cursor = {descriptors_begin, descriptors_end};

	while (next_file(&cursor, file)) {
		struct wire_field package = find(file->data, file->size, FILE_PACKAGE);
		const char *rest = package.size ? strip(symbol, &package) : symbol;

		if (rest && *rest && defines(file->data, file->size, rest, true))
			return 0;
	}
	return -ENOENT;
}

size_t descriptors_with_imports(const struct descriptor_file *file, struct descriptor_file files[DESCRIPTOR_IMPORTS])
{
	size_t count = 1;

	files[0] = *file;
	for (size_t done = 0; done < count; done++) {
		struct wire_cursor cursor = {files[done].data, files[done].data + files[done].size};
		struct descriptor_file import;
		struct wire_field field;

		while (wire_next(&cursor, &field) > 0) {
			size_t seen = 0;

			if (field.number != FILE_DEPENDENCY || find_file((const char *)field.data, field.size, &import))
				continue;
			while (seen < count && files[seen].data != import.data)
				seen++;
			if (seen == count && count < DESCRIPTOR_IMPORTS)
				files[count++] = import;
		}
	}
	return count;
}
