/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/scope.h"

#include "vnf/control/commit/permission.h"

bool scope_shows(const struct access_view *view, const struct snapshot *snapshot, const struct resource *resource)
{
	struct access_change what;

	if (view->all)
		return true;
	what.owner = resource->owner->text;
	what.vrfs = 0;
	what.prefix = NULL;
	permission_touch(&what, snapshot, resource);
	return access_view_sees(view, &what);
}
