/* SPDX-License-Identifier: Apache-2.0 */
/* SystemService.WhoAmI, and the policy's part of GetSystem. All in an answer comes from malloc. */
#include "vnf/rpc/services/who_am_i.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/rpc/services/system_service.h"

_Static_assert((int)IDENTITY_UNPROVED == SLUICE__V1__IDENTITY_PROOF__IDENTITY_PROOF_NONE &&
		       (int)IDENTITY_UNIX == SLUICE__V1__IDENTITY_PROOF__IDENTITY_PROOF_UNIX_PEER &&
		       (int)IDENTITY_CERTIFICATE == SLUICE__V1__IDENTITY_PROOF__IDENTITY_PROOF_CERTIFICATE,
	       "one list of proofs");
_Static_assert((int)ROLE_READ == SLUICE__V1__ACCESS_ROLE__ACCESS_ROLE_READ &&
		       (int)ROLE_WRITE == SLUICE__V1__ACCESS_ROLE__ACCESS_ROLE_WRITE &&
		       (int)ROLE_ADMIN == SLUICE__V1__ACCESS_ROLE__ACCESS_ROLE_ADMIN,
	       "one list of roles");

/* 0 or -1. A field that is empty keeps the message's own default. */
static int put(char **place, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -1;
	*place = copy;
	return 0;
}

static int put_texts(char ***list, size_t *count, const struct policy_texts *texts)
{
	*list = texts->count ? calloc(texts->count, sizeof(**list)) : NULL;
	while (*list && *count < texts->count) {
		(*list)[*count] = strdup(texts->text[*count]);
		if (!(*list)[*count])
			return -1;
		++*count;
	}
	return *count == texts->count ? 0 : -1;
}

static int put_prefixes(Sluice__V1__AccessGrant *grant, const struct policy_rule *rule)
{
	char text[IP_PREFIX_TEXT];

	grant->prefixes = rule->prefixes ? calloc(rule->prefixes, sizeof(*grant->prefixes)) : NULL;
	while (grant->prefixes && grant->n_prefixes < rule->prefixes) {
		if (put(&grant->prefixes[grant->n_prefixes], ip_prefix_format(&rule->prefix[grant->n_prefixes], text)))
			return -1;
		grant->n_prefixes++;
	}
	return grant->n_prefixes == rule->prefixes ? 0 : -1;
}

static Sluice__V1__AccessGrant *grant_new(const struct policy_rule *rule, size_t number)
{
	Sluice__V1__AccessGrant *grant = malloc(sizeof(*grant));
	char name[32];

	if (!grant)
		return NULL;
	sluice__v1__access_grant__init(grant);
	snprintf(name, sizeof(name), "rules[%zu]", number);
	grant->role = (Sluice__V1__AccessRole)rule->role;
	grant->reads_scope = rule->reads_scope;
	if (!put(&grant->rule, rule->name ? rule->name : name) &&
	    !put_texts(&grant->methods, &grant->n_methods, &rule->methods) &&
	    !put_texts(&grant->owners, &grant->n_owners, &rule->owners) &&
	    !put_texts(&grant->vrfs, &grant->n_vrfs, &rule->vrfs) && !put_prefixes(grant, rule))
		return grant;
	sluice__v1__access_grant__free_unpacked(grant, NULL);
	return NULL;
}

static int add_grant(Sluice__V1__WhoAmIResponse *response, const struct policy_rule *rule, size_t number)
{
	Sluice__V1__AccessGrant **grown =
		realloc(response->grants, (response->n_grants + 1) * sizeof(*response->grants));

	if (!grown)
		return -1;
	response->grants = grown;
	response->grants[response->n_grants] = grant_new(rule, number);
	if (!response->grants[response->n_grants])
		return -1;
	response->n_grants++;
	return 0;
}

/* Without a policy everybody is an administrator. */
static int add_grants(Sluice__V1__WhoAmIResponse *response, const struct identity *identity,
		      const struct policy *policy)
{
	static const struct policy_rule everything = {.name = (char *)"everybody", .role = ROLE_ADMIN};
	const struct policy_rule *rule;
	size_t at = 0;

	if (!policy)
		return add_grant(response, &everything, 0);
	while ((rule = policy_next(policy, identity, &at)))
		if (add_grant(response, rule, at - 1))
			return -1;
	return 0;
}

void system_who_am_i(void *context, const ProtobufCMessage *request, ProtobufCMessage *message, struct error *error)
{
	Sluice__V1__WhoAmIResponse *response = (Sluice__V1__WhoAmIResponse *)message;
	const struct services_context *services = context;
	struct access_caller *caller = access_current();
	struct access_status status = {0};
	struct policy *policy = NULL;
	struct identity identity;

	(void)request;
	identity_unproved(&identity);
	if (caller) {
		identity = *access_identity(caller);
		policy = access_policy(caller);
		access_status(services->access, &status);
	}
	response->proof = (Sluice__V1__IdentityProof)identity.proof;
	if (put(&response->identity, identity.name) || put(&response->policy, status.path) ||
	    add_grants(response, &identity, policy))
		error_no_memory(error, NULL);
	policy_put(policy);
}

void system_add_access(struct access *access, Sluice__V1__GetSystemResponse *response, struct error *error)
{
	struct access_status status;
	Sluice__V1__AccessPolicy *policy;

	access_status(access, &status);
	if (!status.path[0])
		return;
	policy = malloc(sizeof(*policy));
	if (!policy) {
		error_no_memory(error, NULL);
		return;
	}
	sluice__v1__access_policy__init(policy);
	response->access_policy = policy;
	policy->rules = (uint32_t)status.rules;
	policy->denied = status.denied;
	if (put(&policy->path, status.path) || put(&policy->fault, status.fault))
		error_no_memory(error, NULL);
}
