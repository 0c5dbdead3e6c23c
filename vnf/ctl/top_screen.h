/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal, taken whole: its second screen (xterm's 1049), no echo, no cursor. */
#ifndef SLUICE_CTL_TOP_SCREEN_H
#define SLUICE_CTL_TOP_SCREEN_H

#include <stddef.h>

struct screen;

/* Can standard input and output be used so? */
int screen_possible(void);

/* SIGINT, SIGTERM, SIGHUP and SIGWINCH end or redraw from now on, wherever they would arrive: before there are other
 * threads. NULL: errno. */
struct screen *screen_new(void);
/* From here on; before it, the terminal is as it was. */
void screen_enter(struct screen *screen);
/* Gives the terminal back as it was; NULL is fine. */
void screen_free(struct screen *screen);

void screen_size(size_t *width, size_t *height);
/* Shows the lines of the text, and nothing of what was there before. */
void screen_show(const char *text);

enum screen_event { SCREEN_TIME, SCREEN_RESIZED, SCREEN_END };

/* Waits until `until_ns` (CLOCK_MONOTONIC), a change of the size, or "q" or a signal that ends. */
enum screen_event screen_wait(struct screen *screen, unsigned long long until_ns);

#endif
