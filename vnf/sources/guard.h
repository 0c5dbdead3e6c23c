/* SPDX-License-Identifier: Apache-2.0 */
/* Which prefixes a source may announce. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_GUARD_H
#define SLUICE_SOURCES_GUARD_H

#include "vnf/sources/mirror.h"

/* The ranges are sorted by prefix, none: all are allowed. */
enum source_guard guard_check(const struct source_config *config, const struct ip_prefix *prefix);

#endif
