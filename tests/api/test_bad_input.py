# SPDX-License-Identifier: Apache-2.0
"""Whatever a client sends: a clear error that names the field, and no change."""

import os
from random import Random

import grpc
from google.protobuf import json_format

import daemon
from daemon import chain, change, delete, discard, gateway, group, route, tunnel

PLACEHOLDER = "qqqqqqqq"


class BadInput(daemon.TestCase):
    def bytes_request(self, text, *changes):
        """ApplyChanges as bytes, with `text` (eight bytes) where the placeholder is."""
        message = self.config.ApplyChanges.request_class()
        json_format.ParseDict({"options": {"owner": "test"}, "changes": list(changes)}, message)
        packed = message.SerializeToString()
        self.assertEqual(len(text), len(PLACEHOLDER))
        self.assertIn(PLACEHOLDER.encode(), packed)
        return packed.replace(PLACEHOLDER.encode(), text)

    def test_names_with_nul_or_bad_utf8(self):
        for text, says in (b"ab\0defgh", "NUL"), (b"ab\xff\xfeefgh", "UTF-8"), (b"abcde\xed\xa0\x80", "UTF-8"):
            for changes, field in (
                    ([change("vrf", name=PLACEHOLDER)], "changes[0].resource.vrf.name"),
                    ([change("vrf", name="a"), route("a", "192.0.2.0/24", PLACEHOLDER)],
                     "changes[1].resource.route.next_hop_group"),
                    ([change("next_hop_group", name="g", members=[{"next_hop": "a"}, {"next_hop": PLACEHOLDER}])],
                     "changes[0].resource.next_hop_group.members[1].next_hop"),
                    ([change("port_pair_group", name="g", port_pairs=["a", "b", PLACEHOLDER])],
                     "changes[0].resource.port_pair_group.port_pairs[2]")):
                before = self.revision()
                self.assertFails("INVALID_ARGUMENT", self.config.ApplyChanges, self.bytes_request(text, *changes),
                                 field=field, says=says)
                self.assertEqual(self.revision(), before)

    def test_bytes_that_are_no_message(self):
        for data in b"\xff", b"\x0a\x7f", b"\x12\x02\x12\x7f", b"\x0b", os.urandom(64) + b"\xff":
            self.assertFails("INVALID_ARGUMENT", self.config.ApplyChanges, data)
        self.client.Health.Check()

    def test_mutated_requests(self):
        """Each is answered, by OK or by a code that says whose fault it is; the daemon's sanitizers see the rest."""
        random = Random(2)
        fine = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND,
                grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.ABORTED,
                grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.RESOURCE_EXHAUSTED}
        message = self.config.ApplyChanges.request_class()
        changes = chain() + [change("vrf", name="underlay"), tunnel(), *discard(), route("red", "192.0.2.0/24")]
        json_format.ParseDict({"options": {"owner": "test"}, "changes": changes}, message)
        original = message.SerializeToString()
        seen = set()
        for _ in range(30):
            pending = []
            for _ in range(50):
                data = bytearray(original)
                for _ in range(random.randint(1, 4)):
                    data[random.randrange(len(data))] = random.choice([0, 1, 0x7f, 0x80, 0xff, random.randrange(256)])
                pending.append(self.config.ApplyChanges.future(bytes(data), timeout=60))
            seen.update(each.code() for each in pending)
        self.assertLessEqual(seen, fine)
        self.assertIn(grpc.StatusCode.INVALID_ARGUMENT, seen)
        self.client.Health.Check()

    def test_messages_that_grow_in_memory(self):
        self.assertFails("RESOURCE_EXHAUSTED", self.config.ApplyChanges, b"\x12\0" * (6 << 20), says="smaller parts")

    def test_messages_over_the_maximum(self):
        self.assertFails("RESOURCE_EXHAUSTED", self.config.ApplyChanges, b"\0" * ((16 << 20) + 1))
        self.client.Health.Check()

    def test_unknown_fields_are_ignored(self):
        request = self.bytes_request(b"redredre", change("vrf", name=PLACEHOLDER)) + b"\xf8\x01\x05\xfa\x01\x03abc"
        self.assertEqual(self.config.ApplyChanges(request).result.created, 1)

    def test_names(self):
        for name in "", "a" * 64, "a/b", "tab\there", "new\nline", "\x7f":
            self.assertRefused("changes[0].resource.vrf.name", change("vrf", name=name))
        self.apply(change("vrf", name="a" * 63), change("vrf", name="Überraschung ✓"))
        for owner in "", "o" * 64:
            self.assertFails("INVALID_ARGUMENT", self.apply, change("vrf", name="x"), owner=owner,
                             field="options.owner")
        self.assertFails("INVALID_ARGUMENT", self.apply, change("vrf", name="x"), request_id="r" * 64,
                         field="options.request_id")
        self.assertRefused("changes[0].id", change("vrf", name="x", id="i" * 64))

    def test_changes(self):
        self.assertFails("INVALID_ARGUMENT", self.apply, field="changes")
        self.assertFails("INVALID_ARGUMENT", self.config.ApplyChanges, {"changes": [change("vrf", name="x")]},
                         field="options.owner")
        self.assertRefused("changes[0].op", {"resource": {"vrf": {"name": "x"}}})
        self.assertRefused("changes[0].op", {"op": 77, "resource": {"vrf": {"name": "x"}}})
        self.assertRefused("changes[0].resource", {"op": "OPERATION_UPSERT"})
        self.assertRefused("changes[0].resource", {"op": "OPERATION_UPSERT", "resource": {}})

    def test_prefixes_and_addresses(self):
        self.apply(*discard())
        for prefix in ("192.0.2.1/24", "2001:db8::1/32", "192.0.2.0", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/",
                       "/24", "", "192.0.2/24", "192.0.2.0/-1", "192.0.2.0/024", " 192.0.2.0/24", "x/8",
                       "::ffff:1.2.3.4/300"):
            self.assertRefused("changes[0].resource.route.prefix", route("red", prefix))
        self.apply(change("interface", name="up0", vrf="red"))
        for address in "", "192.0.2", "192.0.2.256", "2001:db8::g", "192.0.2.1/32", "0.0.0.0", "224.0.0.1", "ff02::1":
            self.assertRefused("changes[0].resource.next_hop.gateway.address", gateway("gw", "up0", address))
        for mac in "02:00:00:00:00", "02:00:00:00:00:0g", "02-00-00-00-00-01", "01:00:5e:00:00:01", "00:00:00:00:00:00":
            self.assertRefused("changes[0].resource.next_hop.gateway.mac", gateway("gw", "up0", "192.0.2.1", mac=mac))

    def test_dangling_references(self):
        self.apply(*discard())
        for field, each in (
                ("route.next_hop_group", route("red", "192.0.2.0/24", "nope")),
                ("route.vrf", route("nope", "192.0.2.0/24")),
                ("interface.vrf", change("interface", name="eth0", vrf="nope")),
                ("next_hop.gateway.interface", gateway("gw", "nope", "192.0.2.1")),
                ("next_hop_group.members[1].next_hop", group("g", "drop", "nope")),
                ("tunnel_endpoint.underlay_vrf", tunnel(underlay_vrf="nope")),
                ("tunnel_endpoint.vni_bindings[0].vrf", tunnel(underlay_vrf="red", vrf="nope")),
                ("port_pair.ingress", change("port_pair", name="p", ingress="nope", egress="nope2")),
                ("port_pair_group.port_pairs[0]", change("port_pair_group", name="g", port_pairs=["nope"])),
                ("flow_classifier.vrf", change("flow_classifier", name="c", vrf="nope")),
                ("port_chain.flow_classifiers[0]", change("port_chain", name="c", flow_classifiers=["nope"],
                                                          port_pair_groups=["nope"]))):
            self.assertRefused("changes[0].resource." + field, each, says="nope")

    def test_a_vni_means_one_vrf(self):
        self.apply(change("vrf", name="underlay"), change("vrf", name="red"), change("vrf", name="blue"), tunnel())
        # twice in one endpoint
        self.assertRefused("changes[0].resource.tunnel_endpoint.vni_bindings[1].vni", tunnel(
            "other", remote_address="192.0.2.3", vni_bindings=[{"vni": 7, "vrf": "red"}, {"vni": 7, "vrf": "blue"}]))
        # two VRFs on one local address
        self.assertRefused("changes[0].resource.tunnel_endpoint.vni_bindings[0].vni",
                           tunnel("other", vrf="blue", remote_address="192.0.2.3"))
        # the same VRF, or another kind, is fine
        self.apply(tunnel("other", remote_address="192.0.2.3"),
                   tunnel("geneve", vrf="blue", kind="TUNNEL_KIND_GENEVE", remote_address="192.0.2.3"))

    def test_tunnel_endpoints(self):
        self.apply(change("vrf", name="underlay"), change("vrf", name="red"))
        base = "changes[0].resource.tunnel_endpoint."
        self.assertRefused(base + "kind", tunnel(kind="TUNNEL_KIND_UNSPECIFIED"))
        self.assertRefused(base + "remote_address", tunnel(remote_address="2001:db8::1"))
        self.assertRefused(base + "udp_port", tunnel(udp_port=65536))
        for vni in 0, 1 << 24:
            self.assertRefused(base + "vni_bindings[0].vni", tunnel(vni=vni))
        self.apply(tunnel())
        hop = {"tunnel_endpoint": "vtep", "vni": 101, "mac": "02:00:00:00:00:02"}
        self.assertRefused("changes[0].resource.next_hop.tunnel.vni", change("next_hop", name="n", tunnel=hop))

    def test_tunnels_without_vnis(self):
        self.apply(change("vrf", name="underlay"), change("vrf", name="red"), change("vrf", name="blue"))
        base = "changes[0].resource.tunnel_endpoint."
        plain = dict(kind="TUNNEL_KIND_IPIP", vni_bindings=[{"vrf": "red"}])
        self.assertRefused(base + "udp_port", tunnel(**plain, udp_port=4789))
        self.assertRefused(base + "udp_checksum", tunnel(**plain, udp_checksum="UDP_CHECKSUM_ZERO"))
        self.assertRefused(base + "vni_bindings[0].vni", tunnel(kind="TUNNEL_KIND_GUE"))
        self.assertRefused(base + "vni_bindings", tunnel(
            kind="TUNNEL_KIND_GUE", vni_bindings=[{"vrf": "red"}, {"vrf": "blue"}]))
        # each remote of one local address in a VRF of its own, and one that is only sent to
        self.apply(tunnel(**plain), tunnel("other", remote_address="192.0.2.3", kind="TUNNEL_KIND_IPIP",
                                           vni_bindings=[{"vrf": "blue"}]),
                   tunnel("out", remote_address="192.0.2.4", kind="TUNNEL_KIND_GUE", vni_bindings=[]))
        listed = {state.resource.tunnel_endpoint.name: state.resource.tunnel_endpoint
                  for state in self.list("TUNNEL_ENDPOINT")}
        self.assertEqual(listed["vtep"].udp_port, 0)
        self.assertEqual(listed["out"].udp_port, 6080)
        hop = {"tunnel_endpoint": "out"}
        self.assertRefused("changes[0].resource.next_hop.tunnel.vni",
                           change("next_hop", name="n", tunnel={**hop, "vni": 5, "mac": "02:00:00:00:00:02"}))
        self.assertRefused("changes[0].resource.next_hop.tunnel.mac",
                           change("next_hop", name="n", tunnel={**hop, "mac": "02:00:00:00:00:02"}))
        self.apply(change("next_hop", name="n", tunnel=hop))
        # what goes in without a VNI can't go on in a tunnel that needs one
        self.assertRefused(base + "kind", tunnel("out", remote_address="192.0.2.4", vni_bindings=[]),
                           code="FAILED_PRECONDITION")

    def test_next_hops_and_groups(self):
        self.apply(*discard())
        self.assertRefused("changes[0].resource.next_hop", change("next_hop", name="n"))
        self.assertRefused("changes[0].resource.next_hop_group.members", change("next_hop_group", name="g"))
        self.assertRefused("changes[0].resource.next_hop_group.members[1].next_hop", group("g", "drop", "drop"))
        self.assertRefused("changes[0].resource.next_hop_group.members[0].weight", change(
            "next_hop_group", name="g", members=[{"next_hop": "drop", "weight": 101}]))

    def test_interfaces(self):
        self.apply(change("vrf", name="red"))
        base = "changes[0].resource.interface."
        self.assertRefused(base + "vlan_id", change("interface", name="e", vrf="red", vlan_id=4095))
        self.assertRefused(base + "inner_vlan_id", change("interface", name="e", vrf="red", inner_vlan_id=5))
        self.assertRefused(base + "device", change("interface", name="e", vrf="red", device="d" * 16))
        self.apply(change("interface", name="e", device="eth0", vrf="red", vlan_id=5))
        # two interfaces on one device and VLAN
        self.assertRefused(base + "device", change("interface", name="f", device="eth0", vrf="red", vlan_id=5))

    def test_chains(self):
        self.apply(*chain())
        base = "changes[0].resource."
        self.assertRefused(base + "port_chain.flow_classifiers[0]", change(
            "port_chain", name="second", flow_classifiers=["web"], port_pair_groups=["stage"]))
        self.assertRefused(base + "port_chain.port_pair_groups", change(
            "port_chain", name="chain", flow_classifiers=["web"], port_pair_groups=[]))
        self.assertRefused(base + "port_chain.flow_classifiers", change(
            "port_chain", name="chain", flow_classifiers=[], port_pair_groups=["stage"]))
        self.assertRefused(base + "port_chain.port_pair_groups[1]", change(
            "port_chain", name="chain", flow_classifiers=["web"], port_pair_groups=["stage", "stage"]))
        self.assertRefused(base + "port_pair.ingress", change(
            "port_pair", name="second", ingress="in0", egress="out0"))
        self.assertRefused(base + "port_pair.egress", change("port_pair", name="pair", ingress="in0", egress="in0"))

    def test_flow_classifiers(self):
        self.apply(change("vrf", name="red"))
        base = "changes[0].resource.flow_classifier."

        def refused(field, **fields):
            self.assertRefused(base + field, change("flow_classifier", name="c", vrf="red", **fields))

        refused("priority", priority=65536)
        refused("source_prefix", source_prefix="192.0.2.1/24")
        refused("destination_prefix", source_prefix="192.0.2.0/24", destination_prefix="2001:db8::/32")
        refused("protocol", protocol=99)
        refused("destination_ports", destination_ports={"first": 80})
        refused("source_ports.first", protocol="IP_PROTOCOL_TCP", source_ports={"first": 65536})
        refused("source_ports.last", protocol="IP_PROTOCOL_TCP", source_ports={"first": 90, "last": 80})

    def test_reads(self):
        self.assertFails("INVALID_ARGUMENT", self.state.GetResource, {"key": "x"}, field="kind")
        self.assertFails("INVALID_ARGUMENT", self.state.ListResources, {"kind": 99}, field="kind")
        self.assertFails("INVALID_ARGUMENT", self.state.ListResources,
                         {"kind": "RESOURCE_KIND_VRF", "page_size": 10001}, field="page_size")
        for token in "x", "A" * 500, "🙂":
            self.assertFails("INVALID_ARGUMENT", self.state.ListResources,
                             {"kind": "RESOURCE_KIND_VRF", "page_token": token}, field="page_token")
        for kind, key in ("VRF", "nope"), ("ROUTE", "red/192.0.2.0/24"):
            self.assertFails("NOT_FOUND", self.state.GetResource, {"kind": "RESOURCE_KIND_" + kind, "key": key})

    def test_delete_reads_only_the_key(self):
        self.apply(*discard(), route("red", "192.0.2.0/24"))
        self.apply(change("route", "DELETE", vrf="red", prefix="192.0.2.0/24", next_hop_group="whatever"))
        self.assertRefused("changes[0].resource.vrf.name", delete("vrf", name=""))
