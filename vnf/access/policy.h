/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy: rules, each of which gives the identities that it names roles, on methods, owners, VRFs and prefixes.
 * What one rule allows is allowed; what no rule allows is not. A policy does not change once it was read.
 */
#ifndef SLUICE_ACCESS_POLICY_H
#define SLUICE_ACCESS_POLICY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vnf/access/identity.h"
#include "vnf/core/address.h"
#include "vnf/core/error.h"

/* Each role has those below it. The numbers are those of sluice.v1.AccessRole. */
enum access_role {
	ROLE_NONE,  /* every client has it */
	ROLE_READ,  /* methods that change nothing */
	ROLE_WRITE, /* methods that change, as the rule's owners, in its VRFs and prefixes */
	ROLE_ADMIN, /* every method, as every owner, everywhere */
};

#define POLICY_RULES 256
#define POLICY_TEXTS 256 /* of one list */

/* "*", "text" or "begin*". */
struct policy_texts {
	char **text;
	size_t count;
};

/* Limits on what one identity holds at a time; 0: the rule does not say. */
enum policy_quota { QUOTA_REQUESTS, QUOTA_STREAMS, QUOTA_CONNECTIONS, QUOTA_TRANSACTIONS, QUOTA_STAGED_MIB, QUOTAS };

struct policy_rule {
	char *name; /* NULL: it has none, and is known by its number */
	struct policy_texts identities;
	enum access_role role;
	struct policy_texts methods; /* "sluice.v1.StateService/GetResource"; none: all that the role may call */
	struct policy_texts owners;  /* of a writer: at least one */
	struct policy_texts vrfs;    /* none: all */
	struct ip_prefix *prefix;    /* none: all */
	size_t prefixes;
	bool reads_scope; /* it reads what is of its owners, VRFs and prefixes; otherwise everything */
	uint32_t quota[QUOTAS];
};

struct policy {
	atomic_uint references;
	struct policy_rule *rule;
	size_t count;
};

/* Reads all of it. NULL and *error, whose fields are "FILE:LINE: rules[2].owners"; at most 1 MiB. One reference. */
struct policy *policy_read(FILE *stream, const char *file, struct error *error);
struct policy *policy_get(struct policy *policy); /* one more reference */
void policy_put(struct policy *policy);		  /* NULL is fine */

/* The first rule from *at on that names the identity, and *at behind it; NULL: there are no more. */
const struct policy_rule *policy_next(const struct policy *policy, const struct identity *identity, size_t *at);

/* Is the text one of them? */
bool policy_texts_have(const struct policy_texts *texts, const char *text);
/* May a client with this rule call the method, which needs that role? `narrows`: the method answers no more than the
 * rule reads. */
bool policy_rule_calls(const struct policy_rule *rule, const char *method, enum access_role needs, bool narrows);
/* May it write as the owner? */
bool policy_rule_owns(const struct policy_rule *rule, const char *owner);

const char *policy_role_name(enum access_role role);
const char *policy_quota_name(enum policy_quota quota);

/* Parts of the reader: one value each. 0, or -1 with the mistake and its remedy in `why`. */
#define POLICY_WHY 200
int policy_take_identity(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_role(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_method(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_owner(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_vrf(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_prefix(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_reads(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_name(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);
int policy_take_quota(struct policy_rule *rule, enum policy_quota quota, const char *text, char why[POLICY_WHY]);
void policy_rule_clear(struct policy_rule *rule);

#endif
