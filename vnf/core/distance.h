/* SPDX-License-Identifier: Apache-2.0 */
/* How far a wrong word is from a right one, to suggest what was meant. */
#ifndef SLUICE_CORE_DISTANCE_H
#define SLUICE_CORE_DISTANCE_H

/* Edits (insert, delete, replace, swap neighbours) between two words of at most 63 bytes; longer ones: 63. */
unsigned int word_distance(const char *a, const char *b);

/* What a wrong word was meant to be, as far as candidates have been held against it. Begins zeroed. */
struct word_guess {
	const char *word; /* of the nearest candidate, borrowed; NULL: none is near */
	unsigned int distance;
};

/* Takes the candidate if it is nearer than what there is: at most 2 edits away, and fewer than it has letters. */
void word_guess(struct word_guess *guess, const char *candidate, unsigned int distance);

#endif
