# SPDX-License-Identifier: Apache-2.0
"""Conntrack profiles, and connections as clients ask for them: tests/lab/test_connections.sh has real ones."""

import daemon
from daemon import change, delete

DROP_NEW, PASS_UNTRACKED = 1, 2


class Profiles(daemon.TestCase):
    def profile(self, name):
        return self.get("CONNTRACK_PROFILE", name).resource.conntrack_profile

    def test_profiles(self):
        self.apply(change("vrf", name="red"), change("vrf", name="blue"),
                   change("conntrack_profile", name="a", vrf="red"),
                   change("conntrack_profile", name="b", vrf="blue", tcp_established_seconds=864_000, udp_seconds=1,
                          tcp_transitory_seconds=60, icmp_seconds=5, tcp_pickup=True, on_full=PASS_UNTRACKED))
        a, b = self.profile("a"), self.profile("b")
        self.assertEqual((a.tcp_established_seconds, a.tcp_pickup, a.on_full), (0, False, DROP_NEW))
        self.assertEqual((b.tcp_established_seconds, b.tcp_transitory_seconds, b.udp_seconds, b.icmp_seconds),
                         (864_000, 60, 1, 5))
        self.assertEqual((b.tcp_pickup, b.on_full, b.vrf), (True, PASS_UNTRACKED, "blue"))
        self.assertEqual(self.keys("CONNTRACK_PROFILE", vrf="blue"), ["b"])
        self.assertEqual(self.outcomes(self.apply(change("conntrack_profile", name="a", vrf="red"))), ["UNCHANGED"])

    def test_faults(self):
        self.apply(change("vrf", name="red"), change("conntrack_profile", name="a", vrf="red"))
        for field, fields in (("tcp_established_seconds", {"tcp_established_seconds": 864_001}),
                              ("tcp_transitory_seconds", {"tcp_transitory_seconds": 864_001}),
                              ("udp_seconds", {"udp_seconds": 864_001}), ("icmp_seconds", {"icmp_seconds": 864_001}),
                              ("on_full", {"on_full": 3}), ("vrf", {"vrf": "none"}), ("vrf", {"vrf": ""})):
            with self.subTest(field=field):
                self.assertRefused(f"changes[0].resource.conntrack_profile.{field}",
                                   change("conntrack_profile", name="a", **{"vrf": "red", **fields}))
        self.assertRefused("changes[0].resource.conntrack_profile.vrf",
                           change("conntrack_profile", name="b", vrf="red"),
                           says='has the conntrack profile "a" already')
        self.assertRefused("changes[0].resource", delete("vrf", name="red"), code="FAILED_PRECONDITION")


class Connections(daemon.TestCase):
    def connections(self, **request):
        return self.client.ConnectionService.ListConnections(request)

    def test_nothing_there(self):
        answer = self.connections()
        self.assertEqual((list(answer.connections), answer.count, answer.next_page_token), ([], 0, ""))
        self.assertEqual(answer.capacity, 16384)
        self.assertEqual(list(self.connections(heaviest_sources=20).sources), [])
        gauges = {limit.name: (limit.used, limit.maximum) for limit in self.system.ListLimits().limits}
        self.assertEqual((gauges["connections"], gauges["ipv6_connections"]), ((0, 16384), (0, 8192)))
        self.apply(change("vrf", name="red"))
        self.assertEqual(list(self.connections(filter={"vrf": "red", "prefix": "10.0.0.0/8", "port": 1}).connections), [])
        deleted = self.client.ConnectionService.DeleteConnections({"all": True})
        self.assertEqual(deleted.deleted, 0)

    def test_faults(self):
        for code, field, request in (("NOT_FOUND", "filter.vrf", {"filter": {"vrf": "none"}}),
                                     ("NOT_FOUND", "filter.rule", {"filter": {"rule": "none"}}),
                                     ("NOT_FOUND", "filter.member", {"filter": {"member": "none"}}),
                                     ("NOT_FOUND", "filter.listener", {"filter": {"listener": "none"}}),
                                     ("NOT_FOUND", "filter.load_balancer", {"filter": {"load_balancer": "none"}}),
                                     ("INVALID_ARGUMENT", "filter.prefix", {"filter": {"prefix": "10.0.0.1/8"}}),
                                     ("INVALID_ARGUMENT", "filter.protocol", {"filter": {"protocol": 256}}),
                                     ("INVALID_ARGUMENT", "filter.port", {"filter": {"port": 65536}}),
                                     ("INVALID_ARGUMENT", "page_size", {"page_size": 10001}),
                                     ("INVALID_ARGUMENT", "page_token", {"page_token": "x"}),
                                     ("INVALID_ARGUMENT", "heaviest_sources", {"heaviest_sources": 1001}),
                                     ("INVALID_ARGUMENT", "page_token", {"page_token": "1", "heaviest_sources": 1}),
                                     ("INVALID_ARGUMENT", "page_token", {"page_token": "99999999999"})):
            with self.subTest(field=field):
                self.assertFails(code, self.client.ConnectionService.ListConnections, request, field=field)
        forget = self.client.ConnectionService.DeleteConnections
        self.assertFails("INVALID_ARGUMENT", forget, {}, field="filter", says="every connection")
        self.assertFails("INVALID_ARGUMENT", forget, {"all": True, "filter": {"port": 1}}, field="all")
        self.assertFails("NOT_FOUND", forget, {"filter": {"vrf": "none"}}, field="filter.vrf")
