/* SPDX-License-Identifier: Apache-2.0 */
/* The address families of the members of a pool, counted, and of the policy rules that lead to it. */
#include "vnf/control/kinds/check.h"
#include "vnf/features/base/base.h"

const struct unique_rule pool_family_rule = {0}, pool_use_rule = {0}; /* shared: nobody stands in another's way */

bool check_pool_has_family(struct check *check, const struct handle *pool, uint32_t family)
{
	const struct unique_key key = {.rule = &pool_family_rule, .handle = pool, .number = family};

	return unique_keys_count(check->unique_keys, &key) > 0;
}
