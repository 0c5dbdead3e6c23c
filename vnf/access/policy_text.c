/* SPDX-License-Identifier: Apache-2.0 */
/* How each value of a policy is written. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/access/policy.h"

static int refuse(char why[POLICY_WHY], const char *text)
{
	snprintf(why, POLICY_WHY, "%s", text);
	return -1;
}

static int add_text(struct policy_texts *texts, const char *text, char why[POLICY_WHY])
{
	char **grown;

	if (texts->count == POLICY_TEXTS) {
		snprintf(why, POLICY_WHY, "at most %d of them: use a pattern that ends with *, or another rule",
			 POLICY_TEXTS);
		return -1;
	}
	grown = realloc(texts->text, (texts->count + 1) * sizeof(*grown));
	if (!grown)
		return refuse(why, "out of memory");
	texts->text = grown;
	texts->text[texts->count] = strdup(text);
	if (!texts->text[texts->count])
		return refuse(why, "out of memory");
	texts->count++;
	return 0;
}

static bool is_number(const char *text)
{
	return *text && strlen(text) <= 10 && strspn(text, "0123456789") == strlen(text) &&
	       strtoull(text, NULL, 10) < UINT32_MAX && (text[0] != '0' || !text[1]);
}

/* "user:NAME" is known by its number from now on, as the kernel tells it. */
static int add_user(struct policy_rule *rule, const char *name, char why[POLICY_WHY])
{
	const struct passwd *user = getpwnam(name);
	char text[32];

	if (!user)
		return refuse(why, "this machine has no such user: make it first, or give its number as uid:1000");
	snprintf(text, sizeof(text), "uid:%u", user->pw_uid);
	return add_text(&rule->identities, text, why);
}

static int add_group(struct policy_rule *rule, const char *name, char why[POLICY_WHY])
{
	const struct group *group = getgrnam(name);
	char text[32];

	if (!group)
		return refuse(why, "this machine has no such group: make it first, or give its number as gid:1000");
	snprintf(text, sizeof(text), "gid:%u", group->gr_gid);
	return add_text(&rule->identities, text, why);
}

int policy_take_identity(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	static const char *const names[] = {"spiffe://", "dns:", "cn:"};

	if (strncmp(text, "user:", 5) == 0)
		return add_user(rule, text + 5, why);
	if (strncmp(text, "group:", 6) == 0)
		return add_group(rule, text + 6, why);
	if (strncmp(text, "uid:", 4) == 0 || strncmp(text, "gid:", 4) == 0) {
		if (!is_number(text + 4) && strcmp(text, "uid:*") != 0)
			return refuse(why, "a number is expected, as in uid:1000");
		return add_text(&rule->identities, text, why);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(text, names[i], strlen(names[i])) == 0 && text[strlen(names[i])])
			return add_text(&rule->identities, text, why);
	if (strcmp(text, "anonymous") == 0 || strcmp(text, "*") == 0)
		return add_text(&rule->identities, text, why);
	return refuse(why, "no identity: spiffe://DOMAIN/PATH, dns:NAME, cn:NAME, user:NAME, uid:NUMBER, group:NAME, "
			   "gid:NUMBER, anonymous or * is expected");
}

int policy_take_role(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	for (enum access_role role = ROLE_READ; role <= ROLE_ADMIN; role++)
		if (strcmp(text, policy_role_name(role)) == 0) {
			rule->role = role;
			return 0;
		}
	return refuse(why, "choose one of: read, write, admin");
}

int policy_take_reads(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	rule->reads_scope = strcmp(text, "scope") == 0;
	return rule->reads_scope || strcmp(text, "all") == 0 ? 0 : refuse(why, "choose one of: all, scope");
}

int policy_take_method(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	const char *slash = strchr(text, '/');

	if (strcmp(text, "*") != 0 && (!slash || slash == text || !slash[1] || strchr(slash + 1, '/')))
		return refuse(why, "SERVICE/METHOD is expected, as in sluice.v1.StateService/*");
	return add_text(&rule->methods, text, why);
}

int policy_take_owner(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	if (!*text || strlen(text) > 63)
		return refuse(why, "an owner has 1 to 63 bytes; one that ends with * stands for all that begin so");
	return add_text(&rule->owners, text, why);
}

int policy_take_vrf(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	if (!*text || strlen(text) > 63)
		return refuse(why, "a VRF's name has 1 to 63 bytes; one that ends with * stands for all that begin so");
	return add_text(&rule->vrfs, text, why);
}

int policy_take_prefix(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	struct ip_prefix *grown;

	if (rule->prefixes == POLICY_TEXTS) {
		snprintf(why, POLICY_WHY, "at most %d prefixes: use shorter ones, or another rule", POLICY_TEXTS);
		return -1;
	}
	grown = realloc(rule->prefix, (rule->prefixes + 1) * sizeof(*grown));
	if (!grown)
		return refuse(why, "out of memory");
	rule->prefix = grown;
	switch (ip_prefix_parse(text, &rule->prefix[rule->prefixes])) {
	case 0:
		rule->prefixes++;
		return 0;
	case -EDOM:
		return refuse(why, "there are bits beyond the prefix length: clear them");
	default:
		return refuse(why, "no prefix: ADDRESS/LENGTH is expected, as in 10.0.0.0/8");
	}
}

int policy_take_name(struct policy_rule *rule, const char *text, char why[POLICY_WHY])
{
	if (!*text || strlen(text) > 63)
		return refuse(why, "a rule's name has 1 to 63 bytes");
	free(rule->name);
	rule->name = strdup(text);
	return rule->name ? 0 : refuse(why, "out of memory");
}

int policy_take_quota(struct policy_rule *rule, enum policy_quota quota, const char *text, char why[POLICY_WHY])
{
	if (!is_number(text) || strtoul(text, NULL, 10) < 1 || strtoul(text, NULL, 10) > 1000000)
		return refuse(why, "a number from 1 to 1000000 is expected");
	rule->quota[quota] = (uint32_t)strtoul(text, NULL, 10);
	return 0;
}
