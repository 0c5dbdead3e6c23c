/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that people read as words. */
#ifndef SLUICE_CTL_CELL_H
#define SLUICE_CTL_CELL_H

#define CELL_TEXT 32

/* They take a cell's text, of the first three a number in decimal, and return a constant or `text`. */

/* A protocol of the kernel's routes, by the name that `ip route` shows; the number where it has none. */
const char *cell_protocol(const char *number, char text[CELL_TEXT]);
/* Milliseconds, by their two largest units: "3d04h", "5m09s", "12s". */
const char *cell_age(const char *number, char text[CELL_TEXT]);
/* Nanoseconds, in three digits: "850 ns", "3.21 us", "15.0 ms", "2.05 s". */
const char *cell_duration(const char *number, char text[CELL_TEXT]);
/* What has passed since a time, as path_cell() writes it; of one to come nothing. */
const char *cell_since(const char *time_text, char text[CELL_TEXT]);

#endif
