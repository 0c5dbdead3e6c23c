/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the control plane's reads, for handlers. */
#ifndef SLUICE_WEB_MESSAGE_H
#define SLUICE_WEB_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

/* Initialised, to be filled in by a read of control.h; NULL: no memory. */
void *web_message_new(const ProtobufCMessageDescriptor *descriptor);
void web_message_free(void *message); /* with all in it; NULL is fine */

#endif
