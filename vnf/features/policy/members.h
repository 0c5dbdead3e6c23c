/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of addresses and prefixes, as groups have them: sorted, each once. */
#ifndef SLUICE_FEATURES_POLICY_MEMBERS_H
#define SLUICE_FEATURES_POLICY_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/core/address.h"

struct decoder;

/* Faults where there are too many: how many are then decoded. */
size_t members_count(struct decoder *decoder, const char *field, size_t count);
/* Fills `to` with the texts, sorted. What is wrong, or there twice, is a fault of its own. */
void members_decode(struct decoder *decoder, const char *field, char *const *texts, struct ip_prefix *to, size_t count);
/* 0 or -ENOMEM. A prefix of one address is written as the address. */
int members_encode(char ***field, size_t *n_field, const struct ip_prefix *member, size_t count);
bool members_equal(const struct ip_prefix *a, size_t a_count, const struct ip_prefix *b, size_t b_count);

#endif
