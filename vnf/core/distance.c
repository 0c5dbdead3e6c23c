/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/distance.h"

#include <string.h>

#define WORD 63

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int word_distance(const char *a, const char *b)
{
	unsigned int row[3][WORD + 1];
	size_t rows = strlen(a), columns = strlen(b);

	if (rows > WORD || columns > WORD)
		return WORD;
	for (size_t j = 0; j <= columns; j++)
		row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= rows; i++) {
		unsigned int *now = row[i % 3], *above = row[(i + 2) % 3], *two_above = row[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= columns; j++) {
			now[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], least(above[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], two_above[j - 2] + 1);
		}
	}
	return row[rows % 3][columns];
}

void word_guess(struct word_guess *guess, const char *candidate, unsigned int distance)
{
	if (distance >= (guess->word ? guess->distance : 3) || distance >= strlen(candidate))
		return;
	guess->word = candidate;
	guess->distance = distance;
}
