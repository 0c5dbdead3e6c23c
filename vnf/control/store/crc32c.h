/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), RFC 3720 12.1: reflected, polynomial 0x1edc6f41. */
#ifndef SLUICE_STORE_CRC32C_H
#define SLUICE_STORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of the bytes; `crc` is 0, or that of the bytes before them. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size);

#endif
