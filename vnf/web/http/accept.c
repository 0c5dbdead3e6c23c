/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A piece of the header; not terminated. */
struct piece {
	const char *text;
	size_t length;
};

static struct piece trim(struct piece piece)
{
	while (piece.length && strchr(" \t", piece.text[0])) {
		piece.text++;
		piece.length--;
	}
	while (piece.length && strchr(" \t", piece.text[piece.length - 1]))
		piece.length--;
	return piece;
}

/* The next piece before the separator, and *rest behind it; rest->text NULL: that was the last one. No quoted string
 * with a separator in it is in use with these headers. */
static struct piece cut(struct piece *rest, char separator)
{
	const char *end = memchr(rest->text, separator, rest->length);
	struct piece piece = {rest->text, end ? (size_t)(end - rest->text) : rest->length};

	if (end)
		*rest = (struct piece){end + 1, rest->length - piece.length - 1};
	else
		*rest = (struct piece){NULL, 0};
	return trim(piece);
}

static bool is(struct piece piece, const char *text)
{
	return piece.length == strlen(text) && !strncasecmp(piece.text, text, piece.length);
}

static bool begins(struct piece piece, const char *text)
{
	return piece.length >= strlen(text) && !strncasecmp(piece.text, text, strlen(text));
}

/* "0.75" in thousandths; what is no quality counts as none, 0. */
static unsigned int quality(struct piece piece)
{
	unsigned int value = 0, scale = 1000;

	if (!piece.length || (piece.text[0] != '0' && piece.text[0] != '1'))
		return 0;
	value = (unsigned int)(piece.text[0] - '0') * scale;
	for (size_t i = 2; i < piece.length && i < 5; i++) {
		if (piece.text[i] < '0' || piece.text[i] > '9')
			return 0;
		scale /= 10;
		value += (unsigned int)(piece.text[i] - '0') * scale;
	}
	return value > 1000 ? 0 : value;
}

/* How exactly the range names it: 3 itself, 2 "type/" "*", 1 all; 0: it does not. */
static int matches(struct piece range, const char *name)
{
	const char *slash = strchr(name, '/');

	if (is(range, name))
		return 3;
	if (is(range, "*/*") || is(range, "*"))
		return 1;
	return slash && range.length == (size_t)(slash - name) + 2 && range.text[range.length - 1] == '*' &&
			       !strncasecmp(range.text, name, range.length - 1)
		       ? 2
		       : 0;
}

/* Takes the parameters of an element: its quality, and 0 where it asks for another parameter than that one. */
static unsigned int read_parameters(struct piece rest, const char *parameter)
{
	size_t name = parameter ? (size_t)(strchr(parameter, '=') - parameter) + 1 : 0;
	unsigned int value = 1000;
	bool fits = true;

	while (rest.text) {
		struct piece piece = cut(&rest, ';');

		if (begins(piece, "q="))
			value = quality((struct piece){piece.text + 2, piece.length - 2});
		else if (parameter && piece.length >= name && !strncasecmp(piece.text, parameter, name))
			fits = is(piece, parameter);
	}
	return fits ? value : 0;
}

unsigned int accept_quality(const char *header, const char *name, const char *parameter, unsigned int otherwise)
{
	struct piece rest = {header, header ? strlen(header) : 0};
	unsigned int best = 0;
	int exact = 0;

	if (!header)
		return otherwise;
	while (rest.text) {
		struct piece element = cut(&rest, ',');
		int how;

		if (!element.length)
			continue;
		how = matches(cut(&element, ';'), name);
		if (how && how >= exact) {
			unsigned int value = read_parameters(element, how == 3 ? parameter : NULL);

			best = how > exact || value > best ? value : best;
			exact = how;
		}
	}
	return best;
}
