/* SPDX-License-Identifier: Apache-2.0 */
/* Measures how far a wrong word is from a right one, to suggest the right one. */
#ifndef SLUICE_CORE_DISTANCE_H
#define SLUICE_CORE_DISTANCE_H

/* Counts the edits (insert, delete, replace, swap neighbours) between two words of at most 63 bytes; longer ones:
 * 63. */
unsigned int word_distance(const char *a, const char *b);

/* The best candidate so far for a word that was misspelt. Begins zeroed. */
struct word_guess {
	const char *word; /* the nearest candidate, borrowed; NULL: none is near */
	unsigned int distance;
};

/* Takes the candidate if it is nearer than the one so far: at most 2 edits away, and fewer than it has letters. */
void word_guess(struct word_guess *guess, const char *candidate, unsigned int distance);

#endif
