/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of policy refuse, each with the path of the field that it blames, and what they share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"

static const char *const base[] = {
	"upsert vrf name=under",
	"upsert vrf name=red",
	"upsert vrf name=blue",
	"upsert interface name=up device=eth0 vrf=under",
	"upsert interface name=red1 device=eth1 vrf=red",
	"upsert interface name=red2 device=eth2 vrf=red",
	"upsert tunnel_endpoint name=gen kind=2 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	"vni_bindings[0].vni=100 vni_bindings[0].vrf=red vni_bindings[1].vni=200 vni_bindings[1].vrf=blue",
	"upsert tunnel_endpoint name=vx kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under",
	"upsert next_hop name=gw4 gateway.interface=up gateway.address=192.0.2.254",
	"upsert next_hop name=gw6 gateway.interface=up gateway.address=2001:db8::254",
	"upsert next_hop_group name=g4 members[0].next_hop=gw4",
	"upsert next_hop_group name=g6 members[0].next_hop=gw6",
	"upsert port_pair name=p1 ingress=red1 egress=red2",
	"upsert port_pair_group name=s1 port_pairs[0]=p1",
	"upsert flow_classifier name=web vrf=red protocol=6",
	"upsert port_chain name=c1 flow_classifiers[0]=web port_pair_groups[0]=s1",
	"upsert address_group name=a addresses[0]=10.0.0.0/8",
	"upsert address_group name=b address_groups[0]=a",
	"upsert address_group name=c address_groups[0]=b",
	"upsert security_group name=sg vrf=red members[0]=10.1.0.1",
	"upsert security_group name=other vrf=blue",
	"upsert security_group name=loose vrf=red stateful=0",
	"upsert security_group_rule name=keep security_group=sg direction=1 established=2 remote_group=sg",
	"upsert policy_rule name=in1 vrf=red access=2 match.interface=red1",
	"upsert policy_rule name=chained vrf=red port_chain=c1",
	"upsert policy_rule name=six vrf=red next_hop_group=g6",
	NULL,
};

struct rule {
	const char *line;
	enum error_code code;
	const char *field, *text;
	const char *more; /* a second change */
};

#define INVALID ERROR_INVALID_ARGUMENT
#define AG	"changes[0].resource.address_group."
#define SG	"changes[0].resource.security_group."
#define SR	"changes[0].resource.security_group_rule."
#define PR	"changes[0].resource.policy_rule."
#define SGR	"upsert security_group_rule name=x security_group=sg direction=1 "
#define DENY	"upsert policy_rule name=x vrf=red access=2 "

static const struct rule rules[] = {
	/* address groups */
	{"upsert address_group name=x addresses[0]=10.0.0.1/8", INVALID, AG "addresses[0]", "write 10.0.0.0/8", NULL},
	{"upsert address_group name=x addresses[0]=10.0.0.0/8 addresses[1]=host", INVALID, AG "addresses[1]",
	 "not a prefix", NULL},
	{"upsert address_group name=x addresses[0]=", INVALID, AG "addresses[0]", "empty", NULL},
	{"upsert address_group name=x addresses[0]=224.0.0.1", INVALID, AG "addresses[0]", "never match", NULL},
	{"upsert address_group name=x addresses[0]=10.0.0.1 addresses[1]=::1 addresses[2]=10.0.0.1/32", INVALID,
	 AG "addresses[2]", "the same as addresses[0]", NULL},
	{"upsert address_group name=x address_groups[0]=none", INVALID, AG "address_groups[0]",
	 "no address group \"none\"", NULL},
	{"upsert address_group name=x address_groups[0]=a address_groups[1]=a", INVALID, AG "address_groups[1]",
	 "the same as address_groups[0]", NULL},
	{"upsert address_group name=x address_groups[0]=x", INVALID, AG "address_groups", "in itself: x, x", NULL},
	{"upsert address_group name=a address_groups[0]=c", INVALID, AG "address_groups", "in itself: a, c, b, a",
	 NULL},
	{"upsert address_group name=y address_groups[0]=x", INVALID, AG "address_groups", "in itself: y, x, y",
	 "upsert address_group name=x address_groups[0]=y"},
	{"delete address_group name=a", ERROR_FAILED_PRECONDITION, "changes[0].resource", "address group \"b\"", NULL},
	/* security groups */
	{"upsert security_group name=x", INVALID, SG "vrf", "empty", NULL},
	{"upsert security_group name=x vrf=none", INVALID, SG "vrf", "no VRF", NULL},
	{"upsert security_group name=x vrf=red members[0]=10.0.0.0/33", INVALID, SG "members[0]", "at most /32", NULL},
	{"upsert security_group name=x vrf=red members[0]=10.0.0.1 members[1]=10.0.0.1", INVALID, SG "members[1]",
	 "the same as members[0]", NULL},
	{"upsert security_group name=sg vrf=blue", ERROR_FAILED_PRECONDITION, SG "vrf", "delete these rules first",
	 NULL},
	{"upsert security_group name=sg vrf=red stateful=0", INVALID, SG "stateful", "rule \"keep\"", NULL},
	{"delete security_group name=sg", ERROR_FAILED_PRECONDITION, "changes[0].resource",
	 "security group rule \"keep\"", NULL},
	/* their rules */
	{"upsert security_group_rule name=x direction=1", INVALID, SR "security_group", "empty", NULL},
	{"upsert security_group_rule name=x security_group=none direction=1", INVALID, SR "security_group",
	 "no security group", NULL},
	{"upsert security_group_rule name=x security_group=sg", INVALID, SR "direction", "DIRECTION_EGRESS", NULL},
	{SGR "family=5", INVALID, SR "family", "IP_FAMILY_IPV4", NULL},
	{SGR "protocol=256", INVALID, SR "protocol", "0 to 255", NULL},
	{SGR "ports.first=80", INVALID, SR "ports", "needs protocol 6", NULL},
	{SGR "protocol=1 ports.first=80", INVALID, SR "ports", "needs protocol 6", NULL},
	{SGR "protocol=17 ports.first=80 ports.last=79", INVALID, SR "ports.last", "below first", NULL},
	{SGR "protocol=132 ports=", INVALID, SR "ports.first", "names no port", NULL},
	{SGR "icmp.type=8", INVALID, SR "icmp", "needs protocol 1", NULL},
	{SGR "protocol=1 icmp.type=256", INVALID, SR "icmp.type", "0 to 255", NULL},
	{SGR "protocol=1 icmp.code=256", INVALID, SR "icmp.code", "0 to 255", NULL},
	{SGR "family=6 protocol=1", INVALID, SR "protocol", "1 (ICMP) does not occur in IPv6, which family says", NULL},
	{SGR "family=6 remote_prefix=10.0.0.0/8", INVALID, SR "remote_prefix", "is of IPv4, but family says IPv6",
	 NULL},
	{SGR "protocol=58 remote_prefix=10.0.0.0/8", INVALID, SR "protocol", "which remote_prefix says", NULL},
	{SGR "remote_prefix=10.0.0.0/8 remote_group=sg", INVALID, SR "remote_group", "beside remote_prefix", NULL},
	{SGR "remote_address_group=a remote_group=sg", INVALID, SR "remote_address_group", "beside remote_group", NULL},
	{SGR "remote_group=none", INVALID, SR "remote_group", "no security group", NULL},
	{SGR "remote_group=other", INVALID, SR "remote_group", "is of VRF \"blue\"", NULL},
	{SGR "remote_address_group=none", INVALID, SR "remote_address_group", "no address group", NULL},
	{SGR "established=4", INVALID, SR "established", "0 to 3", NULL},
	{"upsert security_group_rule name=x security_group=loose direction=1 established=2", INVALID, SR "established",
	 "\"loose\" is not stateful", NULL},
	/* policy rules: the action */
	{"upsert policy_rule name=x vrf=red", INVALID, "changes[0].resource.policy_rule", "has no action: set access",
	 NULL},
	{"upsert policy_rule name=x access=2", INVALID, PR "vrf", "empty", NULL},
	{"upsert policy_rule name=x vrf=none access=2", INVALID, PR "vrf", "no VRF", NULL},
	{DENY "priority=65536", INVALID, PR "priority", "65535", NULL},
	{"upsert policy_rule name=x vrf=red access=0", INVALID, PR "access", "1 to 3", NULL},
	{"upsert policy_rule name=x vrf=red access=4", INVALID, PR "access", "1 to 3", NULL},
	{"upsert policy_rule name=x vrf=red observe=2", INVALID, PR "observe", "1 to 1", NULL},
	{"upsert policy_rule name=x vrf=red next_hop_group=none", INVALID, PR "next_hop_group", "no next-hop group",
	 NULL},
	{"upsert policy_rule name=x vrf=red next_hop_group=", INVALID, PR "next_hop_group", "empty", NULL},
	{"upsert policy_rule name=x vrf=red next_hop_group=g4", INVALID, PR "next_hop_group", "say match.family", NULL},
	{"upsert policy_rule name=x vrf=red next_hop_group=g4 match.source_prefix=2001:db8::/32", INVALID,
	 PR "next_hop_group", "IPv4 gateway", NULL},
	{"upsert next_hop_group name=g6 members[0].next_hop=gw4", INVALID,
	 "changes[0].resource.next_hop_group.members[0].next_hop", "1 IPv6", NULL},
	{"upsert policy_rule name=x vrf=red port_chain=none", INVALID, PR "port_chain", "no port chain", NULL},
	{"upsert policy_rule name=x vrf=blue port_chain=c1", INVALID, PR "vrf", "rules of another VRF cannot", NULL},
	{"upsert policy_rule name=chained vrf=blue port_chain=c1", INVALID, PR "port_chain", "is of VRF \"red\"", NULL},
	{"upsert flow_classifier name=web vrf=blue", INVALID, "changes[0].resource.flow_classifier.vrf",
	 "policy rules of VRF \"red\" refer to port chain \"c1\"", NULL},
	{"upsert flow_classifier name=new vrf=blue", INVALID, "changes[1].resource.port_chain.flow_classifiers",
	 "policy rules of VRF \"red\"", "upsert port_chain name=c1 flow_classifiers[0]=new port_pair_groups[0]=s1"},
	{"upsert policy_rule name=x vrf=red qos_policy=none", INVALID, PR "qos_policy", "", NULL},
	/* connections */
	{DENY "stateful=1", INVALID, PR "stateful", "needs access ACCESS_ALLOW", NULL},
	{DENY "established=2", INVALID, PR "established", "ESTABLISHED_KEEP needs access", NULL},
	{DENY "established=3", INVALID, PR "established", "ESTABLISHED_RESET needs access", NULL},
	{"upsert policy_rule name=x vrf=red access=1 established=2", INVALID, PR "established", "needs stateful", NULL},
	{"upsert policy_rule name=x vrf=red observe=1 established=9", INVALID, PR "established", "0 to 3", NULL},
	/* the match */
	{DENY "match.source_prefix=10.0.0.1/8", INVALID, PR "match.source_prefix", "write 10.0.0.0/8", NULL},
	{DENY "match.source_prefix=10.0.0.0/8 match.destination_prefix=2001:db8::/32", INVALID,
	 PR "match.destination_prefix", "source_prefix says IPv4", NULL},
	{DENY "match.source_prefix=10.0.0.0/8 match.source_address_group=a", INVALID, PR "match.source_address_group",
	 "beside source_prefix", NULL},
	{DENY "match.destination_address_group=none", INVALID, PR "match.destination_address_group", "no address group",
	 NULL},
	{DENY "match.family=4 match.source_prefix=2001:db8::/32", INVALID, PR "match.source_prefix", "family says IPv4",
	 NULL},
	{DENY "match.family=4 match.protocol=58", INVALID, PR "match.protocol", "58 (ICMPv6) does not occur", NULL},
	{DENY "match.source_ports.first=1", INVALID, PR "match.source_ports", "needs protocol", NULL},
	{DENY "match.protocol=47 match.destination_ports.first=1", INVALID, PR "match.destination_ports",
	 "needs protocol", NULL},
	{DENY "match.protocol=6 match.icmp.type=3", INVALID, PR "match.icmp", "needs protocol 1", NULL},
	{DENY "match.protocol=17 match.tcp_flags.mask=2", INVALID, PR "match.tcp_flags", "needs protocol 6", NULL},
	{DENY "match.protocol=6 match.tcp_flags=", INVALID, PR "match.tcp_flags.mask", "1 to 255", NULL},
	{DENY "match.protocol=6 match.tcp_flags.flags=18 match.tcp_flags.mask=2", INVALID, PR "match.tcp_flags.flags",
	 "the mask may be 18", NULL},
	{DENY "match.protocol=6 match.fragment=4 match.tcp_flags.mask=2", INVALID, PR "match.tcp_flags",
	 "later fragments", NULL},
	{DENY "match.dscp=64", INVALID, PR "match.dscp", "0 to 63", NULL},
	{DENY "match.fragment=5", INVALID, PR "match.fragment", "0 to 4", NULL},
	{DENY "match.connection_states[0]=0", INVALID, PR "match.connection_states[0]", "1 to 4", NULL},
	{DENY "match.connection_states[0]=1 match.connection_states[1]=1", INVALID, PR "match.connection_states[1]",
	 "already", NULL},
	{DENY "match.protocol=17 match.connection_states[0]=4", INVALID, PR "match.connection_states", "only TCP",
	 NULL},
	{DENY "match.interface=none", INVALID, PR "match.interface", "no interface", NULL},
	{DENY "match.interface=up", INVALID, PR "match.interface", "is of VRF \"under\"", NULL},
	{"upsert interface name=red1 device=eth1 vrf=blue", INVALID, "changes[0].resource.interface.vrf",
	 "policy rules of VRF \"red\" refer to interface \"red1\"", NULL},
	{DENY "match.interface=red1 match.tunnel=", INVALID, PR "match.tunnel", "beside interface", NULL},
	{DENY "match.tunnel.tunnel_endpoint=none", INVALID, PR "match.tunnel.tunnel_endpoint", "no tunnel endpoint",
	 NULL},
	{DENY "match.tunnel.tunnel_endpoint=gen match.tunnel.vni=16777216", INVALID, PR "match.tunnel.vni", "16777215",
	 NULL},
	{DENY "match.tunnel.tunnel_endpoint=gen match.tunnel.vni=5", INVALID, PR "match.tunnel.vni",
	 "does not bind VNI 5", NULL},
	{DENY "match.tunnel.tunnel_endpoint=gen match.tunnel.vni=200", INVALID, PR "match.tunnel.vni",
	 "leads to VRF \"blue\"", NULL},
	{DENY "match.tunnel.geneve_option.type=1", INVALID, PR "match.tunnel.geneve_option.value", "0 bytes: 1 to 8",
	 NULL},
	{DENY "match.tunnel.geneve_option.value=123456789", INVALID, PR "match.tunnel.geneve_option.value",
	 "9 bytes: 1 to 8", NULL},
	{DENY "match.tunnel.geneve_option.value=ab match.tunnel.geneve_option.mask=a", INVALID,
	 PR "match.tunnel.geneve_option.mask", "has 1 bytes, but value has 2", NULL},
	{DENY "match.tunnel.geneve_option.value=ab match.tunnel.geneve_option.mask=aa", INVALID,
	 PR "match.tunnel.geneve_option.value", "beyond mask in byte 1", NULL},
	{DENY "match.tunnel.geneve_option.value=a match.tunnel.geneve_option.type=256", INVALID,
	 PR "match.tunnel.geneve_option.type", "0 to 255", NULL},
	{DENY "match.tunnel.geneve_option.value=a match.tunnel.geneve_option.option_class=65536", INVALID,
	 PR "match.tunnel.geneve_option.option_class", "0 to 65535", NULL},
	{DENY "match.tunnel.tunnel_endpoint=vx match.tunnel.geneve_option.value=a", INVALID,
	 PR "match.tunnel.geneve_option", "not of kind TUNNEL_KIND_GENEVE", NULL},
	/* what they refer to */
	{"delete port_chain name=c1", ERROR_FAILED_PRECONDITION, "changes[0].resource", "policy rule \"chained\"",
	 NULL},
	{"delete interface name=red1", ERROR_FAILED_PRECONDITION, "changes[0].resource", "in use", NULL},
	{"delete next_hop_group name=g6", ERROR_FAILED_PRECONDITION, "changes[0].resource", "policy rule \"six\"",
	 NULL},
};

static void test_rules(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *rule = &rules[i];

		must_refuse(&fixture, rule->code, rule->field, rule->text, LINES(rule->line, rule->more));
	}
	fixture_free(&fixture);
}

/* What goes wrong by itself goes together. */
static void test_together(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	must_apply(&fixture, LINES("upsert interface name=red1 device=eth1 vrf=blue",
				   "upsert policy_rule name=in1 vrf=blue access=2 match.interface=red1"));
	must_apply(&fixture, LINES("upsert flow_classifier name=web vrf=blue",
				   "upsert policy_rule name=chained vrf=blue port_chain=c1"));
	must_apply(&fixture, LINES("upsert security_group name=sg vrf=blue", "delete security_group_rule name=keep"));
	must_apply(&fixture, LINES("upsert address_group name=b", "upsert address_group name=a address_groups[0]=c"));
	must_apply(&fixture, LINES("upsert policy_rule name=four vrf=red next_hop_group=g4 match.protocol=1"));
	fixture_free(&fixture);
}

/* Rules of both kinds have ids of one space, and one limit. */
static void test_one_space_of_ids(void **state)
{
	struct fixture fixture;

	(void)state;
	fake_limits.policy_rules = 3;
	fixture_new(&fixture);
	must_apply(&fixture, LINES("upsert vrf name=red", "upsert security_group name=sg vrf=red",
				   "upsert policy_rule name=p1 vrf=red access=2",
				   "upsert security_group_rule name=s1 security_group=sg direction=1",
				   "upsert policy_rule name=p2 vrf=red access=2"));
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "",
		    "policy_rules: 4 needed (2 policy_rules, 2 security_group_rules), the limit is 3: raise "
		    "limits.max_policy_rules",
		    LINES("upsert security_group_rule name=s2 security_group=sg direction=2"));
	must_apply(&fixture, LINES("delete policy_rule name=p1"));
	must_apply(&fixture, LINES("upsert security_group_rule name=s2 security_group=sg direction=2"));
	must_refuse(&fixture, ERROR_RESOURCE_EXHAUSTED, "", "(2 policy_rules, 2 security_group_rules)",
		    LINES("upsert policy_rule name=p1 vrf=red access=2"));
	fixture_free(&fixture);
	fake_limits.policy_rules = DP_MAX_POLICY_RULES;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_one_space_of_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
