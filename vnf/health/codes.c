/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/codes.h"

#include <ctype.h>

/* Three digits; -1: there are others. */
static long take_code(const char **at)
{
	long code = 0;

	for (int i = 0; i < 3; i++, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return -1;
		code = code * 10 + (**at - '0');
	}
	return code;
}

bool codes_have(const char *text, long code)
{
	bool have = false;

	if (!*text)
		text = "200";
	for (;; text++) {
		long first = take_code(&text), last = first;

		if (first >= 0 && *text == '-') {
			text++;
			last = take_code(&text);
		}
		if (first < 0 || last < first || (*text && *text != ','))
			return false;
		have |= code >= first && code <= last;
		if (!*text)
			return have;
	}
}
