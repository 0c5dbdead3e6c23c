/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/classbench.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_RULES 16384
#define MOST_KEYS  32768

static uint32_t mask_of(unsigned int length)
{
	return length ? ~0U << (32 - length) : 0;
}

static bool parse_rule(const char *line, struct classbench_rule *rule)
{
	unsigned int byte[2][4], length[2], port[2][2], protocol, mask;

	if (sscanf(line, "@%u.%u.%u.%u/%u %u.%u.%u.%u/%u %u : %u %u : %u %x/%x", &byte[0][0], &byte[0][1], &byte[0][2],
		   &byte[0][3], &length[0], &byte[1][0], &byte[1][1], &byte[1][2], &byte[1][3], &length[1], &port[0][0],
		   &port[0][1], &port[1][0], &port[1][1], &protocol, &mask) != 16)
		return false;
	for (int end = 0; end < 2; end++) {
		rule->mask[end] = mask_of(length[end]);
		rule->address[end] =
			(byte[end][0] << 24 | byte[end][1] << 16 | byte[end][2] << 8 | byte[end][3]) & rule->mask[end];
		rule->length[end] = (uint8_t)length[end];
		rule->first[end] = (uint16_t)port[end][0];
		rule->last[end] = (uint16_t)port[end][1];
	}
	rule->protocol = (uint8_t)(protocol & mask);
	rule->protocol_mask = (uint8_t)mask;
	return length[0] <= 32 && length[1] <= 32 && (mask == 0 || mask == 0xff);
}

static bool parse_key(const char *line, struct classbench_key *key)
{
	unsigned int port[2], protocol;

	if (sscanf(line, "%u %u %u %u %u", &key->address[0], &key->address[1], &port[0], &port[1], &protocol) != 5)
		return false;
	key->port[0] = (uint16_t)port[0];
	key->port[1] = (uint16_t)port[1];
	key->protocol = (uint8_t)protocol;
	return true;
}

static FILE *open_file(const char *name, const char *what)
{
	char path[1024], command[1200];

	snprintf(path, sizeof(path), "%s/classbench-%s-10k.%s.gz", SLUICE_DATA, name, what);
	if (access(path, R_OK))
		return NULL;
	snprintf(command, sizeof(command), "gzip -dc '%s'", path);
	return popen(command, "r");
}

bool classbench_load(struct classbench *classbench, const char *name)
{
	FILE *rules = open_file(name, "rules"), *trace = open_file(name, "trace");
	char line[256];
	bool whole = rules && trace;

	*classbench = (struct classbench){
		.rule = calloc(MOST_RULES, sizeof(*classbench->rule)),
		.key = calloc(MOST_KEYS, sizeof(*classbench->key)),
	};
	whole &= classbench->rule && classbench->key;
	while (whole && classbench->rules < MOST_RULES && fgets(line, sizeof(line), rules))
		whole = parse_rule(line, &classbench->rule[classbench->rules++]);
	while (whole && classbench->keys < MOST_KEYS && fgets(line, sizeof(line), trace))
		whole = parse_key(line, &classbench->key[classbench->keys++]);
	if (rules)
		pclose(rules);
	if (trace)
		pclose(trace);
	whole &= classbench->rules && classbench->keys;
	if (!whole)
		classbench_free(classbench);
	return whole;
}

void classbench_free(struct classbench *classbench)
{
	free(classbench->rule);
	free(classbench->key);
	*classbench = (struct classbench){0};
}

static bool matches(const struct classbench_rule *rule, const struct classbench_key *key)
{
	return (key->address[0] & rule->mask[0]) == rule->address[0] &&
	       (key->address[1] & rule->mask[1]) == rule->address[1] && key->port[0] >= rule->first[0] &&
	       key->port[0] <= rule->last[0] && key->port[1] >= rule->first[1] && key->port[1] <= rule->last[1] &&
	       (key->protocol & rule->protocol_mask) == rule->protocol;
}

uint32_t classbench_first(const struct classbench *classbench, const struct classbench_key *key, const bool *off)
{
	for (uint32_t i = 0; i < classbench->rules; i++)
		if (matches(&classbench->rule[i], key) && !(off && off[i]))
			return i + 1;
	return 0;
}

static struct policy_end end_of(const struct classbench_rule *rule, int end)
{
	struct policy_end out = {.prefix = {.address.family = 4, .length = rule->length[end]},
				 .port_first = rule->first[end],
				 .port_last = rule->last[end]};

	for (int i = 0; i < 4; i++)
		out.prefix.address.byte[i] = (uint8_t)(rule->address[end] >> (24 - 8 * i));
	return out;
}

void classbench_pattern(const struct classbench_rule *rule, struct policy_pattern *pattern)
{
	*pattern = (struct policy_pattern){
		.source = end_of(rule, 0),
		.destination = end_of(rule, 1),
		.protocol = rule->protocol_mask ? rule->protocol : DP_POLICY_NO_PROTOCOL,
		.family = 4,
	};
}

int classbench_set(struct policy *policy, uint16_t vrf, const struct classbench *classbench, uint32_t index)
{
	struct dp_policy_rule rule = {.order = index + 1, .id = index + 1, .action = DP_POLICY_ALLOW};
	struct policy_pattern pattern;

	classbench_pattern(&classbench->rule[index], &pattern);
	return policy_set(policy, vrf, &pattern, &rule, NULL);
}

void classbench_query(const struct classbench_key *key, uint16_t vrf, struct policy_query *query)
{
	*query = (struct policy_query){.vrf = vrf,
				       .family = 4,
				       .protocol = key->protocol,
				       .source_port = key->port[0],
				       .destination_port = key->port[1],
				       .has_ports = 1,
				       .categories = 1 << DP_POLICY_ACCESS};
	query->source.word[2] = query->destination.word[2] = htonl(0xffff);
	query->source.word[3] = htonl(key->address[0]);
	query->destination.word[3] = htonl(key->address[1]);
}
