# SPDX-License-Identifier: Apache-2.0
"""ReplaceOwned: a stream that is all that an owner is to have."""

import threading

import grpc
from google.protobuf import json_format

import daemon
from daemon import change, delete, discard, group, route, wait_for


class ReplaceOwned(daemon.TestCase):
    def messages(self, *batches, owner="test", kinds=(), vrfs=(), last=True, **options):
        """A message for each batch of changes; the first has options and scope, the last says so."""
        message = self.config.ReplaceOwned.request_class
        requests = [json_format.ParseDict({"changes": batch}, message()) for batch in batches or [[]]]
        first = {"options": dict(options, owner=owner), "kinds": ["RESOURCE_KIND_" + kind for kind in kinds],
                 "vrfs": list(vrfs)}
        requests[0].MergeFrom(json_format.ParseDict(first, message()))
        requests[-1].last = last
        return requests

    def replace(self, *batches, **options):
        return self.config.ReplaceOwned(iter(self.messages(*batches, **options)))

    def counts(self, response):
        result = response.result
        return result.created, result.replaced, result.unchanged, result.deleted

    def test_what_is_not_mentioned_goes(self):
        self.apply(*discard(), route("red", "10.0.0.0/8"), route("red", "10.1.0.0/16"), change("vrf", name="old"))
        before = self.revision()
        answer = self.replace(discard(), [route("red", "10.0.0.0/8"), route("red", "10.2.0.0/16")])
        self.assertEqual(self.counts(answer), (1, 0, 4, 2))
        self.assertEqual(answer.result.revision, before + 1)
        self.assertEqual(self.keys("ROUTE"), ["red/10.0.0.0/8", "red/10.2.0.0/16"])
        self.assertEqual(self.keys("VRF"), ["red"])
        self.assertEqual([(each.key, each.outcome) for each in answer.result.results[5:]],
                         [("old", 4), ("red/10.1.0.0/16", 4)])
        self.assertEqual(self.counts(self.replace(discard() + [route("red", "10.0.0.0/8"),
                                                               route("red", "10.2.0.0/16")])), (0, 0, 5, 0))
        self.assertEqual(self.revision(), before + 1)

    def test_a_dry_run(self):
        self.apply(*discard(), route("red", "10.0.0.0/8"))
        before = self.revision()
        answer = self.replace(discard() + [route("red", "10.2.0.0/16")], validate_only=True)
        self.assertEqual(self.counts(answer), (1, 0, 3, 1))
        self.assertEqual(sorted((each.key, each.HasField("before"), each.HasField("after"))
                                for each in answer.differences),
                         [("red/10.0.0.0/8", True, False), ("red/10.2.0.0/16", False, True)])
        self.assertEqual(self.revision(), before)
        self.assertEqual(self.system.GetSystem().open_transactions, 0)

    def test_nothing_is_everything(self):
        self.apply(change("vrf", name="theirs"), owner="them")
        self.apply(*discard(), route("red", "10.0.0.0/8"))
        self.assertEqual(self.counts(self.replace()), (0, 0, 0, 4))
        self.assertEqual(self.keys("VRF"), ["theirs"])

    def test_scope(self):
        self.apply(*discard(), change("vrf", name="blue"), route("red", "10.0.0.0/8"), route("blue", "10.0.0.0/8"),
                   change("interface", name="r0", vrf="red"))
        self.assertEqual(self.counts(self.replace([route("red", "10.1.0.0/16")], vrfs=["red"], kinds=["ROUTE"])),
                         (1, 0, 0, 1))
        self.assertEqual(self.keys("ROUTE"), ["blue/10.0.0.0/8", "red/10.1.0.0/16"])
        self.assertEqual(self.keys("INTERFACE"), ["r0"])
        self.assertEqual(self.counts(self.replace(vrfs=["red", "blue"])), (0, 0, 0, 3))
        self.assertEqual(self.keys("VRF"), ["blue", "red"])
        self.assertEqual(self.counts(self.replace([change("vrf", name="red")], kinds=["VRF"])), (0, 0, 1, 1))
        self.assertEqual(self.keys("NEXT_HOP_GROUP"), ["drop"])

    def test_out_of_scope(self):
        self.apply(*discard())
        refused = ((dict(kinds=["VRF"]), [route("red", "10.0.0.0/8")], "changes[0].resource"),
                   (dict(vrfs=["blue"]), [route("red", "10.0.0.0/8")], "changes[0].resource"),
                   (dict(vrfs=["red"]), [change("vrf", name="red")], "changes[0].resource"),
                   (dict(vrfs=["red"], kinds=["ROUTE", "NEXT_HOP"]), [], "kinds[1]"),
                   (dict(kinds=["UNSPECIFIED"]), [], "kinds[0]"),
                   (dict(vrfs=["x" * 64]), [], "vrfs[0]"),
                   (dict(owner=""), [], "options.owner"))
        for options, changes, field in refused:
            self.assertFails("INVALID_ARGUMENT", self.replace, changes, field=field, **options)
        self.assertFails("INVALID_ARGUMENT", self.replace, [], [delete("vrf", name="red")], field="changes[0].op")
        self.assertEqual(self.keys("VRF"), ["red"])
        self.assertEqual(self.system.GetSystem().open_transactions, 0)

    def test_later_messages_have_only_changes(self):
        requests = self.messages([], [])
        requests[1].options.owner = "test"
        self.assertFails("INVALID_ARGUMENT", self.config.ReplaceOwned, iter(requests), field="options")
        self.assertFails("INVALID_ARGUMENT", self.config.ReplaceOwned, iter([]), field="last")

    def test_a_stream_that_was_cut_changes_nothing(self):
        self.apply(*discard(), route("red", "10.0.0.0/8"))
        before = self.revision()
        self.assertFails("INVALID_ARGUMENT", self.replace, [change("vrf", name="red")], last=False, field="last")
        for _ in range(10):
            sent, hold = threading.Event(), threading.Event()

            def requests():
                yield from self.messages([change("vrf", name="red")], last=False)
                sent.set()
                hold.wait()

            call = self.config.ReplaceOwned.future(requests())
            sent.wait()
            wait_for(lambda: self.system.GetSystem().open_transactions == 1, "the stream")
            call.cancel()
            hold.set()
            wait_for(lambda: self.system.GetSystem().open_transactions == 0, "the stream to be gone")
        self.assertEqual(self.revision(), before)
        self.assertEqual(self.keys("ROUTE"), ["red/10.0.0.0/8"])

    def test_others(self):
        """Resources that another refers to can't go, and who that is is said; another's can't be taken."""
        self.apply(change("vrf", name="theirs"), owner="them")
        self.apply(*discard())
        self.apply(route("red", "10.0.0.0/8"), owner="them")
        before = self.revision()
        self.assertFails("FAILED_PRECONDITION", self.replace, [change("next_hop", name="drop", discard={}),
                                                               group("drop", "drop")], field='owned.vrf["red"]',
                         says='route "red/10.0.0.0/8" of them refers to it')
        self.assertFails("PERMISSION_DENIED", self.replace, discard() + [change("vrf", name="theirs")],
                         field="changes[3].resource")
        self.assertEqual(self.revision(), before)

    def test_options(self):
        base = self.apply(*discard()).result.revision
        self.assertFails("ABORTED", self.replace, discard(), expected_revision=base + 7,
                         field="options.expected_revision")
        first = self.replace(discard(), [route("red", "10.0.0.0/8")], request_id="once")
        self.assertEqual(self.replace(discard() + [route("red", "10.0.0.0/8")], request_id="once"), first)
        self.assertFails("INVALID_ARGUMENT", self.replace, discard(), request_id="once", field="options.request_id")
        self.assertFails("INVALID_ARGUMENT", self.replace, discard(), [route("red", "10.0.0.0/8")], kinds=[
            "VRF", "NEXT_HOP", "NEXT_HOP_GROUP", "ROUTE"], request_id="once", field="options.request_id")

    def test_a_table_replaced_by_itself(self):
        routes = [route("red", f"10.{high}.{low}.0/24") for high in range(60) for low in range(256)]
        batches = [discard()] + [routes[at:at + 1000] for at in range(0, len(routes), 1000)]
        self.assertEqual(self.counts(self.replace(*batches))[0], len(routes) + 3)
        before = self.revision()
        self.assertEqual(self.counts(self.replace(*batches)), (0, 0, len(routes) + 3, 0))
        self.assertEqual(self.revision(), before)
        self.assertEqual(self.counts(self.replace(*batches[:2])), (0, 0, 1003, len(routes) - 1000))
        self.assertEqual(len(self.keys("ROUTE", page_size=1000)), 1000)
