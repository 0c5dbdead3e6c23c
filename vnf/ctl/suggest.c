/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/suggest.h"

#include <stdio.h>
#include <string.h>

#include "vnf/ctl/field.h"

#define WORD 63

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int suggest_distance(const char *a, const char *b)
{
	unsigned int row[3][WORD + 1];
	size_t rows = strlen(a), columns = strlen(b);

	if (rows > WORD || columns > WORD)
		return WORD;
	for (size_t j = 0; j <= columns; j++)
		row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= rows; i++) {
		unsigned int *now = row[i % 3], *above = row[(i + 2) % 3], *two_above = row[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= columns; j++) {
			now[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], least(above[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], two_above[j - 2] + 1);
		}
	}
	return row[rows % 3][columns];
}

static void append(char *text, size_t size, const char *separator, const char *word)
{
	size_t length = strlen(text);

	if (length + 1 < size)
		snprintf(text + length, size - length, "%s%s", length ? separator : "", word);
}

const char *suggest_field(const ProtobufCMessageDescriptor *descriptor, const char *name, char *text, size_t size)
{
	unsigned int nearest = 3;
	const char *meant = NULL;

	text[0] = '\0';
	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		const char *field = descriptor->fields[i].name;
		size_t length = strlen(name);
		unsigned int distance = suggest_distance(name, field);

		/* "next_hop" for "next_hop_group" is far by edits and near by meaning. */
		if (distance >= 3 && length >= 4 && strncmp(name, field, length) == 0)
			distance = 2;
		if (distance < nearest && distance < strlen(field)) {
			nearest = distance;
			meant = field;
		}
	}
	if (meant) {
		snprintf(text, size, "did you mean %s?", meant);
		return text;
	}
	snprintf(text, size, descriptor->n_fields ? "there are" : "there are no fields here");
	for (unsigned int i = 0; i < descriptor->n_fields; i++)
		append(text, size, i ? ", " : " ", descriptor->fields[i].name);
	return text;
}

const char *suggest_enum(const ProtobufCEnumDescriptor *descriptor, char *text, size_t size)
{
	char name[ENUM_TEXT];

	text[0] = '\0';
	for (unsigned int i = 0; i < descriptor->n_values; i++) {
		if (descriptor->values[i].value != 0)
			append(text, size, ", ", enum_text(descriptor, descriptor->values[i].value, name));
	}
	return text;
}
