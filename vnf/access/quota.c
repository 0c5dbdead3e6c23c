/* SPDX-License-Identifier: Apache-2.0 */
/* What an identity may hold at a time. */
#include "vnf/access/state.h"

/* Of one that no rule gives the quota: so that it cannot have all that there is for all clients. */
static const uint32_t otherwise[QUOTAS] = {
	[QUOTA_REQUESTS] = 1024,   [QUOTA_STREAMS] = 64,     [QUOTA_CONNECTIONS] = 256,
	[QUOTA_TRANSACTIONS] = 64, [QUOTA_STAGED_MIB] = 256,
};

uint32_t access_quota(struct access_caller *caller, enum policy_quota quota)
{
	struct policy *policy = caller ? access_policy(caller) : NULL;
	const struct policy_rule *rule;
	bool is_admin = false;
	uint32_t limit = 0;
	size_t at = 0;

	if (!policy)
		return 0;
	while (!limit && (rule = policy_next(policy, &caller->identity, &at))) {
		limit = rule->quota[quota];
		is_admin |= rule->role == ROLE_ADMIN;
	}
	policy_put(policy);
	return limit || is_admin ? limit : otherwise[quota];
}

void access_quota_fault(struct access_caller *caller, enum policy_quota quota, struct error *error)
{
	static const char *const what[] = {
		[QUOTA_REQUESTS] = "calls in flight: wait for answers",
		[QUOTA_STREAMS] = "streams: end one",
		[QUOTA_CONNECTIONS] = "connections: close one",
		[QUOTA_TRANSACTIONS] = "open transactions: commit or abort one",
		[QUOTA_STAGED_MIB] = "MiB of staged changes: commit what is staged",
	};

	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "%s may have %u %s, or raise quotas.%s of a rule in %.100s",
		  caller->identity.name, access_quota(caller, quota), what[quota], policy_quota_name(quota),
		  caller->access->path);
}

int access_take(struct access_caller *caller, enum policy_quota quota, struct error *error)
{
	uint32_t limit = access_quota(caller, quota);

	if (!caller || atomic_fetch_add(&caller->held[quota], 1) < limit || !limit)
		return 0;
	atomic_fetch_sub(&caller->held[quota], 1);
	if (error)
		access_quota_fault(caller, quota, error);
	return -1;
}

void access_give(struct access_caller *caller, enum policy_quota quota)
{
	if (caller)
		atomic_fetch_sub(&caller->held[quota], 1);
}
