# SPDX-License-Identifier: Apache-2.0
"""StateService and SystemService: desired and programmed state, ports, counters; one daemon a namespace."""

import os
import subprocess
import uuid

import daemon
from daemon import change, chain, discard, gateway, group, route, wait_for

PROGRAMMED, NOT_PROGRAMMED = 1, 2
TC = 2


class State(daemon.TestCase):
    def add_link(self, name, *addresses):
        self.daemon.ip("link", "add", name, "type", "veth", "peer", "name", name + "p")
        self.addCleanup(self.daemon.ip, "link", "delete", name)
        for end in name, name + "p":
            self.daemon.ip("link", "set", end, "up")
        for address in addresses:
            self.daemon.ip("address", "add", address, "dev", name)

    def test_an_interface_that_appears_later(self):
        response = self.apply(change("vrf", name="red"), change("interface", name="up", device="late0", vrf="red"))
        waiting = response.result.results[1]
        self.assertEqual(waiting.programmed, NOT_PROGRAMMED)
        self.assertIn("does not exist", waiting.reason)
        state = self.get("INTERFACE", "up")
        self.assertEqual((state.programmed, state.reason), (NOT_PROGRAMMED, waiting.reason))
        self.add_link("late0")
        state = wait_for(lambda: next((state for state in self.list("INTERFACE")
                                       if state.programmed == PROGRAMMED), None), "the interface to be programmed")
        self.assertEqual(state.reason, "")
        self.assertGreater(state.interface_status.ifindex, 0)
        self.assertEqual(state.interface_status.xdp_mode, TC)
        self.assertTrue(state.interface_status.up)

    def test_ports(self):
        self.add_link("port0")
        self.apply(change("vrf", name="red"), change("interface", name="port0", vrf="red"))
        ports = wait_for(lambda: self.system.ListPorts().ports, "the port")
        self.assertEqual([(port.device, port.xdp_mode) for port in ports], [("port0", TC)])
        self.assertIn("veth", ports[0].reason)
        self.assertEqual(ports[0].mac, self.get("INTERFACE", "port0").interface_status.mac)
        self.assertEqual(ports[0].mtu, 1500)

    def test_next_hops_wait_for_their_neighbour(self):
        self.add_link("near0", "198.51.100.1/24")
        self.apply(change("vrf", name="red"), change("interface", name="near0", vrf="red"),
                   gateway("static", "near0", "198.51.100.9", mac="02:00:00:00:00:09"),
                   gateway("resolved", "near0", "198.51.100.8"), group("g", "resolved"),
                   route("red", "203.0.113.0/24", "g"))
        wait_for(lambda: self.get("NEXT_HOP", "static").programmed == PROGRAMMED, "the static next hop")
        self.assertEqual(self.get("NEXT_HOP", "static").next_hop_status.mac, "02:00:00:00:00:09")
        self.assertEqual(self.get("NEXT_HOP", "resolved").programmed, NOT_PROGRAMMED)
        self.assertEqual(self.get("ROUTE", "red/203.0.113.0/24").programmed, NOT_PROGRAMMED)
        self.daemon.ip("neighbour", "replace", "198.51.100.8", "lladdr", "02:00:00:00:00:08", "dev", "near0")
        wait_for(lambda: self.get("NEXT_HOP", "resolved").programmed == PROGRAMMED, "the neighbour")
        self.assertEqual(self.get("NEXT_HOP", "resolved").next_hop_status.mac, "02:00:00:00:00:08")
        wait_for(lambda: self.get("ROUTE", "red/203.0.113.0/24").programmed == PROGRAMMED, "the route")

    def test_resources_come_back_as_they_were_given(self):
        self.apply(*chain(), *discard("red"), route("red", "2001:DB8:0::/48"))
        state = self.get("ROUTE", "red/2001:db8::/48")
        self.assertEqual(state.resource.route.prefix, "2001:db8::/48")
        self.assertEqual((state.owner, state.revision), ("test", self.revision()))
        self.assertTrue(state.HasField("counters"))
        self.assertEqual(state.counters.packets, 0)
        got = self.get("PORT_CHAIN", "chain").resource.port_chain
        self.assertEqual((list(got.flow_classifiers), list(got.port_pair_groups), got.symmetric),
                         (["web"], ["stage"], True))

    def test_packet_counters(self):
        counters = {counter.name: counter for counter in self.state.ListPacketCounters().counters}
        self.assertIn("no_route", counters)
        self.assertEqual({counter.verdict for counter in counters.values()}, {1, 2, 3, 4})
        self.assertTrue(all(counter.description for counter in counters.values()))

    def test_system(self):
        system = self.system.GetSystem()
        self.assertTrue(system.version)
        self.assertEqual(str(uuid.UUID(system.boot_id)), system.boot_id)
        self.assertEqual(system.kernel_release, os.uname().release)
        self.assertEqual(system.open_transactions, 0)
        before = system.generation
        self.apply(change("vrf", name="red"))
        after = self.system.GetSystem()
        self.assertEqual(after.revision, system.revision + 1)
        self.assertGreater(after.generation, before)


class Instance(daemon.TestCase):
    def sluiced(self, *options):
        return subprocess.run(["ip", "netns", "exec", self.daemon.netns, daemon.SLUICED, *options],
                              capture_output=True, text=True, timeout=60)

    def test_a_second_daemon_in_the_namespace_is_refused(self):
        second = self.sluiced("--listen", self.daemon.target + "2")
        self.assertNotEqual(second.returncode, 0)
        self.assertIn("another", second.stderr)
        self.client.Health.Check()

    def test_plain_text_beyond_loopback_is_refused(self):
        other = f"{self.daemon.netns}-b"
        daemon.run("ip", "netns", "add", other)
        self.addCleanup(daemon.run, "ip", "netns", "delete", other)
        refused = subprocess.run(["ip", "netns", "exec", other, daemon.SLUICED, "--listen", "192.0.2.1:50051"],
                                 capture_output=True, text=True, timeout=60)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("--insecure", refused.stderr)

    def test_check_only(self):
        """-n says of the options what a start would, beside a daemon that runs, and changes nothing."""
        right = self.sluiced("-n", "--listen", self.daemon.target, "--listen", "127.0.0.1:50051")
        self.assertEqual(right.returncode, 0, right.stderr)
        wrong = self.sluiced("-n", "--listen", self.daemon.target, "--listen", "192.0.2.1:50051")
        self.assertEqual(wrong.returncode, 2, wrong.stderr)
        self.assertIn("--insecure", wrong.stderr)
        self.client.Health.Check()

    def test_a_new_boot_is_told_apart(self):
        first = self.system.GetSystem().boot_id
        self.client.close()
        self.assertEqual(self.daemon.terminate(), 0)
        self.daemon.start()
        type(self).client = self.daemon.client()
        self.addClassCleanup(self.client.close)
        type(self).config, type(self).state, type(self).system = (
            self.client.ConfigService, self.client.StateService, self.client.SystemService)
        self.assertNotEqual(self.system.GetSystem().boot_id, first)
