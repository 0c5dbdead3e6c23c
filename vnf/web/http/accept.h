/* SPDX-License-Identifier: Apache-2.0 */
/* Headers by which a client says what it takes (RFC 9110, section 12.5). */
#ifndef SLUICE_WEB_ACCEPT_H
#define SLUICE_WEB_ACCEPT_H

#include <stdbool.h>

/*
 * How much the client wants the name, in thousandths (q=0.5 is 500); 0: not at all. Of a media type, "type/subtype",
 * the ranges "type/" "*" and "*" "/" "*" count where nothing more specific does, of a coding "*". `parameter`, as in
 * "version=1.0.0", has to be among the parameters of an element where it has one of that name; NULL: none. `header`
 * NULL: there is none, and `otherwise` is what that means.
 */
unsigned int accept_quality(const char *header, const char *name, const char *parameter, unsigned int otherwise);

#endif
