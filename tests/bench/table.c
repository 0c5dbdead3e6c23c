/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a generated table of prefixes, one a line. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/internet.h"

int main(void)
{
	struct internet internet;
	char text[IP_PREFIX_TEXT];

	/* It says first which table it is: a comment here. */
	fputs("# ", stdout);
	if (!internet_load(&internet))
		return EXIT_FAILURE;
	for (size_t i = 0; i < internet.count; i++)
		puts(ip_prefix_format(&internet.prefix[i], text));
	internet_free(&internet);
	return EXIT_SUCCESS;
}
