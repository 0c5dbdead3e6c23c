/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/paths.h"

#include <stddef.h>

#include "vnf/web/api/api.h"
#include "vnf/web/metrics/metrics.h"
#include "vnf/web/page/page.h"

const struct web_path web_paths[] = {
	{"/metrics", metrics_handle},
	{"/api/now", api_now},
	{"/api/system", api_system},
	{"/api/limits", api_limits},
	{"/api/ports", api_ports},
	{"/api/verdicts", api_verdicts},
	{"/api/connections", api_connections},
	{"/api/resources", api_resources},
	{"/api/revisions", api_revisions},
	{"/api/difference", api_difference},
	{"/api/explain", api_explain},
	{"/", page_handle},
	{"/api.js", page_handle},
	{"/commits.js", page_handle},
	{"/details.js", page_handle},
	{"/drops.js", page_handle},
	{"/explain.js", page_handle},
	{"/graph.js", page_handle},
	{"/icon.svg", page_handle},
	{"/page.css", page_handle},
	{"/page.js", page_handle},
	{"/resources.js", page_handle},
	{"/text.js", page_handle},
	{"/topology.js", page_handle},
	{NULL, NULL},
};
