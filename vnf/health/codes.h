/* SPDX-License-Identifier: Apache-2.0 */
/* Expected HTTP status codes as Octavia writes them: "200", "200,202" or "200-204", and both together. */
#ifndef SLUICE_HEALTH_CODES_H
#define SLUICE_HEALTH_CODES_H

#include <stdbool.h>

/* Is the code among them? A text that is none of the above has none; "" stands for "200". */
bool codes_have(const char *text, long code);

#endif
