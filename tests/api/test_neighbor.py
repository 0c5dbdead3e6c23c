# SPDX-License-Identifier: Apache-2.0
"""Static neighbours: keys of a VRF and an address, and the gateways that they resolve."""

import daemon
from daemon import change, delete, gateway, wait_for

PROGRAMMED, NOT_PROGRAMMED = 1, 2


class Neighbor(daemon.TestCase):
    def test_keys_listing_and_faults(self):
        self.apply(change("vrf", name="red"), change("vrf", name="blue"),
                   change("neighbor", vrf="red", address="2001:db8:0::1", mac="02:00:00:00:00:02"),
                   change("neighbor", vrf="red", address="192.0.2.1", mac="02:00:00:00:00:01"),
                   change("neighbor", vrf="blue", address="192.0.2.1", mac="02:00:00:00:00:03"))
        self.assertEqual(self.keys("NEIGHBOR"), ["blue/192.0.2.1", "red/192.0.2.1", "red/2001:db8::1"])
        self.assertEqual(self.keys("NEIGHBOR", vrf="red"), ["red/192.0.2.1", "red/2001:db8::1"])
        self.assertEqual(self.get("NEIGHBOR", "red/2001:db8::1").resource.neighbor.mac, "02:00:00:00:00:02")
        self.assertRefused("changes[0].resource.neighbor.address",
                           change("neighbor", vrf="red", address="224.0.0.1", mac="02:00:00:00:00:01"))
        self.assertRefused("changes[0].resource.neighbor.mac",
                           change("neighbor", vrf="red", address="192.0.2.2", mac="01:00:00:00:00:01"))
        self.assertRefused("changes[0].resource", delete("vrf", name="blue"), code="FAILED_PRECONDITION")

    def test_proxy(self):
        self.apply(change("vrf", name="red"),
                   change("neighbor", vrf="red", address="192.0.2.1", mac="02:00:00:00:00:01", proxy=2),
                   change("neighbor", vrf="red", address="192.0.2.2", proxy=3))
        self.assertEqual(self.get("NEIGHBOR", "red/192.0.2.1").resource.neighbor.proxy, 2)
        self.assertEqual(self.get("NEIGHBOR", "red/192.0.2.2").resource.neighbor.mac, "")
        self.assertRefused("changes[0].resource.neighbor.mac",
                           change("neighbor", vrf="red", address="192.0.2.3", proxy=2))
        self.assertRefused("changes[0].resource.neighbor.proxy",
                           change("neighbor", vrf="red", address="192.0.2.3", mac="02:00:00:00:00:01", proxy=4))

    def test_a_gateway_takes_the_neighbours_mac(self):
        self.daemon.ip("link", "add", "nb0", "type", "veth", "peer", "name", "nb0p")
        self.addCleanup(self.daemon.ip, "link", "delete", "nb0")
        for end in "nb0", "nb0p":
            self.daemon.ip("link", "set", end, "up")
        self.daemon.ip("address", "add", "192.0.2.254/24", "dev", "nb0")
        self.apply(change("vrf", name="red"), change("interface", name="up", device="nb0", vrf="red"),
                   gateway("gw", "up", "192.0.2.1"))
        wait_for(lambda: self.get("INTERFACE", "up").programmed == PROGRAMMED, "the interface")
        self.assertIn("does not answer", self.get("NEXT_HOP", "gw").reason)
        self.apply(change("neighbor", vrf="red", address="192.0.2.1", mac="02:00:00:00:00:01"))
        self.assertEqual(self.get("NEXT_HOP", "gw").programmed, PROGRAMMED)
        self.apply(delete("neighbor", vrf="red", address="192.0.2.1"))
        self.assertEqual(self.get("NEXT_HOP", "gw").programmed, NOT_PROGRAMMED)
