/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/access/access.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/access/state.h"
#include "vnf/core/clock.h"
#include "vnf/core/log.h"

struct access *access_new(void)
{
	struct access *access = calloc(1, sizeof(*access));

	if (access)
		pthread_mutex_init(&access->lock, NULL);
	return access;
}

void access_free(struct access *access)
{
	if (!access)
		return;
	policy_put(access->policy);
	pthread_mutex_destroy(&access->lock);
	free(access);
}

static struct policy *read_file(const char *path, struct error *error)
{
	FILE *stream = fopen(path, "re");
	struct policy *policy;

	if (!stream) {
		error_add(error, errno == ENOMEM ? ERROR_RESOURCE_EXHAUSTED : ERROR_NOT_FOUND, path, "%s",
			  strerror(errno));
		return NULL;
	}
	policy = policy_read(stream, path, error);
	fclose(stream);
	return policy;
}

int access_check_file(const char *path, struct error *error)
{
	struct policy *policy = read_file(path, error);

	policy_put(policy);
	return policy ? 0 : -1;
}

int access_load(struct access *access, const char *path, struct error *error)
{
	struct policy *policy = read_file(path, error), *before = NULL;

	pthread_mutex_lock(&access->lock);
	snprintf(access->path, sizeof(access->path), "%s", path);
	if (policy) {
		before = access->policy;
		access->policy = policy;
		access->fault[0] = '\0';
	} else {
		snprintf(access->fault, sizeof(access->fault), "%s: %s", error->fault[0].field,
			 error->fault[0].message);
	}
	pthread_mutex_unlock(&access->lock);
	policy_put(before);
	return policy ? 0 : -1;
}

void access_status(struct access *access, struct access_status *status)
{
	pthread_mutex_lock(&access->lock);
	*status = (struct access_status){.rules = access->policy ? access->policy->count : 0,
					 .denied = atomic_load(&access->denied)};
	snprintf(status->path, sizeof(status->path), "%s", access->path);
	snprintf(status->fault, sizeof(status->fault), "%s", access->fault);
	pthread_mutex_unlock(&access->lock);
}

struct policy *access_policy(struct access_caller *caller)
{
	struct access *access = caller->access;
	struct policy *policy;

	pthread_mutex_lock(&access->lock);
	policy = access->policy ? policy_get(access->policy) : NULL;
	pthread_mutex_unlock(&access->lock);
	return policy;
}

/* Logs one line a second: clients can be refused as often as they like. */
static int denied(struct access_caller *caller, const char *field, struct error *error)
{
	const struct fault *fault = &error->fault[error->count <= ERROR_FAULTS ? error->count - 1 : ERROR_FAULTS - 1];
	struct access *access = caller->access;
	uint64_t unlogged;
	bool log;

	atomic_fetch_add(&access->denied, 1);
	pthread_mutex_lock(&access->lock);
	log = first_in_second(&access->logged);
	unlogged = access->unlogged;
	access->unlogged = log ? 0 : unlogged + 1;
	pthread_mutex_unlock(&access->lock);
	if (log && unlogged)
		log_warning("denied: %s%s%s (and %llu before it)", field ? field : "", field ? ": " : "",
			    fault->message, (unsigned long long)unlogged);
	else if (log)
		log_warning("denied: %s%s%s", field ? field : "", field ? ": " : "", fault->message);
	return -1;
}

static int deny_call(struct access_caller *caller, const struct policy *policy, const char *method,
		     enum access_role needs, struct error *error)
{
	const struct policy_rule *rule;
	enum access_role best = ROLE_NONE;
	bool narrowed = false;
	size_t at = 0;

	while ((rule = policy_next(policy, &caller->identity, &at))) {
		best = rule->role > best ? rule->role : best;
		narrowed |= rule->reads_scope && policy_rule_calls(rule, method, needs, true);
	}
	if (best == ROLE_NONE)
		error_add(error, ERROR_PERMISSION_DENIED, NULL,
			  "no rule names %s, which calls %s: add it to the identities of a rule in %.100s",
			  caller->identity.name, method, caller->access->path);
	else if (best < needs)
		error_add(error, ERROR_PERMISSION_DENIED, NULL,
			  "%s has the role %s, and %s needs %s: name it in a rule of that role in %.100s",
			  caller->identity.name, policy_role_name(best), method, policy_role_name(needs),
			  caller->access->path);
	else if (needs == ROLE_READ && narrowed)
		error_add(error, ERROR_PERMISSION_DENIED, NULL,
			  "%s reads only what is in its scope, and %s answers for all: name it in a rule of role read "
			  "without owners, vrfs and prefixes, with this method, in %.100s",
			  caller->identity.name, method, caller->access->path);
	else
		error_add(error, ERROR_PERMISSION_DENIED, NULL,
			  "no rule lets %s call %s: add it to the methods of a rule of its in %.100s",
			  caller->identity.name, method, caller->access->path);
	return denied(caller, NULL, error);
}

int access_check_call(struct access_caller *caller, const char *method, enum access_role needs, bool narrows,
		      struct error *error)
{
	struct policy *policy = caller && needs != ROLE_NONE ? access_policy(caller) : NULL;
	const struct policy_rule *rule;
	size_t at = 0;
	int status = 0;

	if (!policy)
		return 0;
	do
		rule = policy_next(policy, &caller->identity, &at);
	while (rule && !policy_rule_calls(rule, method, needs, narrows));
	if (!rule)
		status = deny_call(caller, policy, method, needs, error);
	policy_put(policy);
	return status;
}

int access_check_owner(struct access_caller *caller, const char *owner, const char *field, struct error *error)
{
	struct policy *policy = caller ? access_policy(caller) : NULL;
	const struct policy_rule *rule;
	size_t at = 0;

	if (!policy)
		return 0;
	do
		rule = policy_next(policy, &caller->identity, &at);
	while (rule && !policy_rule_owns(rule, owner));
	policy_put(policy);
	if (rule)
		return 0;
	error_add(
		error, ERROR_PERMISSION_DENIED, field,
		"%s may not write as the owner \"%.63s\": write as one of its own (sluicectl whoami), or add it to the "
		"owners of a rule in %.100s",
		caller->identity.name, owner, caller->access->path);
	return denied(caller, field, error);
}

bool access_is_scoped(struct access_caller *caller)
{
	struct policy *policy = caller ? access_policy(caller) : NULL;
	const struct policy_rule *rule;
	size_t at = 0;

	if (!policy)
		return false;
	do
		rule = policy_next(policy, &caller->identity, &at);
	while (rule && rule->role != ROLE_ADMIN);
	policy_put(policy);
	return !rule;
}

bool access_in_vrfs(const struct policy_rule *rule, const struct access_change *change, const char **missing)
{
	for (size_t i = 0; rule->vrfs.count && i < change->vrfs; i++)
		if (!policy_texts_have(&rule->vrfs, change->vrf[i])) {
			*missing = change->vrf[i];
			return false;
		}
	return true;
}

bool access_in_prefixes(const struct policy_rule *rule, const struct ip_prefix *prefix)
{
	if (!rule->prefixes || !prefix)
		return true;
	for (size_t i = 0; i < rule->prefixes; i++)
		if (rule->prefix[i].length <= prefix->length && ip_prefix_contains(&rule->prefix[i], &prefix->address))
			return true;
	return false;
}

/* *vrf: one that kept a rule of the owner's from allowing it; NULL: the prefix did. */
static bool allows(const struct policy_rule *rule, const struct access_change *change, const char **vrf, bool *owned)
{
	if (rule->role == ROLE_ADMIN)
		return true;
	if (!policy_rule_owns(rule, change->owner))
		return false;
	*owned = true;
	if (!access_in_vrfs(rule, change, vrf))
		return false;
	*vrf = NULL;
	return access_in_prefixes(rule, change->prefix);
}

static int deny_change(struct access_caller *caller, const struct access_change *change, const char *vrf,
		       const char *field, struct error *error)
{
	char prefix[IP_PREFIX_TEXT];

	if (vrf)
		error_add(error, ERROR_PERMISSION_DENIED, field,
			  "%s may not write to the VRF \"%.63s\" as %.63s: add it to the vrfs of a rule in %.60s",
			  caller->identity.name, vrf, change->owner, caller->access->path);
	else
		error_add(error, ERROR_PERMISSION_DENIED, field,
			  "%s may not write %s as %.63s, which is in none of its prefixes: add one that holds it to a "
			  "rule in %.60s",
			  caller->identity.name, ip_prefix_format(change->prefix, prefix), change->owner,
			  caller->access->path);
	return denied(caller, field, error);
}

int access_check_change(struct access_caller *caller, const struct access_change *change, const char *field,
			struct error *error)
{
	struct policy *policy = caller ? access_policy(caller) : NULL;
	const struct policy_rule *rule;
	const char *vrf = NULL;
	bool owned = false;
	size_t at = 0;

	if (!policy)
		return 0;
	do
		rule = policy_next(policy, &caller->identity, &at);
	while (rule && !allows(rule, change, &vrf, &owned));
	if (rule) {
		policy_put(policy);
		return 0;
	}
	if (owned)
		deny_change(caller, change, vrf, field, error);
	policy_put(policy);
	return owned ? -1 : access_check_owner(caller, change->owner, field, error);
}
