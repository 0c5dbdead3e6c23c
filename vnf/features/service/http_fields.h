/* SPDX-License-Identifier: Apache-2.0 */
/* What health monitors say of HTTP requests and their answers. */
#ifndef SLUICE_FEATURES_SERVICE_HTTP_FIELDS_H
#define SLUICE_FEATURES_SERVICE_HTTP_FIELDS_H

#include <stdbool.h>

#include "vnf/control/kinds/decode.h"

#define HTTP_TEXT 255 /* bytes of a field */

/* Each returns NULL where the text is right, or what it would have to be. */
const char *http_method(const char *text); /* RFC 9110 9.1, those that Octavia has */
const char *http_path(const char *text);   /* RFC 9112 3.2.1 */
const char *http_host(const char *text);   /* RFC 1123 2.1 */
const char *http_codes(const char *text);  /* "200", "200,202" or "200-204" */

/* Visible ASCII alone, no space; empty is fine. */
bool http_visible(const char *text);

/* The field's text, or the default where it is empty. Without `used` there is no effect: it must be empty, and stays
 * so. */
const char *decode_http_field(struct decoder *decoder, const char *field, const char *text, bool used,
			      const char *otherwise, const char *(*rule)(const char *text));

#endif
