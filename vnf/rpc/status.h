/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as gRPC carries them: a status, its message, and google.rpc.Status in grpc-status-details-bin; and back. */
#ifndef SLUICE_RPC_STATUS_H
#define SLUICE_RPC_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/core/error.h"

#define STATUS_DETAILS_KEY  "grpc-status-details-bin"
#define STATUS_MESSAGE_TEXT 640

/* The first fault, "field: message", and how many more there are. Returns `text`. */
const char *status_message(const struct error *error, char text[STATUS_MESSAGE_TEXT]);

/* Packs a google.rpc.Status with a google.rpc.BadRequest, kept below the size that clients accept in their headers;
 * NULL: no fault names a field, or memory is short. The caller frees it. */
uint8_t *status_details(const struct error *error, size_t *size);

/* Adds the faults of such bytes; 0, or -1: there are none in it. */
int status_details_parse(const uint8_t *data, size_t size, enum error_code code, struct error *error);

#endif
