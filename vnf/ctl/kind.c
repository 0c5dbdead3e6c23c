/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/kind.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vnf/core/address.h"
#include "vnf/json/field.h"

static const ProtobufCMessageDescriptor *const resource_descriptor = &sluice__v1__resource__descriptor;

static bool names_kind(const char *text, const char *name)
{
	while (*name && (*text == '-' ? '_' : tolower((unsigned char)*text)) == *name) {
		text++;
		name++;
	}
	return !*name && (!*text || strcasecmp(text, "s") == 0 || strcasecmp(text, "es") == 0);
}

const ProtobufCFieldDescriptor *kind_find(const char *text)
{
	for (unsigned int i = 0; i < resource_descriptor->n_fields; i++) {
		if (names_kind(text, resource_descriptor->fields[i].name))
			return &resource_descriptor->fields[i];
	}
	return NULL;
}

const ProtobufCFieldDescriptor *kind_by_number(unsigned int number)
{
	return protobuf_c_message_descriptor_get_field(resource_descriptor, number);
}

const ProtobufCFieldDescriptor *kind_at(unsigned int index)
{
	return index < resource_descriptor->n_fields ? &resource_descriptor->fields[index] : NULL;
}

const ProtobufCMessage *resource_body(const Sluice__V1__Resource *resource)
{
	const ProtobufCFieldDescriptor *kind =
		resource ? field_oneof_set(&resource->base, &resource_descriptor->fields[0]) : NULL;

	return kind ? field_message(&resource->base, kind, 0) : NULL;
}

static const char *string_field(const ProtobufCMessage *message, const char *name)
{
	const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);

	if (!field || field->type != PROTOBUF_C_TYPE_STRING || field->label == PROTOBUF_C_LABEL_REPEATED)
		return NULL;
	return *(char *const *)field_value(message, field, 0);
}

char *resource_key(const Sluice__V1__Resource *resource)
{
	const ProtobufCMessage *body = resource_body(resource);
	char canonical[IP_PREFIX_TEXT], *key = NULL;
	const char *name, *vrf, *prefix, *source;
	struct ip_prefix parsed;

	if (!body)
		return NULL;
	name = string_field(body, "name");
	if (name)
		return strdup(name);
	vrf = string_field(body, "vrf");
	prefix = string_field(body, "prefix");
	if (!prefix)
		prefix = string_field(body, "address");
	if (!vrf || !prefix)
		return strdup("");
	if (ip_prefix_parse(prefix, &parsed) == 0)
		prefix = ip_prefix_format(&parsed, canonical);
	source = string_field(body, "source");
	return asprintf(&key, "%s/%s%s%s", vrf, prefix, source ? "/" : "", source ? source : "") < 0 ? NULL : key;
}

static int fill_key(ProtobufCMessage *body, const char *key)
{
	const ProtobufCFieldDescriptor *name = field_find(body->descriptor, "name");
	const ProtobufCFieldDescriptor *vrf = field_find(body->descriptor, "vrf");
	const ProtobufCFieldDescriptor *prefix = field_find(body->descriptor, "prefix");
	const char *slash = strchr(key, '/');
	char *first;
	int rc;

	if (!prefix)
		prefix = field_find(body->descriptor, "address");
	if (name)
		return field_add_text(body, name, key);
	if (!vrf || !prefix || !slash)
		return -EINVAL;
	if (field_find(body->descriptor, "source"))
		return -EINVAL; /* learned: no client writes or deletes it */
	first = strndup(key, (size_t)(slash - key));
	if (!first)
		return -ENOMEM;
	rc = field_add_text(body, vrf, first);
	free(first);
	return rc ? rc : field_add_text(body, prefix, slash + 1);
}

Sluice__V1__Resource *resource_from_key(const ProtobufCFieldDescriptor *kind, const char *key)
{
	ProtobufCMessage *resource = field_message_new(resource_descriptor),
			 *body = field_message_new(kind->descriptor);
	int rc;

	if (!resource || !body) {
		free(resource);
		free(body);
		errno = ENOMEM;
		return NULL;
	}
	*(ProtobufCMessage **)field_add(resource, kind) = body;
	rc = fill_key(body, key);
	if (rc) {
		protobuf_c_message_free_unpacked(resource, NULL);
		errno = -rc;
		return NULL;
	}
	return (Sluice__V1__Resource *)resource;
}
