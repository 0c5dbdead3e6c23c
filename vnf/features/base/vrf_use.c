/* SPDX-License-Identifier: Apache-2.0 */
/* What rules of a policy refer to stays in the VRF of these rules. */
#include <stdio.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

static void taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "rules of VRF \"%s\" refer to %s \"%s\", so that rules of another VRF cannot",
		 holder->text, kind_ops(holding->key.handle->kind)->label, holding->key.handle->text);
}

const struct unique_rule vrf_use_rule = {.taken = taken};

void check_vrf_use(struct check *check, const struct handle *handle, const struct handle *vrf, const char *field)
{
	const struct unique_key key = {.rule = &vrf_use_rule, .handle = handle};
	const struct handle *holder = unique_keys_holder(check->unique_keys, &key);

	if (holder && holder != vrf)
		check_fault(check, ERROR_INVALID_ARGUMENT, field, -1, NULL,
			    "policy rules of VRF \"%s\" refer to %s \"%s\", which would be of VRF \"%s\": delete these "
			    "rules "
			    "first",
			    holder->text, kind_ops(handle->kind)->label, handle->text, vrf->text);
}
