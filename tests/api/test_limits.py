# SPDX-License-Identifier: Apache-2.0
"""What one router holds, and how it refuses more."""

import os
import shutil
import tempfile

import grpc

import daemon
from daemon import change, discard, group, route, tunnel


def scattered(vrf, number, count=500):
    """Routes of which no two share much of the table."""
    return [route(vrf, f"2001:db8:{number:x}:{i * 257 % 65536:x}:{i * 9973 % 65536:x}::{i:x}/128")
            for i in range(count)]


class LimitsTestCase(daemon.TestCase):
    maximum = {}  # in the configuration; none: there is no configuration

    @classmethod
    def setUpClass(cls):
        if cls.maximum:
            cls.directory = tempfile.mkdtemp()
            cls.addClassCleanup(shutil.rmtree, cls.directory)
            config = os.path.join(cls.directory, "sluice.yaml")
            with open(config, "w") as file:
                file.write("limits:\n" + "".join(f"  max_{name}: {value}\n" for name, value in cls.maximum.items()))
            cls.options = ("--config", config)
        super().setUpClass()

    def limits(self):
        return {limit.name: limit for limit in self.system.ListLimits().limits}


class Small(LimitsTestCase):
    """What a router holds that is told nothing."""
    def test_reported(self):
        expected = {"vrfs": 256, "interfaces": 1024, "tunnel_endpoints": 512, "vni_bindings": 2048, "next_hops": 4096,
                    "next_hop_groups": 1024, "routes": 131072, "port_pairs": 512, "port_pair_groups": 512,
                    "flow_classifiers": 1024, "port_chains": 64}
        limits = self.limits()
        self.assertEqual(expected, {name: limits[name].maximum for name in expected})

    def test_memory(self):
        """The tables that it maps: 21 MiB, and 6 MB of counters for each CPU that there can be."""
        with open(f"/proc/{self.daemon.process.pid}/maps") as maps:
            tables = [line.split()[0].split("-") for line in maps if "bpf-map" in line]
        held = sum(int(end, 16) - int(start, 16) for start, end in tables)
        with open("/sys/devices/system/cpu/possible") as possible:
            cpus = int(possible.read().strip().split("-")[-1]) + 1
        self.assertGreater(held, 4 << 20)
        self.assertLess(held, (21 << 20) + cpus * 6000000)


class FewWords(LimitsTestCase):
    """The tables of routes may be full below the number of routes: a dry run knows, too, and changes nothing."""
    maximum = {"fib_words": 65536}

    def test_a_dry_run_knows(self):
        self.apply(*discard())
        for number in range(100):
            used, revision = self.limits()["fib_words"], self.revision()
            self.assertEqual(used.maximum, 65536)
            self.assertLessEqual(used.used, used.maximum)
            try:
                answer = self.apply(*scattered("red", number), validate_only=True)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                break
            self.assertEqual(answer.result.created, 500)
            self.assertEqual(self.revision(), revision)
            self.apply(*scattered("red", number))
        else:
            self.fail("65,536 words hold 50,000 scattered routes")
        self.assertGreater(number, 1)
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, *scattered("red", number), says="fib_words")
        self.apply(route("red", "10.0.0.0/8"))


class Reserved(LimitsTestCase):
    """A VRF gets the routes that it has reserved, whatever others have."""
    maximum = {"routes": 5000, "fib_words": 131072}

    @staticmethod
    def gone(routes):
        return [daemon.delete("route", vrf=one["resource"]["route"]["vrf"], prefix=one["resource"]["route"]["prefix"])
                for one in routes]

    def test_words(self):
        self.apply(*discard(), change("vrf", name="blue", reserved_routes=500))
        self.addCleanup(self.apply, daemon.delete("vrf", name="blue"))
        self.assertEqual(self.limits()["fib_words"].reserved, 500 * 32)
        self.assertEqual(self.limits()["reserved_routes"].used, 500)
        for number in range(100):
            try:
                self.apply(*scattered("red", number), validate_only=True)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertIn("16000 are kept for VRFs (vrf.reserved_routes), with 39936 to begin pages",
                              error.details())
                break
            self.apply(*scattered("red", number))
        else:
            self.fail("131,072 words hold 100,000 scattered routes")
        for done in range(number):
            self.addCleanup(self.apply, *self.gone(scattered("red", done)))
        self.assertGreater(number, 1)
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, change("vrf", name="green", reserved_routes=1000),
                         says="vrf.reserved_routes: 48000 of the forwarding table's")
        self.assertEqual(self.limits()["fib_words"].reserved, 500 * 32)
        blue = scattered("blue", 0, 500)
        self.apply(*blue, validate_only=True)
        self.apply(*blue)
        self.assertLess(self.limits()["fib_words"].reserved, 500 * 16)
        self.apply(*self.gone(blue))
        self.assertEqual(self.limits()["fib_words"].reserved, 500 * 32)

    def test_routes(self):
        def near(vrf, first, count):
            return [route(vrf, f"10.{i >> 8}.{i & 255}.0/24") for i in range(first, first + count)]

        self.apply(*discard(), change("vrf", name="blue", reserved_routes=500))
        self.addCleanup(self.apply, daemon.delete("vrf", name="blue"))
        for first in (0, 2250):
            self.apply(*near("red", first, 2250))
            self.addCleanup(self.apply, *self.gone(near("red", first, 2250)))
        limit = self.limits()["routes"]
        self.assertEqual((limit.used, limit.reserved, limit.maximum), (4500, 500, 5000))
        for dry in (True, False):
            self.assertFails("RESOURCE_EXHAUSTED", self.apply, *near("red", 4500, 1), field="changes[0].resource",
                               says="4501 routes needed and 500 more reserved by VRFs (vrf.reserved_routes), the limit "
                                    "is 5000: delete routes, lower a reserve, or raise limits.max_routes",
                               validate_only=dry)
        self.assertRefused("changes[0].resource.vrf.reserved_routes", change("vrf", name="blue", reserved_routes=501),
                           code="RESOURCE_EXHAUSTED", says="lower it, delete routes, or raise limits.max_routes")
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, change("vrf", name="blue", reserved_routes=5001),
                         says="reserved_routes: 5001 needed, the limit is 5000: raise limits.max_routes")
        self.apply(*near("blue", 0, 500))
        self.assertEqual(self.limits()["routes"].reserved, 0)
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, *near("blue", 500, 1), says="routes: 5001 needed")
        self.apply(*self.gone(near("blue", 0, 500)))
        self.assertEqual(self.limits()["routes"].reserved, 500)
        self.apply(change("vrf", name="blue", reserved_routes=499))
        self.apply(*near("red", 4500, 1))
        self.apply(*self.gone(near("red", 4500, 1)))


class Configured(LimitsTestCase):
    """Each limit by itself, and what is said when it is reached."""
    maximum = {"vrfs": 2, "interfaces": 3, "tunnel_endpoints": 2, "vni_bindings": 3, "next_hops": 3,
               "next_hop_groups": 2, "routes": 5, "port_pairs": 1, "port_pair_groups": 1, "flow_classifiers": 3,
               "port_chains": 1}

    def test_reported(self):
        limits = self.limits()
        self.assertEqual(self.maximum, {name: limits[name].maximum for name in self.maximum})

    def test_refusals(self):
        def endpoint(number, *vnis):
            return tunnel(f"t{number}", remote_address=f"198.51.100.{number + 1}", underlay_vrf="v0",
                          vni_bindings=[{"vni": vni, "vrf": "v1"} for vni in vnis])

        make = {
            "vrfs": lambda n: change("vrf", name=f"v{n}"),
            "interfaces": lambda n: change("interface", name=f"i{n}", vrf="v0"),
            "tunnel_endpoints": lambda n: endpoint(n, n + 1),
            "next_hops": lambda n: change("next_hop", name=f"n{n}", discard={}),
            "next_hop_groups": lambda n: group(f"g{n}", "n0"),
            "routes": lambda n: route("v0", f"10.{n}.0.0/16", "g0"),
            "port_pairs": lambda n: change("port_pair", name=f"p{n}", ingress=f"i{2 * n}", egress=f"i{2 * n + 1}"),
            "port_pair_groups": lambda n: change("port_pair_group", name=f"pg{n}", port_pairs=[f"p{n}"]),
            "flow_classifiers": lambda n: change("flow_classifier", name=f"c{n}", vrf="v0", priority=n),
            "port_chains": lambda n: change("port_chain", name=f"ch{n}", flow_classifiers=[f"c{n}"],
                                            port_pair_groups=[f"pg{n}"]),
        }
        for name, one in make.items():
            self.apply(*[one(number) for number in range(self.maximum[name])])
        self.assertEqual(self.limits()["routes"].used, 5)
        for name in ("vrfs", "interfaces", "next_hops", "next_hop_groups", "routes", "flow_classifiers"):
            most = self.maximum[name]
            self.assertFails("RESOURCE_EXHAUSTED", self.apply, make[name](most),
                             says=f"{name}: {most + 1} needed, the limit is {most}: raise limits.max_{name}")
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, endpoint(3, 3),
                         says="tunnel_endpoints: 3 needed, the limit is 2: raise limits.max_tunnel_endpoints")
        self.assertFails("RESOURCE_EXHAUSTED", self.apply, endpoint(1, 2, 12, 22),
                         says="vni_bindings: 4 needed, the limit is 3: raise limits.max_vni_bindings")


class Largest(LimitsTestCase):
    options = ("--limits", "most")

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
