# SPDX-License-Identifier: Apache-2.0
"""What one router holds, and how it refuses more."""

import daemon
from daemon import change, group


class Limits(daemon.TestCase):
    def limits(self):
        return {limit.name: limit for limit in self.system.ListLimits().limits}

    def test_reported(self):
        limits = self.limits()
        at_least = {"vrfs": 1024, "tunnel_endpoints": 4096, "next_hops": 65536, "next_hop_groups": 16384,
                    "port_chains": 1024}
        for name, least in at_least.items():
            self.assertIn(name, limits)
            self.assertGreaterEqual(limits[name].maximum, least, name)
        self.assertEqual(limits["vrfs"].used, 0)
        self.apply(change("vrf", name="red"), change("vrf", name="blue"))
        self.assertEqual(self.limits()["vrfs"].used, 2)

    def test_one_vrf_too_many(self):
        maximum = self.limits()["vrfs"].maximum
        response = self.apply(*[change("vrf", name=f"vrf-{number}") for number in range(maximum)])
        self.assertEqual(response.result.created, maximum)
        revision = self.revision()
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, change("vrf", name="one-more"), says="vrf")
        self.assertEqual(self.revision(), revision)
        self.assertEqual(self.limits()["vrfs"].used, maximum)
        # room is made by a delete
        self.apply(daemon.delete("vrf", name="vrf-0"))
        self.apply(change("vrf", name="one-more"))

    def test_classifiers_of_one_vrf(self):
        def classifier(number):
            return change("flow_classifier", name=f"class-{number}", vrf="red", priority=number)

        def one_chain(symmetric):
            return change("port_chain", name="chain", flow_classifiers=["class-0"], port_pair_groups=["stage"],
                          symmetric=symmetric)

        self.apply(change("vrf", name="red"), change("interface", name="in", vrf="red"),
                   change("interface", name="out", vrf="red"),
                   change("port_pair", name="pair", ingress="in", egress="out"),
                   change("port_pair_group", name="stage", port_pairs=["pair"]), one_chain(False),
                   *[classifier(number) for number in range(256)])
        self.assertRefused("changes[0].resource.flow_classifier.vrf", classifier(256), code="RESOURCE_EXHAUSTED",
                           says="256")
        # those of symmetric chains count twice
        revision = self.revision()
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, one_chain(True), says="256")
        self.assertEqual(self.revision(), revision)
        self.apply(daemon.delete("flow_classifier", name="class-255"), one_chain(True))

    def test_all_chains_of_all_stages(self):
        """1,024 chains of 8 stages each, with a port pair a stage: at once, in tables that hold them."""
        chains, stages, vrfs = 1024, 8, 8
        names = [(chain, f"{chain}.{stage}") for chain in range(chains) for stage in range(stages)]
        self.apply(*[change("vrf", name=f"v{vrf}") for vrf in range(vrfs)],
                   *[change("interface", name=f"{port}{name}", vrf=f"v{chain % vrfs}")
                     for chain, name in names for port in ("in", "out")])
        self.apply(*[change("port_pair", name=name, ingress=f"in{name}", egress=f"out{name}") for _, name in names],
                   *[change("port_pair_group", name=name, port_pairs=[name]) for _, name in names])
        response = self.apply(
            *[change("flow_classifier", name=f"c{chain}", vrf=f"v{chain % vrfs}") for chain in range(chains)],
            *[change("port_chain", name=f"c{chain}", flow_classifiers=[f"c{chain}"], symmetric=True,
                     port_pair_groups=[f"{chain}.{stage}" for stage in range(stages)]) for chain in range(chains)])
        self.assertEqual(response.result.created, 2 * chains)
        self.assertEqual(self.limits()["port_chains"].used, self.limits()["port_chains"].maximum)
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, says="port_chains", *[
            change("flow_classifier", name="more", vrf="v0"),
            change("port_chain", name="more", flow_classifiers=["more"], port_pair_groups=["0.0"])])

    def test_members_and_stages(self):
        """What one resource may hold is a matter of its fields."""
        self.apply(*[change("next_hop", name=f"n{number}", discard={}) for number in range(65)])
        self.apply(group("g", *[f"n{number}" for number in range(64)]))
        self.assertRefused("changes[0].resource.next_hop_group.members",
                           group("g", *[f"n{number}" for number in range(65)]))
        self.assertRefused("changes[0].resource.port_pair_group.port_pairs", change(
            "port_pair_group", name="g", port_pairs=[f"p{number}" for number in range(17)]))
        self.assertRefused("changes[0].resource.port_chain.port_pair_groups", change(
            "port_chain", name="c", flow_classifiers=["x"], port_pair_groups=[f"g{number}" for number in range(9)]))
