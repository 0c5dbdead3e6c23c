/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/text.h"

#include <string.h>

/* One character of a text. */
struct character {
	uint32_t code;
	size_t bytes;
	bool valid; /* UTF-8: not overlong, no surrogate, at most U+10FFFF (RFC 3629, section 4) */
	bool cut;   /* the text ends before it does */
};

static struct character character_at(const char *text)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	struct character it = {.code = byte[0], .bytes = 1};
	size_t size = byte[0] < 0x80 ? 1 : byte[0] < 0xc2 ? 0 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;

	if (size == 0 || byte[0] > 0xf4)
		return it;
	if (size > 1)
		it.code = byte[0] & (0x7fU >> size);
	while (it.bytes < size && (byte[it.bytes] & 0xc0) == 0x80)
		it.code = it.code << 6 | (byte[it.bytes++] & 0x3f);
	it.cut = it.bytes < size && byte[it.bytes] == '\0';
	it.valid = it.bytes == size && it.code >= least[size] && it.code <= 0x10ffff &&
		   (it.code < 0xd800 || it.code > 0xdfff);
	return it;
}

size_t text_next(const char *text, uint32_t *code)
{
	const struct character it = character_at(text);

	*code = it.code;
	return it.valid ? it.bytes : 0;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

bool text_may_be_shown(uint32_t code)
{
	if (code < 0x20)
		return code == '\t';
	if (code >= 0x7f && code < 0xa0)
		return false;
	return code != 0x061c && code != 0x200e && code != 0x200f && (code < 0x2028 || code > 0x202e) &&
	       (code < 0x2066 || code > 0x2069);
}

static void replace(char *text, bool also_harmful)
{
	char *to = text;

	while (*text) {
		const struct character it = character_at(text);

		if (it.valid && (!also_harmful || text_may_be_shown(it.code))) {
			memmove(to, text, it.bytes);
			to += it.bytes;
		} else if (!it.cut) {
			*to++ = '?';
		}
		text += it.bytes;
	}
	*to = '\0';
}

void text_clean(char *text)
{
	replace(text, true);
}

void text_make_utf8(char *text)
{
	replace(text, false);
}

bool text_is_clean(const char *text)
{
	while (*text) {
		const struct character it = character_at(text);

		if (!it.valid || !text_may_be_shown(it.code))
			return false;
		text += it.bytes;
	}
	return true;
}
