/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy rule is about, from its message and back. */
#ifndef SLUICE_FEATURES_POLICY_POLICY_MATCH_H
#define SLUICE_FEATURES_POLICY_POLICY_MATCH_H

#include "vnf/control/kinds/kinds.h"
#include "vnf/features/policy/policy.h"

/* At "match" of the decoder's message; NULL: everything matches. */
void policy_match_decode(struct decoder *decoder, const Sluice__V1__PolicyMatch *from, struct policy_match *to);
/* *to stays NULL where everything matches. 0 or -ENOMEM. */
int policy_match_encode(const struct policy_match *from, Sluice__V1__PolicyMatch **to);
bool policy_match_equal(const struct policy_match *a, const struct policy_match *b);
void policy_match_references(const struct policy_match *match, reference_visit visit, void *context);

#endif
