/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/suggest.h"

#include <stdio.h>
#include <string.h>

#include "vnf/core/distance.h"
#include "vnf/json/field.h"

static void append(char *text, size_t size, const char *separator, const char *word)
{
	size_t length = strlen(text);

	if (length + 1 < size)
		snprintf(text + length, size - length, "%s%s", length ? separator : "", word);
}

const char *suggest_field(const ProtobufCMessageDescriptor *descriptor, const char *name, char *text, size_t size)
{
	struct word_guess guess = {0};

	text[0] = '\0';
	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		const char *field = descriptor->fields[i].name;
		size_t length = strlen(name);
		unsigned int distance = word_distance(name, field);

		/* "next_hop" for "next_hop_group" is far by edits and near by meaning. */
		if (distance >= 3 && length >= 4 && strncmp(name, field, length) == 0)
			distance = 2;
		word_guess(&guess, field, distance);
	}
	if (guess.word) {
		snprintf(text, size, "did you mean %s?", guess.word);
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
