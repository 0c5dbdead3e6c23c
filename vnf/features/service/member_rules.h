/* SPDX-License-Identifier: Apache-2.0 */
/* What members hold, and what is checked of them. */
#ifndef SLUICE_FEATURES_SERVICE_MEMBER_RULES_H
#define SLUICE_FEATURES_SERVICE_MEMBER_RULES_H

#include "vnf/control/kinds/kinds.h"

void member_unique_keys(const struct resource *resource, holding_visit visit, void *context);
void member_check(struct check *check, const struct resource *before, const struct resource *after);

#endif
