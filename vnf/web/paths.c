/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/paths.h"

#include <stddef.h>

#include "vnf/web/metrics/metrics.h"

const struct web_path web_paths[] = {
	{"/metrics", metrics_handle},
	{NULL, NULL},
};
