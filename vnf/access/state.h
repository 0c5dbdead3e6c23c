/* SPDX-License-Identifier: Apache-2.0 */
/* How it is put together; for the files beside this one. */
#ifndef SLUICE_ACCESS_STATE_H
#define SLUICE_ACCESS_STATE_H

#include <pthread.h>

#include "vnf/access/access.h"

#define CALLER_BUCKETS 256

struct access {
	pthread_mutex_t lock;  /* guards all but the numbers */
	struct policy *policy; /* NULL: none */
	char path[1024], fault[ACCESS_FAULT];
	struct access_caller *bucket[CALLER_BUCKETS];
	_Atomic uint64_t denied;
	_Atomic uint64_t logged; /* first_in_second, of lines about those that were denied */
	uint64_t unlogged;
};

/* *missing: the VRF that is none of the rule's. */
bool access_in_vrfs(const struct policy_rule *rule, const struct access_change *change, const char **missing);
bool access_in_prefixes(const struct policy_rule *rule, const struct ip_prefix *prefix);

struct access_caller {
	struct access *access;
	struct access_caller *chain;
	size_t references; /* guarded by the lock */
	_Atomic uint32_t held[QUOTAS];
	struct identity identity;
};

#endif
