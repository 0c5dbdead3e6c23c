/* SPDX-License-Identifier: Apache-2.0 */
/* A policy from its YAML file: rules, a list of mappings. Every mistake is reported, with its line. */
#include <stdlib.h>
#include <string.h>

#include "vnf/access/policy.h"
#include "vnf/core/yaml_events.h"

#define POLICY_BYTES ((size_t)1 << 20)
#define POLICY_PATH  96

typedef int policy_take(struct policy_rule *rule, const char *text, char why[POLICY_WHY]);

static const struct key {
	const char *name;
	policy_take *take;
	bool list;
} keys[] = {
	{"name", policy_take_name, false},	{"identities", policy_take_identity, true},
	{"role", policy_take_role, false},	{"methods", policy_take_method, true},
	{"owners", policy_take_owner, true},	{"vrfs", policy_take_vrf, true},
	{"prefixes", policy_take_prefix, true}, {"reads", policy_take_reads, false},
};

#define KEYS (sizeof(keys) / sizeof(*keys))

struct reader {
	struct yaml_events events;
	struct policy *policy;
	struct policy_rule *rule; /* the one that is being read */
	bool seen[KEYS], quotas;
};

/* Steps over what stands here, after a fault. */
static int skip(struct reader *reader, int status)
{
	return status ? -1 : yaml_events_skip(&reader->events);
}

/* The text of a scalar; NULL and *status, the fault's: something else stands here. */
static const char *scalar(struct reader *reader, const char *path, int *status)
{
	const char *text = yaml_events_text(&reader->events);

	if (text && strlen(text) == reader->events.event.data.scalar.length)
		return text;
	*status = skip(reader, yaml_events_fault(&reader->events, path, "a single value is expected here"));
	return NULL;
}

static int read_value(struct reader *reader, const struct key *key, const char *path)
{
	int status = 0;
	const char *text = scalar(reader, path, &status);
	char why[POLICY_WHY];

	if (!text || !key->take(reader->rule, text, why))
		return status;
	return yaml_events_fault(&reader->events, path, "%.60s: %s", text, why);
}

static int read_list(struct reader *reader, const struct key *key, const char *path)
{
	for (;;) {
		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (read_value(reader, key, path))
			return -1;
	}
}

static int read_quota(struct reader *reader, const char *name, const char *path)
{
	int status = 0;
	const char *text;
	char why[POLICY_WHY];

	for (enum policy_quota quota = 0; quota < QUOTAS; quota++) {
		if (strcmp(name, policy_quota_name(quota)) != 0)
			continue;
		text = scalar(reader, path, &status);
		if (!text || !policy_take_quota(reader->rule, quota, text, why))
			return status;
		return yaml_events_fault(&reader->events, path, "%.60s: %s", text, why);
	}
	return skip(reader, yaml_events_fault(&reader->events, path,
					      "there is no such quota: there are requests, streams, connections, "
					      "transactions, staged_mib"));
}

/* Reads each entry of the mapping that begins here; `entry` gets the key's name, with its value as the current event.
 */
static int read_mapping(struct reader *reader, const char *path,
			int (*entry)(struct reader *reader, const char *name, const char *path))
{
	char name[40], below[POLICY_PATH];

	if (reader->events.event.type != YAML_MAPPING_START_EVENT)
		return skip(reader,
			    yaml_events_fault(&reader->events, path, "a mapping of keys to values is expected"));
	for (;;) {
		const char *text;

		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_MAPPING_END_EVENT)
			return 0;
		text = yaml_events_text(&reader->events);
		snprintf(name, sizeof(name), "%s", text ? text : "");
		snprintf(below, sizeof(below), "%.50s%s%s", path, *path ? "." : "", name);
		if (yaml_events_skip(&reader->events) || yaml_events_next(&reader->events) ||
		    entry(reader, name, below))
			return -1;
	}
}

static int read_key(struct reader *reader, const char *name, const char *path)
{
	bool list = reader->events.event.type == YAML_SEQUENCE_START_EVENT;

	if (strcmp(name, "quotas") == 0 && !reader->quotas) {
		reader->quotas = true;
		return read_mapping(reader, path, read_quota);
	}
	for (size_t k = 0; k < KEYS; k++) {
		if (strcmp(name, keys[k].name) != 0 || reader->seen[k])
			continue;
		reader->seen[k] = true;
		return list && keys[k].list ? read_list(reader, &keys[k], path) : read_value(reader, &keys[k], path);
	}
	return skip(reader,
		    yaml_events_fault(&reader->events, path,
				      "is no key of a rule, or is here twice: there are name, identities, role, "
				      "methods, owners, vrfs, prefixes, reads, quotas"));
}

/* Do the rule's parts fit together? */
static int check_rule(struct reader *reader, const char *path)
{
	struct policy_rule *rule = reader->rule;
	bool scoped = rule->owners.count || rule->vrfs.count || rule->prefixes;

	if (!rule->identities.count && !reader->seen[1])
		return yaml_events_fault(&reader->events, path, "needs identities: those whom the rule is for");
	if (!rule->role && !reader->seen[2])
		return yaml_events_fault(&reader->events, path, "needs a role: read, write or admin");
	if (rule->role == ROLE_WRITE && !rule->owners.count && !reader->seen[4])
		return yaml_events_fault(&reader->events, path,
					 "needs owners, as which it may write: names, or \"*\" for all");
	if (rule->role == ROLE_ADMIN && scoped)
		return yaml_events_fault(&reader->events, path,
					 "has the role admin: owners, vrfs and prefixes are for read and write, leave "
					 "them out");
	if (rule->role && rule->role != ROLE_WRITE && reader->seen[7])
		return yaml_events_fault(&reader->events, path, "has the role %s: reads is for write, leave it out",
					 policy_role_name(rule->role));
	if (rule->role == ROLE_READ)
		rule->reads_scope = scoped;
	return 0;
}

static int read_rule(struct reader *reader)
{
	struct policy *policy = reader->policy;
	char path[POLICY_PATH];
	struct policy_rule *grown;

	snprintf(path, sizeof(path), "rules[%zu]", policy->count);
	if (policy->count == POLICY_RULES) {
		yaml_events_fault(&reader->events, path, "at most %d rules", POLICY_RULES);
		return -1;
	}
	grown = realloc(policy->rule, (policy->count + 1) * sizeof(*grown));
	if (!grown) {
		error_no_memory(reader->events.error, NULL);
		return -1;
	}
	policy->rule = grown;
	reader->rule = &policy->rule[policy->count++];
	*reader->rule = (struct policy_rule){0};
	memset(reader->seen, 0, sizeof(reader->seen));
	reader->quotas = false;
	return read_mapping(reader, path, read_key) ? -1 : check_rule(reader, path);
}

static int read_top(struct reader *reader, const char *name, const char *path)
{
	if (strcmp(name, "rules") != 0 || reader->policy->count)
		return skip(reader, yaml_events_fault(&reader->events, path,
						      "is no key of a policy, or is here twice: there is rules"));
	if (reader->events.event.type != YAML_SEQUENCE_START_EVENT)
		return skip(reader, yaml_events_fault(&reader->events, path, "a list of rules is expected"));
	for (;;) {
		if (yaml_events_next(&reader->events))
			return -1;
		if (reader->events.event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (read_rule(reader))
			return -1;
	}
}

static int read_stream(struct reader *reader, FILE *stream, const char *file, struct error *error)
{
	int status = yaml_events_begin(&reader->events, stream, file, POLICY_BYTES, error);

	while (!status && reader->events.event.type != YAML_STREAM_END_EVENT) {
		status = yaml_events_next(&reader->events);
		if (!status && reader->events.event.type == YAML_DOCUMENT_START_EVENT) {
			status = yaml_events_next(&reader->events);
			if (!status)
				status = read_mapping(reader, "", read_top);
		}
	}
	yaml_events_end(&reader->events);
	return status;
}

struct policy *policy_read(FILE *stream, const char *file, struct error *error)
{
	struct reader reader = {.policy = calloc(1, sizeof(*reader.policy))};
	size_t faults = error->count;

	if (!reader.policy) {
		error_no_memory(error, NULL);
		return NULL;
	}
	atomic_init(&reader.policy->references, 1);
	if (!read_stream(&reader, stream, file, error) && error->count == faults && !reader.policy->count)
		error_add(error, ERROR_INVALID_ARGUMENT, file,
			  "has no rules: nobody could do anything, not even mend it over gRPC");
	if (error->count == faults)
		return reader.policy;
	policy_put(reader.policy);
	return NULL;
}
