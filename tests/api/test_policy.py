# SPDX-License-Identifier: Apache-2.0
"""Groups, security groups and rules as controllers see them: what is refused, listed, answered and kept."""

import binascii
import os
import shutil
import tempfile

from google.protobuf import json_format

import daemon
from daemon import change, chain, delete, discard, route

ALLOW, DENY, REJECT = "ACCESS_ALLOW", "ACCESS_DENY", "ACCESS_REJECT"


def base64(data):
    """Bytes as protobuf's JSON form has them."""
    return binascii.b2a_base64(data, newline=False).decode()


def rule(name, vrf="red", **fields):
    return change("policy_rule", name=name, vrf=vrf, **fields)


def group_rule(name, group="web", direction="DIRECTION_INGRESS", **fields):
    return change("security_group_rule", name=name, security_group=group, direction=direction, **fields)


class Policy(daemon.TestCase):
    def test_refusals(self):
        self.apply(change("vrf", name="red"), change("vrf", name="blue"),
                   change("interface", name="blue0", vrf="blue"), change("address_group", name="a"),
                   change("address_group", name="b", address_groups=["a"]),
                   change("security_group", name="web", vrf="red"), change("security_group", name="far", vrf="blue"))
        path = "changes[0].resource.policy_rule"
        for field, fields, says in (
                ("", {}, "has no action"),
                (".vrf", {"vrf": "none", "access": DENY}, 'no VRF "none"'),
                (".priority", {"priority": 65536, "access": DENY}, "0 to 65535"),
                (".established", {"access": DENY, "established": "ESTABLISHED_KEEP"}, "needs access ACCESS_ALLOW"),
                (".stateful", {"access": REJECT, "stateful": True}, "needs access ACCESS_ALLOW"),
                (".next_hop_group", {"next_hop_group": "none"}, "no next-hop group"),
                (".port_chain", {"port_chain": "none"}, "no port chain"),
                (".qos_policy", {"qos_policy": "none"}, "no QoS policy")):
            self.assertRefused(path + field, rule("x", **fields), says=says)
        for field, match, says in (
                ("source_prefix", {"source_prefix": "10.0.0.1/8"}, "write 10.0.0.0/8"),
                ("destination_prefix", {"source_prefix": "10.0.0.0/8", "destination_prefix": "2001:db8::/32"},
                 "source_prefix says IPv4"),
                ("source_address_group", {"source_address_group": "none"}, "no address group"),
                ("source_address_group", {"source_address_group": "a", "source_prefix": "10.0.0.0/8"},
                 "beside source_prefix"),
                ("destination_ports", {"destination_ports": {"first": 80}}, "needs protocol"),
                ("icmp", {"protocol": 6, "icmp": {"type": 8}}, "needs protocol 1"),
                ("tcp_flags.flags", {"protocol": 6, "tcp_flags": {"flags": 3, "mask": 2}}, "the mask may be 3"),
                ("dscp", {"dscp": 64}, "0 to 63"),
                ("interface", {"interface": "blue0"}, 'is of VRF "blue"'),
                ("tunnel.geneve_option.value", {"tunnel": {"geneve_option": {"value": base64(b"123456789")}}}, "1 to 8"),
                ("tunnel.geneve_option.mask", {"tunnel": {"geneve_option": {"value": base64(b"12"), "mask": base64(b"\xff")}}},
                 "as many"),
                ("family", {"family": 5}, "IP_FAMILY_IPV4")):
            self.assertRefused(f"{path}.match.{field}", rule("x", access=DENY, match=match), says=says)
        path = "changes[0].resource.security_group_rule"
        for field, fields, says in (
                ("direction", {"direction": 0}, "DIRECTION_EGRESS"),
                ("ports", {"ports": {"first": 80}}, "needs protocol"),
                ("remote_group", {"remote_group": "far"}, 'is of VRF "blue"'),
                ("remote_group", {"remote_group": "none"}, "no security group"),
                ("remote_address_group", {"remote_address_group": "a", "remote_prefix": "10.0.0.0/8"},
                 "beside remote_prefix"),
                ("protocol", {"family": 6, "protocol": 1}, "does not occur in IPv6")):
            self.assertRefused(f"{path}.{field}", group_rule("x", **fields), says=says)
        self.assertRefused("changes[0].resource.address_group.address_groups",
                           change("address_group", name="a", address_groups=["b"]), says="in itself: a, b, a")
        self.assertRefused("changes[0].resource.address_group.addresses[1]",
                           change("address_group", name="a", addresses=["10.0.0.1", "10.0.0.1/32"]),
                           says="the same as addresses[0]")
        self.assertRefused("changes[0].resource.security_group.members[0]",
                           change("security_group", name="web", vrf="red", members=["red"]), says="not a prefix")
        self.assertRefused("changes[0].resource", delete("address_group", name="a"), code="FAILED_PRECONDITION",
                           says='address group "b"')

    def test_listing(self):
        self.apply(change("vrf", name="red"), change("vrf", name="blue"),
                   change("address_group", name="ops", addresses=["10.0.0.9", "2001:db8::/32", "10.0.0.0/24"]),
                   change("security_group", name="web", vrf="red", members=["10.1.0.1"]),
                   group_rule("http", protocol=6, ports={"first": 80}, remote_address_group="ops"),
                   rule("deny", access=DENY), rule("far", vrf="blue", access=DENY))
        self.assertEqual(self.keys("POLICY_RULE"), ["deny", "far"])
        self.assertEqual(self.keys("POLICY_RULE", vrf="red"), ["deny"])
        self.assertEqual(self.keys("SECURITY_GROUP", vrf="red"), ["web"])
        self.assertEqual(list(self.get("ADDRESS_GROUP", "ops").resource.address_group.addresses),
                         ["10.0.0.0/24", "10.0.0.9", "2001:db8::/32"])
        self.assertTrue(self.get("SECURITY_GROUP", "web").resource.security_group.stateful)
        self.assertEqual(self.get("SECURITY_GROUP_RULE", "http").counters.packets, 0)
        # what is read, written again, changes nothing
        changes = [{"op": "OPERATION_UPSERT",
                    "resource": json_format.MessageToDict(state.resource, preserving_proto_field_name=True)}
                   for kind in ("ADDRESS_GROUP", "SECURITY_GROUP", "SECURITY_GROUP_RULE", "POLICY_RULE")
                   for state in self.list(kind)]
        self.assertEqual(self.apply(*changes).result.unchanged, 5)

    def test_one_commit_of_rule_route_and_chain(self):
        """All of it or nothing."""
        self.apply(*discard())
        revision = self.revision()
        self.assertFails("INVALID_ARGUMENT", self.apply, *chain(), route("red", "10.0.0.0/8"),
                         rule("steer", port_chain="chain", match={"source_prefix": "10.0.0.0/8"}),
                         rule("wrong", port_chain="chains"))
        self.assertEqual(self.revision(), revision)
        self.assertEqual(self.keys("PORT_CHAIN") + self.keys("ROUTE") + self.keys("POLICY_RULE"), [])
        response = self.apply(*chain(), route("red", "10.0.0.0/8"),
                              rule("steer", port_chain="chain", match={"source_prefix": "10.0.0.0/8"}))
        self.assertEqual(response.result.revision, revision + 1)
        # its stage has no device, and so the rule is not programmed
        self.assertIn("port pair", self.get("POLICY_RULE", "steer").reason)
        self.assertRefused("changes[0].resource", delete("port_chain", name="chain"), code="FAILED_PRECONDITION",
                           says='policy rule "steer"')

    def test_cost_is_answered(self):
        response = self.apply(change("vrf", name="red"), change("vrf", name="blue"), rule("deny", access=DENY),
                              validate_only=True)
        cost, = response.result.policy_costs
        self.assertEqual((cost.vrf, cost.rules, cost.tuples, cost.worst_case_probes, cost.limit, cost.warning),
                         ("red", 1, 1, 1, 24, ""))
        self.assertEqual(self.keys("POLICY_RULE"), [])
        response = self.apply(change("vrf", name="red"), change("vrf", name="blue"), rule("deny", access=DENY))
        self.assertEqual([cost.vrf for cost in response.result.policy_costs], ["red"])
        response = self.apply(change("vrf", name="green"))
        self.assertEqual(len(response.result.policy_costs), 0)

    def test_too_costly(self):
        """Prefixes inside each other at both ends: each pair of lengths is a look-up of its own."""
        def nested(count):
            return [rule(f"n{i}.{j}", access=DENY,
                         match={"source_prefix": f"10.0.0.0/{8 + i}", "destination_prefix": f"10.0.0.0/{8 + j}"})
                    for i in range(count) for j in range(count)]

        self.apply(change("vrf", name="red"))
        cost = self.apply(*nested(4)).result.policy_costs[0]
        self.assertEqual(cost.worst_case_probes, 16)
        cost = self.apply(rule("n4.0", access=DENY, match={"source_prefix": "10.0.0.0/12"}),
                          rule("n4.1", access=DENY, match={"destination_prefix": "10.0.0.0/12"})).result.policy_costs[0]
        self.assertEqual(cost.worst_case_probes, 18)
        self.assertIn("of 24", cost.warning)
        revision = self.revision()
        for dry in True, False:
            self.assertFails("RESOURCE_EXHAUSTED", self.apply, *nested(5), validate_only=dry, says="24 at most")
        error = self.assertFails("RESOURCE_EXHAUSTED", self.apply, *nested(5))
        self.assertIn('VRF "red"', error.details())
        self.assertRegex(error.details(), r"among them: n\d\.\d")
        self.assertEqual(self.revision(), revision)
        # nothing of it is left behind
        cost = self.apply(rule("last", access=DENY)).result.policy_costs[0]
        self.assertEqual(cost.rules, 19)


class Large(daemon.TestCase):
    """A router with room for large groups: it follows from the rules that there may be."""
    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, directory)
        config = os.path.join(directory, "sluice.yaml")
        with open(config, "w") as file:
            file.write("limits:\n  max_policy_rules: 16384\n")
        cls.options = ("--config", config)
        super().setUpClass()

    def test_large_groups(self):
        """A member is no rule: a group of 20,000 costs what one of two does."""
        addresses = [f"10.{i >> 8}.{i & 255}.{j}" for i in range(2000) for j in range(10)]
        self.apply(change("vrf", name="red"), change("address_group", name="inner", addresses=addresses),
                   change("address_group", name="outer", addresses=["192.0.2.1"], address_groups=["inner"]))
        response = self.apply(rule("deny", access=DENY, match={"source_address_group": "outer"}))
        self.assertEqual(response.result.policy_costs[0].rules, 1)
        self.assertEqual(len(self.get("ADDRESS_GROUP", "inner").resource.address_group.addresses), 20000)
        self.assertFails("INVALID_ARGUMENT", self.apply,
                         change("address_group", name="big",
                                addresses=[f"{a}.{b}.{c}.1" for a in (11, 12) for b in range(250) for c in range(201)]),
                         says="at most 100000")


class Kept(daemon.TestCase):
    """Rules, groups and their ids outlive the daemon."""
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        config = os.path.join(cls.directory, "sluice.yaml")
        with open(config, "w") as file:
            file.write(f"state_directory: {cls.directory}/state\nlimits: {{max_policy_rules: 3}}\n")
        cls.options = ("--config", config)
        super().setUpClass()

    def test_restart(self):
        self.apply(change("vrf", name="red"), change("address_group", name="ops", addresses=["10.0.0.0/8"]),
                   change("security_group", name="web", vrf="red", members=["10.1.0.1"]),
                   group_rule("http", protocol=6, ports={"first": 80}, remote_address_group="ops"),
                   rule("deny", access=DENY), rule("allow", access=ALLOW, stateful=True))
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, group_rule("more"),
                         says="policy_rules: 4 needed (2 policy_rules, 2 security_group_rules), the limit is 3")
        before = [state.resource for kind in ("SECURITY_GROUP_RULE", "POLICY_RULE") for state in self.list(kind)]
        self.client.close()
        self.assertEqual(self.daemon.terminate(), 0)
        self.daemon.start(*self.options)
        type(self).client = self.daemon.client()
        for service in "ConfigService", "StateService", "SystemService":
            setattr(type(self), service[:-len("Service")].lower(), getattr(self.client, service))
        after = [state.resource for kind in ("SECURITY_GROUP_RULE", "POLICY_RULE") for state in self.list(kind)]
        self.assertEqual([each.SerializeToString() for each in before],
                         [each.SerializeToString() for each in after])
        cost, = self.apply(delete("policy_rule", name="deny")).result.policy_costs
        self.assertEqual((cost.vrf, cost.rules), ("red", 4))  # allow, http and the group's own two


if __name__ == "__main__":
    daemon.unittest.main()
