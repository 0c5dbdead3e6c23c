# SPDX-License-Identifier: Apache-2.0
"""Rate limiters and QoS policies: defaults, what they refuse, and who refers to whom."""

import daemon
from daemon import change, delete

BITS, PACKETS = 1, 2
RULE, INTERFACE, SOURCE = 1, 2, 3


class Qos(daemon.TestCase):
    def limiter(self, name):
        return self.get("RATE_LIMITER", name).resource.rate_limiter

    def test_defaults(self):
        self.apply(change("rate_limiter", name="a", rate=100_000_000),
                   change("rate_limiter", name="b", rate=8000),
                   change("rate_limiter", name="c", unit=PACKETS, rate=50, excess_rate=1000),
                   change("rate_limiter", name="d", rate=1_000_000, scope=SOURCE, source_length_ipv4=24))
        a = self.limiter("a")
        self.assertEqual((a.unit, a.burst, a.scope, a.source_length_ipv4), (BITS, 125_000, RULE, 0))
        self.assertEqual(self.limiter("b").burst, 1500)
        self.assertEqual((self.limiter("c").burst, self.limiter("c").excess_burst), (1, 10))
        d = self.limiter("d")
        self.assertEqual((d.scope, d.source_length_ipv4, d.source_length_ipv6), (SOURCE, 24, 64))
        self.assertEqual(self.get("RATE_LIMITER", "a").counters.packets, 0)
        self.assertEqual(self.keys("RATE_LIMITER"), ["a", "b", "c", "d"])

    def test_faults_of_limiters(self):
        for field, fields in (("rate", {"rate": 7999}), ("rate", {"rate": 400_000_000_001}),
                              ("rate", {"unit": PACKETS, "rate": 500_000_001}), ("rate", {}),
                              ("unit", {"unit": 3, "rate": 8000}),
                              ("burst", {"rate": 1_000_000, "burst": 1499}),
                              ("burst", {"rate": 1_000_000, "burst": 1_250_001}),
                              ("burst", {"unit": PACKETS, "rate": 1, "burst": 11}),
                              ("excess_rate", {"rate": 8000, "excess_rate": 1}),
                              ("excess_burst", {"rate": 8000, "excess_burst": 1500}),
                              ("scope", {"rate": 8000, "scope": 4}),
                              ("source_length_ipv4", {"rate": 8000, "source_length_ipv4": 24}),
                              ("source_length_ipv4", {"rate": 8000, "scope": SOURCE, "source_length_ipv4": 33}),
                              ("source_length_ipv6", {"rate": 8000, "scope": INTERFACE, "source_length_ipv6": 64}),
                              ("source_length_ipv6", {"rate": 8000, "scope": SOURCE, "source_length_ipv6": 65})):
            with self.subTest(field=field, fields=fields):
                self.assertRefused(f"changes[0].resource.rate_limiter.{field}",
                                   change("rate_limiter", name="x", **fields))

    def test_policies(self):
        self.apply(change("rate_limiter", name="a", rate=100_000_000),
                   change("rate_limiter", name="two", rate=100_000_000, excess_rate=50_000_000),
                   change("qos_policy", name="gold", rate_limiter="a", dscp=0),
                   change("qos_policy", name="silver", rate_limiter="two", excess_dscp=10))
        gold = self.get("QOS_POLICY", "gold").resource.qos_policy
        self.assertEqual((gold.WhichOneof("dscp_set"), gold.dscp), ("dscp", 0))
        self.assertIsNone(gold.WhichOneof("excess_dscp_set"))
        self.assertEqual(self.get("QOS_POLICY", "silver").resource.qos_policy.excess_dscp, 10)
        policy = "changes[0].resource.qos_policy"
        self.assertRefused(policy, change("qos_policy", name="x"))
        self.assertRefused(f"{policy}.dscp", change("qos_policy", name="x", dscp=64))
        self.assertRefused(f"{policy}.rate_limiter", change("qos_policy", name="x", rate_limiter="none"))
        self.assertRefused(f"{policy}.excess_dscp", change("qos_policy", name="x", dscp=1, excess_dscp=1))
        self.assertRefused(f"{policy}.excess_dscp", change("qos_policy", name="x", rate_limiter="a", excess_dscp=1))
        self.assertRefused("changes[0].resource", delete("rate_limiter", name="a"), code="FAILED_PRECONDITION")
        self.assertRefused("changes[0].resource.rate_limiter.excess_rate",
                           change("rate_limiter", name="two", rate=100_000_000))
        self.apply(change("rate_limiter", name="two", rate=100_000_000),
                   change("qos_policy", name="silver", rate_limiter="two", dscp=10))

    def test_ddos_profiles(self):
        self.apply(change("vrf", name="red"), change("vrf", name="blue"),
                   change("ddos_profile", name="p", vrf="red", syn_rate=1000, amplification_ports=[53, 123],
                          amplification_rate=50))
        profile = self.get("DDOS_PROFILE", "p").resource.ddos_profile
        self.assertEqual((profile.syn_rate, list(profile.amplification_ports)), (1000, [53, 123]))
        self.assertEqual(self.keys("DDOS_PROFILE", vrf="red"), ["p"])
        at = "changes[0].resource.ddos_profile"
        for field, fields in (("", {}), (".syn_rate", {"syn_rate": 10_000_001}),
                              (".amplification_rate", {"syn_rate": 1, "amplification_rate": 1}),
                              (".amplification_rate", {"amplification_ports": [53]}),
                              (".amplification_ports[1]", {"amplification_ports": [53, 53], "amplification_rate": 1}),
                              (".amplification_ports[0]", {"amplification_ports": [0], "amplification_rate": 1}),
                              (".amplification_ports", {"amplification_ports": list(range(1, 34)),
                                                        "amplification_rate": 1})):
            with self.subTest(field=field, fields=fields):
                self.assertRefused(at + field, change("ddos_profile", name="x", vrf="blue", **fields))
        self.assertRefused(f"{at}.vrf", change("ddos_profile", name="x", vrf="red", syn_rate=1))
        self.assertRefused("changes[0].resource", delete("vrf", name="red"), code="FAILED_PRECONDITION")
