/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/message.h"

#include <stdlib.h>

void *web_message_new(const ProtobufCMessageDescriptor *descriptor)
{
	void *message = malloc(descriptor->sizeof_message);

	if (message)
		protobuf_c_message_init(descriptor, message);
	return message;
}

void web_message_free(void *message)
{
	if (message)
		protobuf_c_message_free_unpacked(message, NULL);
}
