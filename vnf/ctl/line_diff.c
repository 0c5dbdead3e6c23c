/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/line_diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Cells of the table of common lengths; larger middles are shown as wholly replaced. */
#define TABLE_CELLS (4U << 20)

struct lines {
	const char **start; /* count + 1 of them: the last is the end */
	size_t count;
};

static int split(const char *text, struct lines *lines)
{
	size_t count = 0;

	for (const char *c = text; *c; c++)
		count += *c == '\n' || !c[1];
	lines->start = calloc(count + 1, sizeof(*lines->start));
	if (!lines->start)
		return -1;
	lines->count = count;
	for (size_t i = 0; i < count; i++) {
		const char *end = strchr(text, '\n');

		lines->start[i] = text;
		text = end ? end + 1 : text + strlen(text);
	}
	lines->start[count] = text;
	return 0;
}

static size_t length_of(const struct lines *lines, size_t i)
{
	size_t length = (size_t)(lines->start[i + 1] - lines->start[i]);

	return length && lines->start[i][length - 1] == '\n' ? length - 1 : length;
}

static bool equal(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	size_t length = length_of(a, i);

	return length == length_of(b, j) && memcmp(a->start[i], b->start[j], length) == 0;
}

/* The longest common subsequence of the middles: common[i][j] is its length from lines i and j on. */
static uint32_t *common_lengths(const struct lines *a, const struct lines *b, size_t top, size_t rows, size_t columns)
{
	size_t width = columns + 1;
	uint32_t *common;

	if ((rows + 1) > TABLE_CELLS / width)
		return NULL;
	common = calloc((rows + 1) * width, sizeof(*common));
	for (size_t i = rows; common && i-- > 0;) {
		for (size_t j = columns; j-- > 0;) {
			uint32_t down = common[(i + 1) * width + j], right = common[i * width + j + 1];

			if (equal(a, top + i, b, top + j))
				common[i * width + j] = common[(i + 1) * width + j + 1] + 1;
			else
				common[i * width + j] = down > right ? down : right;
		}
	}
	return common;
}

int line_diff(const char *before, const char *after,
	      void (*line)(char sign, const char *text, size_t length, void *context), void *context)
{
	struct lines a = {0}, b = {0};
	size_t top = 0, bottom = 0, rows, columns, i = 0, j = 0;
	uint32_t *common;

	if (split(before, &a) || split(after, &b)) {
		free(a.start);
		free(b.start);
		return -1;
	}
	while (top < a.count && top < b.count && equal(&a, top, &b, top))
		top++;
	while (bottom + top < a.count && bottom + top < b.count &&
	       equal(&a, a.count - 1 - bottom, &b, b.count - 1 - bottom))
		bottom++;
	rows = a.count - top - bottom;
	columns = b.count - top - bottom;
	common = common_lengths(&a, &b, top, rows, columns);
	for (size_t k = 0; k < top; k++)
		line(' ', a.start[k], length_of(&a, k), context);
	while (i < rows || j < columns) {
		if (i < rows && j < columns && common && equal(&a, top + i, &b, top + j)) {
			line(' ', a.start[top + i], length_of(&a, top + i), context);
			i++;
			j++;
		} else if (i < rows && (j == columns || !common ||
					common[(i + 1) * (columns + 1) + j] >= common[i * (columns + 1) + j + 1])) {
			line('-', a.start[top + i], length_of(&a, top + i), context);
			i++;
		} else {
			line('+', b.start[top + j], length_of(&b, top + j), context);
			j++;
		}
	}
	for (size_t k = a.count - bottom; k < a.count; k++)
		line(' ', a.start[k], length_of(&a, k), context);
	free(common);
	free(a.start);
	free(b.start);
	return 0;
}
