/* SPDX-License-Identifier: Apache-2.0 */
/* How far a wrong word is from a right one, to suggest what was meant. */
#ifndef SLUICE_CORE_DISTANCE_H
#define SLUICE_CORE_DISTANCE_H

/* Edits (insert, delete, replace, swap neighbours) between two words of at most 63 bytes; longer ones: 63. */
unsigned int word_distance(const char *a, const char *b);

#endif
