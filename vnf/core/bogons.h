/* SPDX-License-Identifier: Apache-2.0 */
/* Prefixes that nobody announces to others (RFC 6890, RFC 5737, RFC 3849, RFC 6666, RFC 3879). */
#ifndef SLUICE_CORE_BOGONS_H
#define SLUICE_CORE_BOGONS_H

#include "vnf/core/address.h"

/* Is it one of them, or below one? Whatever is below such a prefix is one as well. */
bool ip_prefix_is_bogon(const struct ip_prefix *prefix);

#endif
