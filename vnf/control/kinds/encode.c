/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/text.h"

void *message_new(const ProtobufCMessageDescriptor *descriptor)
{
	void *message = malloc(descriptor->sizeof_message);

	if (message)
		protobuf_c_message_init(descriptor, message);
	return message;
}

void message_free(void *message)
{
	protobuf_c_message_free_unpacked(message, NULL);
}

int encode_text(char **field, const char *text)
{
	char *copy;

	if (!*text)
		return 0;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	text_make_utf8(copy); /* not so: the names that the kernel's devices have */
	*field = copy;
	return 0;
}

int encode_address(char **field, const struct ip_address *address)
{
	char text[IP_ADDRESS_TEXT];

	return encode_text(field, ip_address_format(address, text));
}

int encode_prefix(char **field, const struct ip_prefix *prefix)
{
	char text[IP_PREFIX_TEXT];

	return prefix->address.family ? encode_text(field, ip_prefix_format(prefix, text)) : 0;
}

int encode_mac(char **field, const uint8_t mac[6])
{
	char text[MAC_TEXT];

	return encode_text(field, mac_format(mac, text));
}

int encode_names(char ***field, size_t *count, struct handle *const *names, size_t names_count)
{
	*field = calloc(names_count, sizeof(**field));
	if (!*field)
		return -ENOMEM;
	for (; *count < names_count; ++*count) {
		(*field)[*count] = strdup(names[*count]->text);
		if (!(*field)[*count])
			return -ENOMEM;
	}
	return 0;
}
