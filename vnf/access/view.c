/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller sees of the state. */
#include "vnf/access/state.h"

/* Is there a rule by which it sees everything? */
static bool sees_all(const struct access_view *view)
{
	const struct policy_rule *rule;
	size_t at = 0;

	if (!view->policy)
		return true;
	while ((rule = policy_next(view->policy, &view->caller->identity, &at)))
		if (!rule->reads_scope && policy_rule_calls(rule, view->method, ROLE_READ, true))
			return true;
	return false;
}

void access_view_open(struct access_view *view, struct access_caller *caller, const char *method)
{
	*view = (struct access_view){.caller = access_caller_get(caller), .method = method};
	if (caller)
		view->policy = access_policy(caller);
	view->all = sees_all(view);
}

void access_view_close(struct access_view *view)
{
	policy_put(view->policy);
	access_caller_put(view->caller);
	*view = (struct access_view){0};
}

bool access_view_is_current(const struct access_view *view)
{
	struct policy *policy = view->caller ? access_policy(view->caller) : NULL;

	policy_put(policy);
	return policy == view->policy; /* ours is kept, so that no other has its place */
}

bool access_view_sees(const struct access_view *view, const struct access_change *what)
{
	const struct policy_rule *rule;
	const char *missing;
	size_t at = 0;

	if (view->all)
		return true;
	while ((rule = policy_next(view->policy, &view->caller->identity, &at)))
		if (policy_rule_calls(rule, view->method, ROLE_READ, true) &&
		    (!rule->owners.count || policy_texts_have(&rule->owners, what->owner)) &&
		    access_in_vrfs(rule, what, &missing) && access_in_prefixes(rule, what->prefix))
			return true;
	return false;
}

bool access_view_sees_owner(const struct access_view *view, const char *owner)
{
	const struct policy_rule *rule;
	size_t at = 0;

	if (view->all)
		return true;
	while ((rule = policy_next(view->policy, &view->caller->identity, &at)))
		if (policy_rule_calls(rule, view->method, ROLE_READ, true) && policy_texts_have(&rule->owners, owner))
			return true;
	return false;
}
