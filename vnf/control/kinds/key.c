/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/decode.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/hash.h"

/* Is the owner a part of its key? */
static bool has_owner(const struct resource *resource)
{
	return kind_ops(resource->kind)->key.form == KEY_VRF_PREFIX_OWNER;
}

struct resource_key resource_key(const struct resource *resource)
{
	const struct vrf_key *key = resource_vrf_key(resource);

	if (!key)
		return (struct resource_key){resource->self->text, NULL, NULL};
	return (struct resource_key){key->vrf->text, &key->prefix, has_owner(resource) ? resource->owner->text : NULL};
}

int resource_key_compare(const void *a, const void *b)
{
	const struct resource_key *key = a, other = resource_key(b);
	int order = key->text == other.text ? 0 : strcmp(key->text, other.text);

	if (!order && key->prefix)
		order = ip_prefix_compare(key->prefix, other.prefix);
	if (order || !other.owner || key->owner == other.owner)
		return order;
	return key->owner ? strcmp(key->owner, other.owner) : -1;
}

bool resource_same_key(const struct resource *a, const struct resource *b)
{
	const struct resource_key key = resource_key(a);

	return a->kind == b->kind && resource_key_compare(&key, b) == 0;
}

uint64_t resource_key_hash(const struct resource *resource)
{
	const struct vrf_key *key = resource_vrf_key(resource);
	uint64_t address[2];

	if (!key)
		return hash_word(0, (uintptr_t)resource->self);
	memcpy(address, key->prefix.address.byte, sizeof(address));
	return hash_word(
		hash_word(hash_word(key->prefix.length,
				    (uintptr_t)key->vrf ^ (has_owner(resource) ? (uintptr_t)resource->owner : 0)),
			  address[0]),
		address[1]);
}

const char *resource_key_format(const struct resource *resource, char text[RESOURCE_KEY_TEXT])
{
	const struct resource_key key = resource_key(resource);
	char second[IP_PREFIX_TEXT] = "";

	if (kind_ops(resource->kind)->key.form == KEY_VRF_ADDRESS)
		ip_address_format(&key.prefix->address, second);
	else if (key.prefix)
		ip_prefix_format(key.prefix, second);
	snprintf(text, RESOURCE_KEY_TEXT, "%s%s%s%s%s", key.text, key.prefix ? "/" : "", second, key.owner ? "/" : "",
		 key.owner ? key.owner : "");
	return text;
}

static uint8_t address_bits(const struct ip_address *address)
{
	return address->family == 4 ? 32 : 128;
}

/* Takes the owner off the end of "prefix/owner". 0 or -1. */
static int parse_owner(const char *text, struct parsed_key *parsed, char *prefix, size_t size)
{
	const char *slash = strrchr(text, '/');

	if (!slash || slash == strchr(text, '/') || (size_t)(slash - text) >= size)
		return -1;
	memcpy(prefix, text, (size_t)(slash - text));
	prefix[slash - text] = '\0';
	snprintf(parsed->owner, sizeof(parsed->owner), "%s", slash + 1);
	parsed->key.owner = parsed->owner;
	return 0;
}

int resource_key_parse(enum key_form form, const char *text, struct parsed_key *parsed)
{
	const char *slash = strchr(text, '/');
	char prefix[RESOURCE_KEY_TEXT];

	*parsed = (struct parsed_key){.key = {parsed->vrf, form == KEY_NAME ? NULL : &parsed->prefix, NULL}};
	if (form == KEY_NAME) {
		/* No name is as long as the text that this cuts off. */
		snprintf(parsed->vrf, sizeof(parsed->vrf), "%s", text);
		return 0;
	}
	if (!slash || (size_t)(slash - text) >= sizeof(parsed->vrf))
		return -1;
	memcpy(parsed->vrf, text, (size_t)(slash - text));
	if (form == KEY_VRF_PREFIX)
		return ip_prefix_parse(slash + 1, &parsed->prefix) ? -1 : 0;
	if (form == KEY_VRF_PREFIX_OWNER)
		return parse_owner(slash + 1, parsed, prefix, sizeof(prefix)) ||
				       ip_prefix_parse(prefix, &parsed->prefix)
			       ? -1
			       : 0;
	if (ip_address_parse(slash + 1, &parsed->prefix.address))
		return -1;
	parsed->prefix.length = address_bits(&parsed->prefix.address);
	return 0;
}

const char *key_form_text(enum key_form form)
{
	switch (form) {
	case KEY_VRF_PREFIX:
		return "VRF/prefix, such as blue/203.0.113.0/24";
	case KEY_VRF_ADDRESS:
		return "VRF/address, such as blue/203.0.113.1";
	case KEY_VRF_PREFIX_OWNER:
		return "VRF/prefix/source, such as blue/203.0.113.0/24/bgp";
	case KEY_NAME:
		break;
	}
	return "a name";
}

static const char *text_field(const void *message, size_t offset)
{
	return *(char *const *)((const char *)message + offset);
}

static char **text_field_of(void *message, size_t offset)
{
	return (char **)((char *)message + offset);
}

void key_decode(struct decoder *decoder, const struct kind_ops *ops, const void *message, struct decoded_key *key)
{
	const char *first = text_field(message, ops->key.first);
	struct vrf_key *vrf_key = &key->vrf_key;

	*key = (struct decoded_key){0};
	if (ops->key.form == KEY_NAME) {
		key->self = decode_name(decoder, ops->kind, "name", first);
		return;
	}
	vrf_key->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", first);
	if (ops->key.form != KEY_VRF_ADDRESS) {
		decode_prefix(decoder, "prefix", text_field(message, ops->key.second), &vrf_key->prefix);
		return;
	}
	decode_host(decoder, "address", text_field(message, ops->key.second), &vrf_key->prefix.address);
	vrf_key->prefix.length = address_bits(&vrf_key->prefix.address);
}

void key_move(struct handles *handles, struct decoded_key *key, struct resource *resource)
{
	if (!resource) {
		handles_put(handles, key->self);
		handles_put(handles, key->vrf_key.vrf);
		return;
	}
	if (kind_ops(resource->kind)->key.form == KEY_NAME)
		resource->self = key->self;
	else
		*(struct vrf_key *)(resource + 1) = key->vrf_key;
}

int key_encode(const struct kind_ops *ops, const struct resource *resource, void *message)
{
	const struct vrf_key *key = resource_vrf_key(resource);
	char **first = text_field_of(message, ops->key.first);

	if (!key)
		return encode_text(first, resource->self->text);
	if (encode_text(first, key->vrf->text))
		return -ENOMEM;
	if (ops->key.form == KEY_VRF_ADDRESS)
		return encode_address(text_field_of(message, ops->key.second), &key->prefix.address);
	if (ops->key.form == KEY_VRF_PREFIX_OWNER &&
	    encode_text(text_field_of(message, ops->key.third), resource->owner->text))
		return -ENOMEM;
	return encode_prefix(text_field_of(message, ops->key.second), &key->prefix);
}
