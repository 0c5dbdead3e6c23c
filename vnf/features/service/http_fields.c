/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/http_fields.h"

#include <ctype.h>
#include <string.h>

bool http_visible(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

const char *http_method(const char *text)
{
	static const char *const methods[] = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS",
					      "PATCH",	 "POST",   "PUT", "TRACE"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (strcmp(text, methods[i]) == 0)
			return NULL;
	return "CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or TRACE";
}

const char *http_path(const char *text)
{
	return *text == '/' && http_visible(text) && !strchr(text, '#')
		       ? NULL
		       : "a path that begins with '/', of visible ASCII without '#'";
}

const char *http_host(const char *text)
{
	bool begins = true; /* a label */

	for (; *text; text++) {
		if (*text == '.' || *text == '-') {
			if (begins || (*text == '.' && text[-1] == '-'))
				break;
			begins = *text == '.';
		} else if (!isalnum((unsigned char)*text)) {
			break;
		} else {
			begins = false;
		}
	}
	return *text || begins || text[-1] == '-' ? "a host's name: letters, digits, '-' and '.'" : NULL;
}

/* Three digits of a status code, 100 to 599 (RFC 9110 15); 0: others. */
static int code_at(const char *text)
{
	int code = 0;

	for (int i = 0; i < 3; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		code = code * 10 + text[i] - '0';
	}
	return code >= 100 && code <= 599 ? code : 0;
}

const char *http_codes(const char *text)
{
	static const char *const wanted = "status codes of 100 to 599, as \"200\", \"200,202\" or \"200-204\"";
	int code = code_at(text);

	if (!code)
		return wanted;
	if (text[3] == '-')
		return code_at(text + 4) >= code && !text[7] ? NULL : wanted;
	for (text += 3; *text == ','; text += 4)
		if (!code_at(text + 1))
			return wanted;
	return *text ? wanted : NULL;
}

const char *decode_http_field(struct decoder *decoder, const char *field, const char *text, bool used,
			      const char *otherwise, const char *(*rule)(const char *text))
{
	const char *wanted;

	if (!*text)
		return used ? otherwise : "";
	if (!used) {
		decode_fault(decoder, field, "has no effect unless type is HTTP or HTTPS: leave it out");
		return "";
	}
	wanted = rule(text);
	if (strlen(text) > HTTP_TEXT)
		decode_fault(decoder, field, "has %zu bytes: at most %d", strlen(text), HTTP_TEXT);
	else if (wanted)
		decode_fault(decoder, field, "\"%.64s\" is not %s", text, wanted);
	return text;
}
