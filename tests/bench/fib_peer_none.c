/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/fib_peer.h"

const char *peer_open(void)
{
	return "libdpdk-dev was not there when this was built (tests/setup.sh --bench installs it)";
}

bool peer_set(const struct ip_prefix *prefix, uint32_t group)
{
	(void)prefix;
	(void)group;
	return false;
}

double peer_run4(uint32_t *address, size_t count, uint64_t *sum)
{
	(void)address;
	(void)count;
	(void)sum;
	return 0;
}

double peer_run6(struct dp_address *address, size_t count, uint64_t *sum)
{
	(void)address;
	(void)count;
	(void)sum;
	return 0;
}
