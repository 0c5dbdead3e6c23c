/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of a terminal (ECMA-48). */
#ifndef SLUICE_CORE_COLOR_H
#define SLUICE_CORE_COLOR_H

#include <stdbool.h>

enum color { PLAIN, RESET, BOLD, RED, GREEN, YELLOW };

static inline const char *color_of(bool wanted, enum color color)
{
	static const char *const codes[] = {"", "\033[0m", "\033[1m", "\033[31m", "\033[32m", "\033[33m"};

	return wanted ? codes[color] : "";
}

#endif
