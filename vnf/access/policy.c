/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/access/policy.h"

#include <stdlib.h>
#include <string.h>

struct policy *policy_get(struct policy *policy)
{
	atomic_fetch_add(&policy->references, 1);
	return policy;
}

static void texts_free(struct policy_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->text[i]);
	free(texts->text);
}

void policy_rule_clear(struct policy_rule *rule)
{
	free(rule->name);
	texts_free(&rule->identities);
	texts_free(&rule->methods);
	texts_free(&rule->owners);
	texts_free(&rule->vrfs);
	free(rule->prefix);
	*rule = (struct policy_rule){0};
}

void policy_put(struct policy *policy)
{
	if (!policy || atomic_fetch_sub(&policy->references, 1) != 1)
		return;
	for (size_t i = 0; i < policy->count; i++)
		policy_rule_clear(&policy->rule[i]);
	free(policy->rule);
	free(policy);
}

/* A '*' at the pattern's end stands for any rest. */
static bool matches(const char *pattern, const char *text)
{
	size_t length = strlen(pattern);

	if (length && pattern[length - 1] == '*')
		return strncmp(pattern, text, length - 1) == 0;
	return strcmp(pattern, text) == 0;
}

bool policy_texts_have(const struct policy_texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (matches(texts->text[i], text))
			return true;
	return false;
}

static bool has_group(const struct identity *identity, const char *number)
{
	char text[16];

	for (size_t i = 0; i < identity->groups; i++) {
		snprintf(text, sizeof(text), "%u", identity->group[i]);
		if (strcmp(text, number) == 0)
			return true;
	}
	return false;
}

static bool names(const struct policy_rule *rule, const struct identity *identity)
{
	for (size_t i = 0; i < rule->identities.count; i++) {
		const char *pattern = rule->identities.text[i];

		if (strncmp(pattern, "gid:", 4) == 0 ? has_group(identity, pattern + 4)
						     : matches(pattern, identity->name))
			return true;
	}
	return false;
}

const struct policy_rule *policy_next(const struct policy *policy, const struct identity *identity, size_t *at)
{
	while (*at < policy->count) {
		const struct policy_rule *rule = &policy->rule[(*at)++];

		if (names(rule, identity))
			return rule;
	}
	return NULL;
}

bool policy_rule_calls(const struct policy_rule *rule, const char *method, enum access_role needs, bool narrows)
{
	if (rule->role < needs || (needs == ROLE_READ && rule->reads_scope && !narrows))
		return false;
	return !rule->methods.count || policy_texts_have(&rule->methods, method);
}

bool policy_rule_owns(const struct policy_rule *rule, const char *owner)
{
	return rule->role == ROLE_ADMIN || (rule->role == ROLE_WRITE && policy_texts_have(&rule->owners, owner));
}

const char *policy_role_name(enum access_role role)
{
	static const char *const names[] = {"none", "read", "write", "admin"};

	return names[role];
}

const char *policy_quota_name(enum policy_quota quota)
{
	static const char *const names[] = {"requests", "streams", "connections", "transactions", "staged_mib"};

	return names[quota];
}
