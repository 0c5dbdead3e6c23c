# SPDX-License-Identifier: Apache-2.0
"""Route sources over a real kernel's tables: what they learn, which candidate forwards, and what is refused."""

import daemon
from daemon import change, delete, group, route, wait_for

FORWARDING, BEATEN, SUPPRESSED, UNUSABLE = 1, 2, 3, 4
FOLLOWING = 2
TABLE = 77
PREFIX = "203.0.114.0/24"
LEARNED = f"red/{PREFIX}/frr"


def source(**fields):
    return change("route_source", **dict({"name": "frr", "vrf": "red", "table": TABLE}, **fields))


def protected(*owners):
    return change("protected_prefix", vrf="red", prefix="203.0.112.0/20", owners=list(owners))


class Sources(daemon.TestCase):
    def setUp(self):
        super().setUp()
        self.daemon.ip("link", "add", "up0", "type", "veth", "peer", "name", "up0p")
        self.addCleanup(self.daemon.ip, "link", "delete", "up0")
        self.addCleanup(self.forget)
        for end in "up0", "up0p":
            self.daemon.ip("link", "set", end, "up")
        self.daemon.ip("address", "add", "192.0.2.254/24", "dev", "up0")
        self.apply(change("vrf", name="red"), change("interface", name="up0", vrf="red"),
                   change("neighbor", vrf="red", address="192.0.2.1", mac="02:00:00:00:00:01"))
        wait_for(lambda: self.get("INTERFACE", "up0").programmed == 1, "the interface")

    def kernel(self, verb, *arguments, protocol=186):
        self.daemon.ip("route", verb, *arguments, "table", str(TABLE), "proto", str(protocol))

    def forget(self):
        """Discards have no device with which they would go."""
        for each in self.daemon.ip("route", "show", "table", "all").splitlines():
            if f" table {TABLE} " in each:
                self.daemon.ip("route", "del", *each.split())

    def follow(self, **fields):
        self.apply(source(**fields))
        wait_for(lambda: self.status().state == FOLLOWING, "the source to follow its table")

    def status(self):
        return self.get("ROUTE_SOURCE", "frr").route_source_status

    def candidate(self, kind="SOURCE_ROUTE", key=LEARNED):
        return self.get(kind, key).candidate_status

    def learned(self, *keys):
        wait_for(lambda: self.keys("SOURCE_ROUTE") == sorted(keys), f"{keys}, and not {self.keys('SOURCE_ROUTE')}")

    def test_what_the_kernel_has(self):
        self.kernel("add", PREFIX, "via", "192.0.2.1")
        self.follow()
        self.learned(LEARNED)
        revision = self.revision()
        state = self.get("SOURCE_ROUTE", LEARNED)
        learned = state.resource.source_route
        self.assertEqual((learned.vrf, learned.prefix, learned.source), ("red", PREFIX, "frr"))
        self.assertEqual((learned.protocol, learned.preference), (186, 100))
        self.assertEqual((state.owner, state.candidate_status.state), ("source/frr", FORWARDING))
        self.assertEqual(self.get("NEXT_HOP_GROUP", learned.next_hop_group).owner, "source/frr")
        wait_for(lambda: self.get("SOURCE_ROUTE", LEARNED).programmed == 1, "the route to be programmed")
        self.kernel("add", "203.0.115.0/24", "via", "192.0.2.1", protocol=188)
        self.learned(LEARNED, "red/203.0.115.0/24/frr")
        self.assertEqual(self.get("SOURCE_ROUTE", "red/203.0.115.0/24/frr").resource.source_route.protocol, 188)
        self.assertEqual((self.status().routes, self.status().groups), (2, 1))
        self.kernel("del", PREFIX)
        self.learned("red/203.0.115.0/24/frr")
        self.assertEqual(self.revision(), revision)
        self.apply(delete("route_source", name="frr"))
        self.learned()
        self.assertEqual(self.keys("NEXT_HOP_GROUP"), [])

    def test_discards_and_the_unusable(self):
        self.follow()
        for number, kind in enumerate(("blackhole", "unreachable", "prohibit"), 1):
            self.kernel("add", kind, f"203.0.11{number}.0/24")
            self.learned(*(f"red/203.0.11{each}.0/24/frr" for each in range(1, number + 1)))
            name = self.get("SOURCE_ROUTE", f"red/203.0.11{number}.0/24/frr").resource.source_route.next_hop_group
            hop = self.get("NEXT_HOP_GROUP", name).resource.next_hop_group.members[0].next_hop
            self.assertEqual(self.get("NEXT_HOP", hop).resource.next_hop.discard.reason, number)
        self.kernel("add", PREFIX, "dev", "lo")
        wait_for(lambda: LEARNED in self.keys("SOURCE_ROUTE"), "the route by the loopback device")
        self.assertEqual(self.candidate().state, UNUSABLE)
        self.assertEqual(self.status().unusable, 1)

    def test_the_lowest_preference_forwards(self):
        self.kernel("add", PREFIX, "via", "192.0.2.1")
        self.follow()
        self.learned(LEARNED)
        self.apply(change("next_hop", name="drop", discard={}), group("drop", "drop"), route("red", PREFIX))
        self.assertEqual(self.candidate().state, BEATEN)
        self.assertIn('owner "test" has preference 1, this one 100', self.candidate().reason)
        self.assertEqual(self.candidate("ROUTE", f"red/{PREFIX}").state, FORWARDING)
        self.apply(change("route", vrf="red", prefix=PREFIX, next_hop_group="drop", preference=200))
        self.assertEqual(self.candidate().state, FORWARDING)
        self.assertEqual(self.candidate("ROUTE", f"red/{PREFIX}").state, BEATEN)
        self.apply(source(protocols=[{"protocol": 186, "preference": 210}]))
        wait_for(lambda: self.candidate().state == BEATEN, "the protocol's own preference")
        self.apply(delete("route", vrf="red", prefix=PREFIX))
        self.assertEqual(self.candidate().state, FORWARDING)

    def test_protected_prefixes_and_the_guard(self):
        self.kernel("add", PREFIX, "via", "192.0.2.1")
        self.kernel("add", "198.51.100.0/24", "via", "192.0.2.1")
        self.follow()
        self.learned(LEARNED, "red/198.51.100.0/24/frr")
        bogon = self.candidate(key="red/198.51.100.0/24/frr")
        self.assertEqual((bogon.state, self.status().suppressed), (SUPPRESSED, 1))
        self.assertIn("allow_bogons", bogon.reason)
        self.apply(protected({"client": "test"}))
        self.assertEqual((self.candidate().state, self.status().suppressed), (SUPPRESSED, 2))
        self.assertIn('protected prefix "red/203.0.112.0/20"', self.candidate().reason)
        self.apply(protected({"client": "test"}, {"route_source": "frr"}))
        self.assertEqual(self.candidate().state, FORWARDING)
        self.apply(source(allow_bogons=True, allowed=[{"prefix": "198.51.0.0/16", "length_least": 24}]))
        wait_for(lambda: self.candidate().state == SUPPRESSED, "the guard's change")
        self.assertIn("route_source.allowed", self.candidate().reason)
        self.assertEqual(self.candidate(key="red/198.51.100.0/24/frr").state, FORWARDING)

    def test_nobody_writes_what_is_learned(self):
        self.kernel("add", PREFIX, "via", "192.0.2.1")
        self.follow()
        self.learned(LEARNED)
        name = self.get("SOURCE_ROUTE", LEARNED).resource.source_route.next_hop_group
        self.assertRefused("changes[0].resource.source_route", says="nobody writes it",
                           *[change("source_route", vrf="red", prefix=PREFIX, source="frr")])
        self.assertRefused("changes[0].resource.source_route", says="nobody writes it",
                           *[delete("source_route", vrf="red", prefix=PREFIX, source="frr")])
        self.assertRefused("changes[0].resource.next_hop_group.name",
                           change("next_hop_group", name=name, members=[{"next_hop": "x"}]))
        self.assertRefused("changes[0].resource.route.next_hop_group", route("red", "203.0.115.0/24", name))
        self.assertFails("INVALID_ARGUMENT", self.apply, change("vrf", name="blue"), owner="source/frr")

    def test_refusals(self):
        field = "changes[0].resource.route_source."
        self.follow()
        self.assertRefused(field + "table", source(name="x", table=0), says="254 (main)")
        self.assertRefused(field + "table", source(name="x"), says='followed by route source "frr"')
        self.assertRefused(field + "vrf", source(vrf=""))
        self.assertRefused(field + "vrf", source(vrf="none"), says='no VRF "none"')
        self.assertRefused(field + "underlay_vrf", source(underlay_vrf="none"), says='no VRF "none"')
        self.assertRefused(field + "preference", source(preference=256), says="0 to 255")
        self.assertRefused(field + "protocols[0].protocol", source(protocols=[{"protocol": 256}]))
        self.assertRefused(field + "protocols[0].preference", source(protocols=[{"protocol": 1, "preference": 256}]))
        self.assertRefused(field + "protocols[1].protocol", source(protocols=[{"protocol": 1}, {"protocol": 1}]))
        self.assertRefused(field + "protocols", source(protocols=[{"protocol": each} for each in range(33)]))
        for fields, name in (({"prefix": "10.0.0.1/8"}, "prefix"),
                             ({"prefix": "10.0.0.0/8", "length_least": 7}, "length_least"),
                             ({"prefix": "10.0.0.0/8", "length_most": 33}, "length_most"),
                             ({"prefix": "10.0.0.0/8", "length_least": 24, "length_most": 16}, "length_most")):
            self.assertRefused(field + "allowed[0]." + name, source(allowed=[fields]))
        field = "changes[0].resource.protected_prefix."
        self.assertRefused(field + "owners", protected())
        self.assertRefused(field + "owners[0]", protected({}), says="route_source or client")
        self.assertRefused(field + "owners[1]", protected({"client": "a"}, {"client": "a"}))
        self.assertRefused("changes[0].resource", delete("vrf", name="red"), code="FAILED_PRECONDITION")
