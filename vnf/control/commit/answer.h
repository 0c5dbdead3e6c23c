/* SPDX-License-Identifier: Apache-2.0 */
/* What a write answers: results and differences. */
#ifndef SLUICE_CONTROL_ANSWER_H
#define SLUICE_CONTROL_ANSWER_H

#include "vnf/control/commit/commit.h"
#include "vnf/control/commit/candidate.h"

struct blast_radius;
struct policy_costs;

/* Keys and outcomes; NULL: out of memory. Made before the commit, since after it nothing may fail. */
Sluice__V1__WriteResult *answer_new(const struct changes *changes);
/* Whether each of them is programmed now; after the commit, while the changes still have their resources. */
void answer_programmed(Sluice__V1__WriteResult *result, const struct changes *changes);

/* What policies cost after it. Without memory the answer goes out without. */
void answer_policy_costs(Sluice__V1__WriteResult *result, const struct policy_costs *costs);

/* What would become of connections. 0 or -ENOMEM. */
int answer_blast_radius(Sluice__V1__WriteResult *result, const struct blast_radius *radius);

/* 0 or -ENOMEM. */
int answer_differences(const struct candidate *candidate, struct differences *differences);
void differences_free(struct differences *differences);

#endif
