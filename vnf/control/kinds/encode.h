/* SPDX-License-Identifier: Apache-2.0 */
/* Building messages that protobuf_c_message_free_unpacked can free, half filled too. */
#ifndef SLUICE_CONTROL_ENCODE_H
#define SLUICE_CONTROL_ENCODE_H

#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

#include "vnf/control/kinds/resource.h"

void *message_new(const ProtobufCMessageDescriptor *descriptor); /* initialised; NULL: out of memory */
void message_free(void *message);				 /* NULL is fine */

/* Each sets a string field that was empty; 0 or -ENOMEM. */
int encode_text(char **field, const char *text);
int encode_address(char **field, const struct ip_address *address);
int encode_prefix(char **field, const struct ip_prefix *prefix); /* empty for family 0 */
int encode_mac(char **field, const uint8_t mac[6]);
/* A repeated string field. */
int encode_names(char ***field, size_t *count, struct handle *const *names, size_t names_count);

#endif
