/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: what the router does and has done, as Prometheus reads it. Its size does not depend on how many routes or
 * connections there are. */
#ifndef SLUICE_WEB_METRICS_H
#define SLUICE_WEB_METRICS_H

#include "vnf/web/http/path.h"

web_handle metrics_handle;

#endif
