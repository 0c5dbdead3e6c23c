# SPDX-License-Identifier: Apache-2.0
"""ConfigService.ApplyChanges: outcomes, ownership, revisions, retries; what a commit of every kind looks like."""

import grpc

import daemon
from daemon import chain, change, delete, discard, gateway, group, route, tunnel


class Apply(daemon.TestCase):
    def test_every_kind_in_one_commit(self):
        changes = chain() + [change("vrf", name="underlay"), tunnel(),
                             gateway("gw", "in0", "198.51.100.1", mac="02:00:00:00:00:01"),
                             change("next_hop", name="remote", tunnel={
                                 "tunnel_endpoint": "vtep", "vni": 100, "mac": "02:00:00:00:00:02"}),
                             group("both", "gw", "remote"), route("red", "198.51.100.0/24", "both"),
                             route("red", "203.0.113.0/24", "both")]
        for number, each in enumerate(changes):
            each["id"] = f"change-{number}"
        before = self.revision()
        # References may be made in any order.
        response = self.apply(*reversed(changes))
        self.assertEqual(response.result.revision, before + 1)
        self.assertEqual(response.result.created, len(changes))
        self.assertEqual([result.id for result in response.result.results], [each["id"] for each in reversed(changes)])
        self.assertEqual(set(self.outcomes(response)), {"CREATED"})
        self.assertEqual(self.keys("ROUTE"), ["red/198.51.100.0/24", "red/203.0.113.0/24"])

    def test_idempotence(self):
        first = self.apply(*discard(), route("red", "192.0.2.0/24"))
        again = self.apply(*discard(), route("red", "192.0.2.0/24"))
        self.assertEqual(set(self.outcomes(again)), {"UNCHANGED"})
        self.assertEqual(again.result.unchanged, 4)
        self.assertEqual(again.result.revision, first.result.revision)
        gone = self.apply(delete("route", vrf="red", prefix="192.0.2.0/24"))
        self.assertEqual(self.outcomes(gone), ["DELETED"])
        absent = self.apply(delete("route", vrf="red", prefix="192.0.2.0/24"), delete("vrf", name="never"))
        self.assertEqual(self.outcomes(absent), ["ABSENT", "ABSENT"])
        self.assertEqual(absent.result.revision, gone.result.revision)

    def test_replace_and_create(self):
        self.apply(change("vrf", "CREATE", name="red"))
        self.assertFails("ALREADY_EXISTS", self.apply, change("vrf", "CREATE", name="red"),
                         field="changes[0].resource")
        replaced = self.apply(change("vrf", "REPLACE", name="red", router_mac="02:00:00:00:00:07"))
        self.assertEqual(self.outcomes(replaced), ["REPLACED"])
        self.assertEqual(self.get("VRF", "red").resource.vrf.router_mac, "02:00:00:00:00:07")
        self.assertFails("NOT_FOUND", self.apply, change("vrf", "REPLACE", name="blue"),
                         field="changes[0].resource")

    def test_all_or_nothing(self):
        before = self.revision()
        self.assertFails("INVALID_ARGUMENT", self.apply, *discard(), route("red", "192.0.2.1/24"),
                         field="changes[3].resource.route.prefix")
        self.assertEqual(self.revision(), before)
        self.assertEqual(self.keys("VRF"), [])

    def test_several_faults_are_all_named(self):
        error = self.assertFails("INVALID_ARGUMENT", self.apply, change("vrf", name=""), route("red", "x"),
                                 change("next_hop", name="n"))
        self.assertGreaterEqual(len(self.client.violations(error)), 3)
        self.assertIn("more)", error.details())

    def test_stale_revision(self):
        current = self.apply(change("vrf", name="red")).result.revision
        for stale in current - 1 or current + 9, current + 1:
            self.assertFails("ABORTED", self.apply, change("vrf", name="blue"), expected_revision=stale)
        self.assertEqual(self.keys("VRF"), ["red"])
        self.apply(change("vrf", name="blue"), expected_revision=current)

    def test_only_the_owner_may_write(self):
        self.apply(change("vrf", name="red"), owner="alice")
        for changes in [delete("vrf", name="red")], [change("vrf", name="red", router_mac="02:00:00:00:00:07")]:
            self.assertFails("PERMISSION_DENIED", self.apply, *changes, owner="mallory", says="alice")
        self.assertEqual(self.get("VRF", "red").owner, "alice")

    def test_request_id_is_answered_again(self):
        first = self.apply(change("vrf", name="red"), request_id="r1")
        again = self.apply(change("vrf", name="red"), request_id="r1")
        self.assertEqual(again, first)
        self.assertEqual(self.outcomes(again), ["CREATED"])
        # another owner's is another request
        other = self.apply(change("vrf", name="blue"), owner="other", request_id="r1")
        self.assertEqual(self.outcomes(other), ["CREATED"])

    def test_validate_only(self):
        before = self.revision()
        self.apply(change("vrf", name="red"))
        dry = self.apply(change("vrf", name="red", router_mac="02:00:00:00:00:07"), change("vrf", name="blue"),
                         validate_only=True)
        self.assertEqual(self.outcomes(dry), ["REPLACED", "CREATED"])
        differences = {each.key: each for each in dry.differences}
        self.assertEqual(differences["red"].before.vrf.router_mac, "02:53:4c:00:00:01")
        self.assertEqual(differences["red"].after.vrf.router_mac, "02:00:00:00:00:07")
        self.assertFalse(differences["blue"].HasField("before"))
        self.assertEqual(self.revision(), before + 1)
        self.assertEqual(self.keys("VRF"), ["red"])
        self.assertFails("INVALID_ARGUMENT", self.apply, change("vrf", name=""), validate_only=True)

    def test_what_is_referred_to_cannot_go(self):
        self.apply(*discard(), route("red", "192.0.2.0/24"))
        for kind, name in ("vrf", "red"), ("next_hop_group", "drop"), ("next_hop", "drop"):
            self.assertFails("FAILED_PRECONDITION", self.apply, delete(kind, name=name))
        # together they can
        self.apply(delete("vrf", name="red"), delete("next_hop", name="drop"), delete("next_hop_group", name="drop"),
                   delete("route", vrf="red", prefix="192.0.2.0/24"))
        self.assertEqual(self.keys("VRF"), [])

    def test_two_clients_at_once(self):
        with self.daemon.client() as other:
            pending = []
            for number in range(40):
                client = (self.client, other)[number % 2]
                pending.append(client.ConfigService.ApplyChanges.future({
                    "options": {"owner": f"owner-{number % 2}"},
                    "changes": [change("vrf", name=f"vrf-{number:02}")]}, timeout=60))
            revisions = [each.result().result.revision for each in pending]
        self.assertEqual(len(set(revisions)), 40)
        self.assertEqual(self.keys("VRF"), [f"vrf-{number:02}" for number in range(40)])
        # One of two that start from the same revision loses, and knows it.
        base = self.revision()
        with self.daemon.client() as other:
            pending = [client.ConfigService.ApplyChanges.future({
                "options": {"owner": "race", "expected_revision": base},
                "changes": [change("vrf", name=name)]}, timeout=60)
                for client, name in ((self.client, "race-a"), (other, "race-b"))]
            codes = sorted(str(each.code()) for each in pending)
        self.assertEqual(codes, [str(grpc.StatusCode.ABORTED), str(grpc.StatusCode.OK)])
