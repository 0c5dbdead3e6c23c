/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fuzz target is made of. As an ordinary test it gets its corpus and mutations of it from fuzz.c; with the
 * preset `fuzz`, libFuzzer drives it. A target ends the program (abort, a sanitizer) where something is wrong.
 */
#ifndef SLUICE_TESTS_FUZZ_H
#define SLUICE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_BYTES 4096 /* of an input of the corpus, at most */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The n-th input of the corpus into FUZZ_BYTES bytes: a valid one. Its size; 0: there are no more. */
size_t fuzz_corpus(unsigned int n, uint8_t *bytes);

/* Ends the program unless the target took input n of the corpus for what it is: valid. */
void fuzz_must_accept(const uint8_t *data, size_t size);

#endif
