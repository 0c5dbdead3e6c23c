/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of services refuse of each other, each with the path of the field that it blames. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture.h"

static const char *const base[] = {
	"upsert vrf name=red gateway_addresses[0].address=10.0.0.254/24",
	"upsert vrf name=blue",
	"upsert vrf name=under",
	"upsert interface name=up device=eth0 vrf=under",
	"upsert interface name=in device=eth1 vrf=red gateway_addresses[0].address=10.0.1.254/24",
	"upsert neighbor vrf=red address=10.0.0.77 mac=02:00:00:00:00:77",
	"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 underlay_vrf=under "
	"vni_bindings[0].vni=100 vni_bindings[0].vrf=red vni_bindings[0].gateway_addresses[0].address=10.0.2.254/24",
	"upsert next_hop name=gw4 gateway.interface=up gateway.address=192.0.2.254",
	"upsert next_hop name=drop discard=",
	"upsert next_hop_group name=g4 members[0].next_hop=gw4",
	"upsert next_hop_group name=none members[0].next_hop=drop",
	"upsert next_hop name=gw5 gateway.interface=up gateway.address=192.0.2.253",
	"upsert next_hop_group name=probed members[0].next_hop=gw5",
	"upsert load_balancer name=lb vrf=red vip_address=10.0.0.1",
	"upsert load_balancer name=six vrf=red vip_address=2001:db8::1",
	"upsert load_balancer name=spare vrf=red vip_address=10.0.0.2",
	"upsert load_balancer name=ranges vrf=red vip_address=10.0.0.3",
	"upsert pool name=web vrf=red",
	"upsert pool name=ports vrf=red",
	"upsert pool name=empty vrf=red",
	"upsert pool name=p6 vrf=red",
	"upsert pool name=direct vrf=red forwarding=2",
	"upsert pool name=other vrf=blue",
	"upsert member name=m1 pool=web address=10.1.0.1 quic_server_id=7 monitor_address=10.3.0.1",
	"upsert member name=m2 pool=web address=10.1.0.2 weight=0",
	"upsert member name=mp pool=ports address=10.1.0.1 port=8080",
	"upsert member name=m6 pool=p6 address=2001:db8:1::1 port=80",
	"upsert listener name=http load_balancer=lb protocol=6 ports.first=80 pools[0].pool=web",
	"upsert listener name=mid load_balancer=lb protocol=6 ports.first=100 ports.last=199 pools[0].pool=empty",
	"upsert listener name=sctp load_balancer=spare protocol=132 ports.first=5 pools[0].pool=empty",
	"upsert listener name=all load_balancer=six pools[0].pool=direct",
	"upsert health_monitor name=pings pool=web type=6",
	"upsert health_monitor name=opens pool=ports type=1",
	"upsert health_monitor name=links next_hop_group=probed type=7",
	"upsert pool name=far vrf=red forwarding=2",
	"upsert member name=md pool=far address=10.1.0.7",
	"upsert policy_rule name=four vrf=red service_pool.pool=empty match.family=4",
	NULL,
};

struct rule {
	const char *line;
	enum error_code code;
	const char *field, *text;
	const char *more; /* a second change */
};

#define INVALID	     ERROR_INVALID_ARGUMENT
#define PRECONDITION ERROR_FAILED_PRECONDITION
#define R	     "changes[0].resource."
#define L(NAME)	     "upsert listener name=" NAME " load_balancer=lb protocol=6 "
#define M(NAME)	     "upsert member name=" NAME " pool=web "

static const struct rule rules[] = {
	/* load balancers: whose address is it? */
	{"upsert load_balancer name=x vrf=red vip_address=10.0.0.254", INVALID, R "load_balancer.vip_address",
	 "a gateway address", NULL},
	{"upsert load_balancer name=x vrf=red vip_address=10.0.1.254", INVALID, R "load_balancer.vip_address",
	 "name another", NULL},
	{"upsert load_balancer name=x vrf=red vip_address=10.0.2.254", INVALID, R "load_balancer.vip_address",
	 "name another", NULL},
	{"upsert load_balancer name=x vrf=red vip_address=10.0.0.77", INVALID, R "load_balancer.vip_address",
	 "or a neighbor", NULL},
	{"upsert load_balancer name=x vrf=under vip_address=192.0.2.1", INVALID, R "load_balancer.vip_address",
	 "a tunnel's local address", NULL},
	{"upsert load_balancer name=x vrf=red vip_address=10.0.0.1", INVALID, R "load_balancer.vip_address",
	 "the VIP of load balancer \"lb\" in VRF \"red\"", NULL},
	{"upsert load_balancer name=x vrf=red vip_address=10.1.0.2", INVALID, R "load_balancer.vip_address",
	 "member \"m2\" of pool \"web\"", NULL},
	{"upsert load_balancer name=lb vrf=blue vip_address=10.0.0.1", PRECONDITION, R "load_balancer.vrf",
	 "2 listeners: delete these first", NULL},
	{"upsert load_balancer name=lb vrf=red vip_address=2001:db8::9", PRECONDITION, R "load_balancer.vip_address",
	 "IPv6", NULL},
	/* and the others' side */
	{"upsert vrf name=red gateway_addresses[0].address=10.0.0.1/24", INVALID, R "vrf.gateway_addresses[0].address",
	 "the VIP of load balancer \"lb\"", NULL},
	{"upsert interface name=x vrf=red gateway_addresses[0].address=10.0.0.1/24", INVALID,
	 R "interface.gateway_addresses[0].address", "the VIP of load balancer \"lb\"", NULL},
	{"upsert neighbor vrf=red address=2001:db8::1 mac=02:00:00:00:00:01", INVALID, R "neighbor.address",
	 "2001:db8::1 is the VIP of load balancer \"six\"", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=10.0.0.1 remote_address=192.0.2.9 underlay_vrf=red",
	 INVALID, R "tunnel_endpoint.local_address", "the VIP of", NULL},
	{"upsert tunnel_endpoint name=x kind=1 local_address=192.0.2.1 remote_address=192.0.2.9 underlay_vrf=under "
	 "vni_bindings[0].vni=101 vni_bindings[0].vrf=red vni_bindings[0].gateway_addresses[0].address=10.0.0.1/24",
	 INVALID, R "tunnel_endpoint.vni_bindings[0].gateway_addresses[0].address", "the VIP of", NULL},
	/* listeners */
	{L("x") "ports.first=80 pools[0].pool=web", INVALID, R "listener.ports", "listener \"http\"", NULL},
	{L("x") "ports.first=150 pools[0].pool=web", INVALID, R "listener.ports", "listener \"mid\", 100 to 199", NULL},
	{L("x") "ports.first=70 ports.last=80 pools[0].pool=web", INVALID, R "listener.ports",
	 "listener \"http\", 80 to 80", NULL},
	{L("x") "ports.first=199 ports.last=300 pools[0].pool=web", INVALID, R "listener.ports", "listener \"mid\"",
	 NULL},
	{L("x") "pools[0].pool=web", INVALID, R "listener.ports", "overlap", NULL},
	{"upsert listener name=x load_balancer=six protocol=17 ports.first=53 pools[0].pool=p6", INVALID,
	 R "listener.ports", "listener \"all\", 0 to 65535", NULL},
	{L("x") "ports.first=200 pools[0].pool=other", INVALID, R "listener.pools[0].pool",
	 "is of VRF \"blue\", not of the load balancer's", NULL},
	{L("x") "ports.first=200 pools[0].pool=p6", INVALID, R "listener.pools[0].pool",
	 "IPv6 members, and the VIP is IPv4", NULL},
	{"upsert listener name=x load_balancer=spare protocol=132 ports.first=6 pools[0].pool=ports", INVALID,
	 R "listener.pools[0].pool", "SCTP packets keep theirs", NULL},
	/* pools */
	{"upsert pool name=web vrf=blue", PRECONDITION, R "pool.vrf", "make another pool", NULL},
	{"upsert pool name=web vrf=red forwarding=2", PRECONDITION, R "pool.forwarding", "make another pool", NULL},
	{"upsert pool name=web vrf=red member_connection_limit=1 overflow_pool=web", INVALID, R "pool.overflow_pool",
	 "is the pool itself", NULL},
	{"upsert pool name=web vrf=red member_connection_limit=1 overflow_pool=other", INVALID, R "pool.overflow_pool",
	 "is of VRF \"blue\"", NULL},
	{"upsert pool name=web vrf=red member_connection_limit=1 overflow_pool=direct", INVALID, R "pool.overflow_pool",
	 "has forwarding DIRECT", NULL},
	{"upsert pool name=web vrf=red member_connection_limit=1 overflow_pool=p6", INVALID, R "pool.overflow_pool",
	 "IPv6 members, but listener \"http\"", NULL},
	{"upsert pool name=empty vrf=red member_connection_limit=1 overflow_pool=ports", INVALID,
	 R "pool.overflow_pool", "listener \"sctp\" leads SCTP", NULL},
	/* members */
	{M("x") "address=10.1.0.1", INVALID, R "member.address", "those of member \"m1\"", NULL},
	{M("x") "address=10.1.0.9 quic_server_id=7", INVALID, R "member.quic_server_id", "member \"m1\"", NULL},
	{M("x") "address=2001:db8::9", INVALID, R "member.address", "all of a pool are of one family", NULL},
	{M("x") "address=10.0.0.2", INVALID, R "member.address", "the VIP of load balancer \"spare\"", NULL},
	{M("x") "address=10.1.0.9 next_hop_group=g4", INVALID, R "member.next_hop_group", "forwarding is DNAT", NULL},
	{M("m1") "address=10.1.0.1 weight=0", INVALID, R "member.weight", "weights of 0 alone", NULL},
	{"upsert member name=x pool=empty address=10.1.0.1 weight=0", INVALID, R "member.weight", "weights of 0 alone",
	 NULL},
	{"delete member name=m1", INVALID, "changes[0].resource", "weights of 0 alone", NULL},
	{"upsert member name=m1 pool=empty address=10.1.0.1", INVALID, R "member.pool", "leaves pool \"web\"", NULL},
	{"upsert member name=x pool=direct address=2001:db8::8 port=80", INVALID, R "member.port", "forwarding DIRECT",
	 NULL},
	{"upsert member name=x pool=direct address=10.1.0.8", INVALID, R "member.address",
	 "listener \"all\" leads from an IPv6 VIP to pool \"direct\"", NULL},
	{"upsert member name=x pool=direct address=2001:db8::8 next_hop_group=g4", INVALID, R "member.next_hop_group",
	 "an IPv4 gateway", NULL},
	{"upsert member name=x pool=empty address=2001:db8::8", INVALID, R "member.address",
	 "a policy rule leads IPv4 packets", NULL},
	{"upsert member name=x pool=empty address=10.1.0.8 port=9", INVALID, R "member.port",
	 "listener \"sctp\" leads SCTP", NULL},
	{"upsert member name=x pool=ports address=10.1.0.8", INVALID, R "member.monitor_port",
	 "health monitor \"opens\" opens a port", NULL},
	/* health monitors */
	{"upsert health_monitor name=x pool=web type=6", INVALID, R "health_monitor.pool",
	 "has the health monitor \"pings\" already", NULL},
	{"upsert health_monitor name=pings pool=web type=2", INVALID, R "health_monitor.type",
	 "2 members of pool \"web\" have none", NULL},
	{"upsert health_monitor name=x pool=far type=5", INVALID, R "health_monitor.type",
	 "give them a monitor_port, or say PING or BFD", NULL},
	{"upsert health_monitor name=x pool=direct type=1", INVALID, "changes[1].resource.member.monitor_port",
	 "health monitor \"x\" opens a port", "upsert member name=y pool=direct address=2001:db8:1::8"},
	{"upsert health_monitor name=x next_hop_group=none type=6", INVALID, R "health_monitor.next_hop_group",
	 "next hop \"drop\" of \"none\" is no gateway", NULL},
	{"upsert next_hop_group name=probed members[0].next_hop=gw5 members[1].next_hop=drop", INVALID,
	 R "next_hop_group.members[1].next_hop", "\"drop\" is no gateway, and health monitor \"links\" probes", NULL},
	{"upsert next_hop name=gw5 discard=", INVALID, "changes[0].resource",
	 "health monitor \"links\" probes next-hop group \"probed\", which has this one", NULL},
	{M("x") "address=10.1.0.9 monitor_address=10.0.0.2", INVALID, R "member.monitor_address",
	 "the VIP of load balancer \"spare\"", NULL},
	{"upsert load_balancer name=x vrf=red vip_address=10.3.0.1", INVALID, R "load_balancer.vip_address",
	 "the monitor_address of member \"m1\" of pool \"web\"", NULL},
	{M("x") "address=10.1.0.9 monitor_address=10.0.0.9", INVALID, "changes[0].resource.member.monitor_address",
	 "the VIP of load balancer \"x\"", "upsert load_balancer name=x vrf=red vip_address=10.0.0.9"},
	/* policy rules */
	{"upsert policy_rule name=x vrf=red service_pool.pool=other", INVALID, R "policy_rule.service_pool.pool",
	 "is of VRF \"blue\"", NULL},
	{"upsert policy_rule name=x vrf=red service_pool.pool=none", INVALID, R "policy_rule.service_pool.pool",
	 "no pool \"none\"", NULL},
	{"upsert policy_rule name=x vrf=red service_pool.pool=", INVALID, R "policy_rule.service_pool.pool", "empty",
	 NULL},
	{"upsert policy_rule name=x vrf=red service_pool.pool=web service_pool.per_mille=1001", INVALID,
	 R "policy_rule.service_pool.per_mille", "0 to 1000", NULL},
	{"upsert policy_rule name=x vrf=red service_pool.pool=web match.family=6", INVALID,
	 R "policy_rule.service_pool.pool", "has members of IPv4", NULL},
	/* in one commit */
	{"upsert load_balancer name=x vrf=red vip_address=10.0.0.9", INVALID, "changes[1].resource.neighbor.address",
	 "the VIP of load balancer \"x\"", "upsert neighbor vrf=red address=10.0.0.9 mac=02:00:00:00:00:09"},
	{M("x") "address=10.0.0.9", INVALID, "changes[0].resource.member.address", "the VIP of load balancer \"x\"",
	 "upsert load_balancer name=x vrf=red vip_address=10.0.0.9"},
	{"delete load_balancer name=lb", PRECONDITION, "changes[0].resource", "listener \"http\"", NULL},
	{"delete pool name=empty", PRECONDITION, "changes[0].resource", "in use", NULL},
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

/* What goes wrong by itself goes together, and what only looks wrong goes. */
static void test_together(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	/* Two listeners exchange their ports, an address moves from a neighbor to a VIP. */
	must_apply(&fixture,
		   LINES("upsert listener name=mid load_balancer=lb protocol=6 ports.first=80 pools[0].pool=empty",
			 "upsert listener name=http load_balancer=lb protocol=6 ports.first=100 ports.last=199 "
			 "pools[0].pool=web"));
	must_apply(&fixture, LINES("upsert load_balancer name=spare vrf=red vip_address=10.0.0.77",
				   "delete neighbor vrf=red address=10.0.0.77"));
	/* The same ports by another protocol or at another load balancer; the same address in another pool. */
	must_apply(&fixture,
		   LINES("upsert listener name=udp load_balancer=lb protocol=17 ports.first=100 pools[0].pool=web",
			 "upsert listener name=two load_balancer=spare protocol=6 ports.first=100 "
			 "pools[0].pool=web",
			 "upsert member name=again pool=empty address=10.1.0.1"));
	/* All members of a pool may drain, and all may go. */
	must_apply(&fixture, LINES("upsert member name=m1 pool=web address=10.1.0.1 admin_state=2 quic_server_id=7",
				   "upsert member name=m2 pool=web address=10.1.0.2 admin_state=3"));
	must_apply(&fixture, LINES("delete member name=m1", "delete member name=m2"));
	/* A pool that nothing refers to may become another. */
	must_apply(&fixture, LINES("upsert pool name=other vrf=red forwarding=2"));
	must_apply(&fixture,
		   LINES("upsert policy_rule name=any vrf=red service_pool.pool=p6 service_pool.per_mille=1"));
	/* Rules of one VRF may share a pool. */
	must_apply(&fixture, LINES("upsert policy_rule name=more vrf=red service_pool.pool=empty match.family=4"));
	fixture_free(&fixture);
}

/* Eight listeners of more than one port, and no ninth. */
static void test_ranges(void **state)
{
	struct fixture fixture;
	char line[160];

	(void)state;
	fixture_new(&fixture);
	must_apply(&fixture, base);
	for (unsigned int i = 0; i < 9; i++) {
		snprintf(line, sizeof(line),
			 "upsert listener name=r%u load_balancer=ranges protocol=6 ports.first=%u ports.last=%u "
			 "pools[0].pool=empty",
			 i, 1000 + 10 * i, 1009 + 10 * i);
		if (i < 8)
			must_apply(&fixture, LINES(line));
		else
			must_refuse(&fixture, INVALID, R "listener.ports", "9 listeners of more than one port",
				    LINES(line));
	}
	must_apply(&fixture, LINES("upsert listener name=s load_balancer=ranges protocol=6 ports.first=2000 "
				   "pools[0].pool=empty"));
	must_refuse(&fixture, INVALID, R "listener.ports", "listener \"r3\", 1030 to 1039",
		    LINES("upsert listener name=s load_balancer=ranges protocol=6 ports.first=1039 "
			  "pools[0].pool=empty"));
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
