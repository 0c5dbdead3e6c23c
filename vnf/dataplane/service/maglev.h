/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maglev hashing (Eisenbud and others, NSDI 2016), with weights. Each member prefers the rows in an order of its own,
 * a permutation made of its name. In turns, members take the row that they prefer most of those that are free, until
 * each has its share, which follows its weight to a row. One that leaves, or comes, moves its own rows and hardly any
 * of the others'.
 */
#ifndef SLUICE_DATAPLANE_MAGLEV_H
#define SLUICE_DATAPLANE_MAGLEV_H

#include "vnf/dataplane/service/share_members.h"

/* Writes the number of its member, in their sorted order, to each of `rows` rows, a share_rows(); they are all zeros
 * before, in share_words(rows) words. 1 to `rows` members, sorted. 0 or -ENOMEM. */
int maglev_fill(const struct share_member *member, size_t count, uint64_t *word, uint32_t rows);

#endif
