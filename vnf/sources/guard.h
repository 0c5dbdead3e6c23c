/* SPDX-License-Identifier: Apache-2.0 */
/* Which prefixes a source may announce. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_GUARD_H
#define SLUICE_SOURCES_GUARD_H

#include "vnf/sources/mirror.h"

/* Prefixes that nobody announces to others (RFC 6890, RFC 5737, RFC 3849, RFC 6666, RFC 3879), and all below them. */
bool guard_is_bogon(const struct ip_prefix *prefix);

/* The ranges are sorted by prefix, none: all are allowed. */
enum source_guard guard_check(const struct source_config *config, const struct ip_prefix *prefix);

#endif
