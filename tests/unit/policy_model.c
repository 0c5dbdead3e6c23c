/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/policy_model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/bank/limits.h"

void policy_bench_start(struct policy_bench *bench, uint32_t rules)
{
	const char *seed = getenv("SLUICE_SEED");

	memset(bench, 0, sizeof(*bench));
	bench->random = seed ? strtoull(seed, NULL, 10) : 20260101;
	bench->limits = (struct dp_limits){.vrfs = MODEL_VRFS, .policy_rules = rules};
	limits_complete(&bench->limits);
	bench->bank = bank_new(&bench->limits);
	assert_non_null(bench->bank);
	bench->policy = policy_new(bench->bank, &bench->limits);
	assert_non_null(bench->policy);
	bench->model.rules = rules;
	bench->model.rule = calloc(rules + 1, sizeof(*bench->model.rule));
	assert_non_null(bench->model.rule);
}

void policy_bench_stop(struct policy_bench *bench)
{
	policy_free(bench->policy);
	bank_free(bench->bank);
	free(bench->model.rule);
}

void policy_look_up(const struct bank *bank, const struct dp_limits *limits, const struct policy_query *query,
		    struct policy_found *found)
{
	assert_int_equal(policy_find(bank, limits, query, found), 0);
}

uint32_t policy_probes(const struct bank *bank, const struct dp_limits *limits, const struct policy_query *query)
{
	struct policy_tables tables = policy_tables_of(bank, limits, query->vrf);
	struct policy_classes classes;
	uint32_t probes = 0;

	policy_classify(&tables, query, &classes);
	for (unsigned int word = 0; word < DP_POLICY_TUPLES / 64; word++)
		probes += (uint32_t)__builtin_popcountll(policy_candidates(&tables, &classes, word));
	return probes;
}

static struct ip_address address_of(const struct dp_address *address, uint8_t family)
{
	struct ip_address out = {.family = family};

	memcpy(out.byte, family == 4 ? address->byte + 12 : address->byte, family == 4 ? 4 : 16);
	return out;
}

static bool end_holds(const struct model *model, uint16_t vrf, const struct policy_end *end,
		      const struct dp_address *mapped, uint8_t family)
{
	struct ip_address address = address_of(mapped, family);

	if (end->set) {
		const struct model_set *set = &model->set[vrf][end->set];

		for (uint32_t i = 0; i < set->count; i++)
			if (ip_prefix_contains(&set->member[i], &address))
				return true;
		return false;
	}
	return !end->prefix.address.family || ip_prefix_contains(&end->prefix, &address);
}

static bool ports_hold(const struct policy_end *end, const struct policy_query *query, uint16_t port)
{
	if (end->port_first == 0 && end->port_last == UINT16_MAX)
		return true;
	return query->has_ports && port >= end->port_first && port <= end->port_last;
}

static bool guard_holds(const struct dp_policy_guard *guard, const struct policy_query *query)
{
	if (guard->asks & DP_GUARD_TCP_FLAGS && (query->tcp_flags & guard->tcp_mask) != guard->tcp_flags)
		return false;
	if (guard->asks & DP_GUARD_DSCP && query->dscp != guard->dscp)
		return false;
	if (guard->asks & DP_GUARD_FRAGMENT && !(guard->fragments & 1 << query->fragment))
		return false;
	if (guard->asks & DP_GUARD_STATE && !(guard->states & 1 << query->state))
		return false;
	if (guard->asks & DP_GUARD_INTERFACE && query->interface != guard->interface)
		return false;
	if (guard->asks & DP_GUARD_TUNNEL && !(guard->tunnel ? query->tunnel == guard->tunnel : query->tunnel != 0))
		return false;
	if (guard->asks & DP_GUARD_VNI && query->vni != guard->vni)
		return false;
	return !(guard->asks & DP_GUARD_OPTION) ||
	       (query->options & 1 << guard->option &&
		(query->option[guard->option] & guard->option_mask) == guard->option_value);
}

static bool rule_holds(const struct model *model, const struct model_rule *rule, const struct policy_query *query)
{
	const struct policy_pattern *pattern = &rule->pattern;

	return rule->vrf == query->vrf && (!pattern->family || pattern->family == query->family) &&
	       (pattern->protocol == DP_POLICY_NO_PROTOCOL || pattern->protocol == query->protocol) &&
	       end_holds(model, rule->vrf, &pattern->source, &query->source, query->family) &&
	       end_holds(model, rule->vrf, &pattern->destination, &query->destination, query->family) &&
	       ports_hold(&pattern->source, query, query->source_port) &&
	       ports_hold(&pattern->destination, query, query->destination_port) &&
	       (!rule->guarded || guard_holds(&rule->guard, query));
}

void model_look_up(const struct model *model, const struct policy_query *query, struct policy_found *found)
{
	memset(found, 0, sizeof(*found));
	for (uint32_t id = 1; id <= model->rules; id++) {
		const struct model_rule *rule = &model->rule[id];
		uint16_t *best = &found->row[rule->rule.category];

		if (!rule->vrf || !(query->categories & 1 << rule->rule.category) ||
		    (*best && model->rule[*best].rule.order < rule->rule.order) || !rule_holds(model, rule, query))
			continue;
		*best = (uint16_t)id;
	}
}

void assert_same_found(const struct policy_bench *bench, const struct policy_query *query)
{
	struct policy_found found, expected;

	policy_look_up(bench->bank, &bench->limits, query, &found);
	model_look_up(&bench->model, query, &expected);
	if (!memcmp(&found, &expected, sizeof(found)))
		return;
	for (int i = 0; i < DP_POLICY_CATEGORIES; i++)
		print_error("category %d: found %u, expected %u\n", i, found.row[i], expected.row[i]);
	fail();
}

struct ip_prefix policy_some_prefix(uint64_t *random)
{
	static const uint8_t lengths[2][8] = {{0, 1, 8, 15, 16, 24, 30, 32}, {0, 3, 32, 48, 64, 65, 127, 128}};
	static const uint8_t bytes[] = {10, 0, 0x80, 0xff};
	bool ipv6 = random_below(random, 4) == 0;
	struct ip_prefix prefix = {.address.family = ipv6 ? 6 : 4, .length = lengths[ipv6][random_below(random, 8)]};

	for (unsigned int i = 0; i < (ipv6 ? 16U : 4U); i++)
		prefix.address.byte[i] = i % 4 == 1 ? 0 : bytes[random_below(random, 4)];
	prefix_trim(&prefix);
	return prefix;
}

static void some_ports(uint64_t *random, struct policy_end *end)
{
	static const uint16_t ranges[][2] = {{0, 0},	 {22, 22},    {80, 80},	     {443, 443}, {65535, 65535},
					     {255, 256}, {0, 1023},   {1024, 65535}, {1, 65534}, {256, 511},
					     {100, 300}, {512, 1535}, {2048, 2048}};
	uint32_t kind = random_below(random, 32);

	end->port_last = UINT16_MAX;
	if (kind < sizeof(ranges) / sizeof(*ranges)) {
		end->port_first = ranges[kind][0];
		end->port_last = ranges[kind][1];
	} else if (kind == 31) {
		end->port_first = (uint16_t)random_below(random, 65536);
		end->port_last = (uint16_t)(end->port_first + random_below(random, 65536U - end->port_first));
	}
}

static void some_end(uint64_t *random, struct policy_end *end, uint8_t family)
{
	uint32_t kind = random_below(random, 8);

	memset(end, 0, sizeof(*end));
	if (kind < 2)
		end->set = 1 + random_below(random, MODEL_SETS);
	else if (kind < 6)
		do
			end->prefix = policy_some_prefix(random);
		while (family && end->prefix.address.family != family);
	some_ports(random, end);
}

static void some_guard(uint64_t *random, struct dp_policy_guard *guard)
{
	memset(guard, 0, sizeof(*guard));
	guard->asks = (uint16_t)(1 << random_below(random, 8) | 1 << random_below(random, 8));
	guard->tcp_mask = 0x12;
	guard->tcp_flags = random_below(random, 2) ? 2 : 0;
	guard->dscp = (uint8_t)random_below(random, 2);
	guard->fragments = (uint8_t)(1 << random_below(random, 3));
	guard->states = (uint8_t)(1 << random_below(random, 4));
	guard->option = (uint8_t)random_below(random, DP_POLICY_OPTIONS);
	guard->interface = (uint16_t)(1 + random_below(random, 2));
	guard->tunnel = (uint16_t)random_below(random, 2);
	guard->vni = random_below(random, 2);
	guard->option_mask = 0xff;
	guard->option_value = random_below(random, 2);
}

void policy_some_rule(uint64_t *random, uint32_t id, struct model_rule *rule)
{
	static const uint16_t protocols[] = {DP_POLICY_NO_PROTOCOL, 6, 17, 1, 0, 255, 6, DP_POLICY_NO_PROTOCOL};
	uint64_t priority = random_below(random, 1000);
	uint8_t family;

	memset(rule, 0, sizeof(*rule));
	rule->vrf = (uint16_t)(1 + random_below(random, MODEL_VRFS));
	some_end(random, &rule->pattern.source, 0);
	family = rule->pattern.source.prefix.address.family;
	some_end(random, &rule->pattern.destination, family);
	if (!family)
		family = rule->pattern.destination.prefix.address.family;
	if (random_below(random, 3) == 0)
		rule->pattern.family = family ? family : random_below(random, 2) ? 6 : 4;
	rule->pattern.protocol = protocols[random_below(random, 8)];
	rule->rule = (struct dp_policy_rule){.order = priority << 32 | id,
					     .id = id,
					     .target = random_below(random, 9),
					     .action = DP_POLICY_ALLOW,
					     .category = (uint8_t)random_below(random, DP_POLICY_CATEGORIES)};
	rule->guarded = random_below(random, 4) == 0;
	if (rule->guarded)
		some_guard(random, &rule->guard);
}

int policy_bench_set(struct policy_bench *bench, const struct model_rule *rule)
{
	int status =
		policy_set(bench->policy, rule->vrf, &rule->pattern, &rule->rule, rule->guarded ? &rule->guard : NULL);

	if (!status)
		bench->model.rule[rule->rule.id] = *rule;
	return status;
}

/* Of the prefix: its first or last address, one beside it, or one within. */
static void edge(uint64_t *random, const struct ip_prefix *prefix, struct dp_address *out)
{
	struct ip_address address = prefix->address;
	unsigned int bits = address.family == 4 ? 32 : 128, kind = random_below(random, 4), length = prefix->length;

	if (kind == 0)
		address_randomise(&address, length, random);
	for (unsigned int i = length; kind == 1 && i < bits; i++)
		address.byte[i / 8] |= (uint8_t)(0x80 >> i % 8);
	if (kind == 2 && length)
		address.byte[(length - 1) / 8] ^= (uint8_t)(0x80 >> (length - 1) % 8);
	ip_address_map(&address, out->byte);
}

static void address_for(struct policy_bench *bench, const struct policy_end *end, uint16_t vrf, uint8_t family,
			struct dp_address *out)
{
	const struct model_set *set = &bench->model.set[vrf][end->set];
	struct ip_prefix prefix = end->prefix;

	if (end->set && set->count)
		prefix = set->member[random_below(&bench->random, set->count)];
	while (prefix.address.family != family)
		prefix = policy_some_prefix(&bench->random);
	edge(&bench->random, &prefix, out);
}

static uint16_t port_for(uint64_t *random, const struct policy_end *end)
{
	switch (random_below(random, 5)) {
	case 0:
		return end->port_first;
	case 1:
		return end->port_last;
	case 2:
		return (uint16_t)(end->port_first - 1);
	case 3:
		return (uint16_t)(end->port_last + 1);
	default:
		return (uint16_t)random_below(random, 65536);
	}
}

struct policy_query policy_some_query(struct policy_bench *bench, uint16_t vrf)
{
	static const uint8_t protocols[] = {6, 17, 1, 0, 255, 47};
	struct model_rule one = {.vrf = 0}, other = {.vrf = 0};
	struct policy_query query = {.vrf = vrf, .categories = 63};
	uint64_t *random = &bench->random;

	for (int i = 0; i < 16 && one.vrf != vrf; i++)
		one = bench->model.rule[1 + random_below(random, bench->model.rules)];
	for (int i = 0; i < 16 && other.vrf != vrf; i++)
		other = bench->model.rule[1 + random_below(random, bench->model.rules)];
	if (random_below(random, 2))
		other = one;
	query.family = one.pattern.source.prefix.address.family;
	if (!query.family)
		query.family = random_below(random, 4) ? 4 : 6;
	address_for(bench, &one.pattern.source, vrf, query.family, &query.source);
	address_for(bench, &other.pattern.destination, vrf, query.family, &query.destination);
	query.source_port = port_for(random, &one.pattern.source);
	query.destination_port = port_for(random, &other.pattern.destination);
	query.protocol = one.pattern.protocol == DP_POLICY_NO_PROTOCOL || !random_below(random, 4)
				 ? protocols[random_below(random, 6)]
				 : (uint8_t)one.pattern.protocol;
	query.has_ports = random_below(random, 8) != 0;
	if (!random_below(random, 8))
		query.categories = (uint8_t)random_below(random, 64);
	query.tcp_flags = random_below(random, 2) ? 2 : 0x10;
	query.dscp = (uint8_t)random_below(random, 2);
	query.fragment = (uint8_t)random_below(random, 3);
	query.state = (uint8_t)random_below(random, 4);
	query.options = (uint8_t)random_below(random, 16);
	query.interface = (uint16_t)(1 + random_below(random, 2));
	query.tunnel = (uint16_t)random_below(random, 3);
	query.vni = random_below(random, 2);
	for (int i = 0; i < DP_POLICY_OPTIONS; i++)
		query.option[i] = random_below(random, 2) | 0x100;
	return query;
}

static int change_member(struct policy_bench *bench)
{
	uint16_t vrf = (uint16_t)(1 + random_below(&bench->random, MODEL_VRFS));
	uint32_t number = 1 + random_below(&bench->random, MODEL_SETS), i = 0;
	struct model_set *set = &bench->model.set[vrf][number];
	struct ip_prefix prefix = policy_some_prefix(&bench->random);
	int status;

	if (set->count && random_below(&bench->random, 2))
		prefix = set->member[random_below(&bench->random, set->count)];
	while (i < set->count && ip_prefix_compare(&set->member[i], &prefix))
		i++;
	if (i < set->count && random_below(&bench->random, 4)) {
		assert_true(policy_remove_member(bench->policy, vrf, number, &prefix));
		set->member[i] = set->member[--set->count];
		return 0;
	}
	if (set->count == MODEL_MEMBERS)
		return 0;
	status = policy_add_member(bench->policy, vrf, number, &prefix);
	if (i < set->count) {
		assert_int_not_equal(status, 0);
		return status == -EEXIST ? 0 : status;
	}
	if (!status)
		set->member[set->count++] = prefix;
	return status;
}

int policy_random_change(struct policy_bench *bench)
{
	uint32_t id = 1 + random_below(&bench->random, bench->model.rules), kind = random_below(&bench->random, 16);
	struct model_rule *old = &bench->model.rule[id], rule;

	if (kind < 4)
		return change_member(bench);
	if (kind == 4)
		return policy_rebuild(bench->policy, (uint16_t)(1 + random_below(&bench->random, MODEL_VRFS)));
	if (old->vrf && kind < 10) {
		assert_true(policy_unset(bench->policy, old->vrf, id));
		old->vrf = 0;
		return 0;
	}
	policy_some_rule(&bench->random, id, &rule);
	if (old->vrf && kind < 12) { /* the same place */
		rule.vrf = old->vrf;
		rule.pattern = old->pattern;
		rule.rule.category = old->rule.category;
	}
	return policy_bench_set(bench, &rule);
}
