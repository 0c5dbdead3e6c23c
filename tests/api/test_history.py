# SPDX-License-Identifier: Apache-2.0
"""The history of revisions, rollbacks, and commits that are undone unless somebody confirms them."""

import shutil
import signal
import tempfile
import time

from google.protobuf import json_format

import daemon
from daemon import change, delete, discard, route, wait_for


class History(daemon.TestCase):
    def apply_as(self, owner, *changes, **options):
        return self.config.ApplyChanges({"options": dict(options, owner=owner), "changes": list(changes)}).result

    def rollback(self, owner, revision, **options):
        return self.config.Rollback({"options": dict(options, owner=owner), "revision": revision})

    def revisions(self, **request):
        return self.client.HistoryService.ListRevisions(request)

    def states(self):
        return [(one.revision, one.owner, one.state) for one in self.revisions().revisions]

    def test_list_diff_rollback(self):
        first = self.revision()
        self.apply_as("a", *discard(), request_id="one")
        self.apply_as("b", change("vrf", name="blue"))
        self.apply_as("a", route("red", "192.0.2.0/24"))
        answer = self.revisions()
        self.assertEqual([(one.revision - first, one.owner, one.request_id, one.created)
                          for one in answer.revisions[:3]],
                         [(3, "a", "", 1), (2, "b", "", 1), (1, "a", "one", len(discard()))])
        self.assertEqual((answer.oldest_revision, answer.newest_revision), (0, first + 3))
        self.assertLess(abs(answer.revisions[0].time_unix_ms / 1000 - time.time()), 60)
        self.assertEqual({one.owner for one in self.revisions(owner="b").revisions}, {"b"})
        pages = self.revisions(page_size=2)
        self.assertEqual([one.revision - first for one in
                          self.revisions(page_size=2, page_token=pages.next_page_token).revisions][:1], [1])
        history = self.client.HistoryService
        differences = history.DiffRevisions({"from_revision": first + 1, "to_revision": first + 3}).differences
        self.assertEqual([one.key for one in differences], ["blue", "red/192.0.2.0/24"])
        back = history.DiffRevisions({"from_revision": first + 3, "to_revision": first + 1}).differences
        self.assertTrue(all(one.HasField("before") and not one.HasField("after") for one in back))

        dry = self.rollback("a", first, validate_only=True)
        self.assertEqual(len(dry.differences), len(discard()) + 1)
        done = self.rollback("a", first, request_id="back").result
        self.assertEqual((done.revision, done.deleted), (first + 4, len(discard()) + 1))
        self.assertEqual(self.rollback("a", first, request_id="back").result.revision, first + 4)
        self.assertEqual(self.keys("VRF"), ["blue"])
        self.assertFails("OUT_OF_RANGE", self.rollback, "a", first + 5)
        self.assertFails("OUT_OF_RANGE", history.DiffRevisions, {"from_revision": 1 << 40})
        self.assertFails("INVALID_ARGUMENT", self.revisions, page_size=1001)
        self.assertFails("INVALID_ARGUMENT", self.revisions, page_token="00")
        self.apply_as("b", delete("vrf", name="blue"))

    def test_another_needs_it(self):
        first = self.revision()
        self.apply_as("a", *discard())
        self.apply_as("b", route("red", "198.51.100.0/24"))
        self.assertFails("FAILED_PRECONDITION", self.rollback, "a", first, field="revision",
                         says="red/198.51.100.0/24")
        self.apply_as("b", delete("route", vrf="red", prefix="198.51.100.0/24"))
        self.rollback("a", first)

    def test_confirm(self):
        done = self.apply_as("a", change("vrf", name="kept"), confirm_seconds=600)
        self.assertFails("FAILED_PRECONDITION", self.apply_as, "a", change("vrf", name="other"))
        added = self.apply_as("a", change("vrf", name="too"), confirm_seconds=300)
        waiting, = self.client.SystemService.GetSystem({}).confirmations
        self.assertEqual((waiting.owner, waiting.revision, waiting.last_revision),
                         ("a", done.revision, added.revision))
        self.assertLess(abs(waiting.confirm_by_unix_ms / 1000 - time.time() - 300), 60)
        self.apply_as("a", delete("vrf", name="too"), confirm_seconds=600)
        for _ in range(2):
            answer = self.config.ConfirmCommit({"options": {"owner": "a"}, "revision": done.revision})
            self.assertEqual(answer.confirm_id, done.revision)
        self.assertEqual(self.states()[2], (done.revision, "a", 3))
        self.assertEqual(list(self.client.SystemService.GetSystem({}).confirmations), [])
        self.assertFails("NOT_FOUND", self.config.ConfirmCommit, {"options": {"owner": "a"}})
        self.assertFails("INVALID_ARGUMENT", self.apply_as, "a", change("vrf", name="v"),
                         field="options.confirm_seconds", confirm_seconds=86401)
        self.apply_as("a", delete("vrf", name="kept"))

    def test_nobody_confirms(self):
        done = self.apply_as("a", change("vrf", name="gone"), confirm_seconds=1)
        self.assertEqual(self.keys("VRF"), ["gone"])
        wait_for(lambda: self.keys("VRF") == [], "the commit to be undone")
        self.assertEqual(self.states()[:2], [(done.revision + 1, "a", 1), (done.revision, "a", 4)])
        self.assertFails("FAILED_PRECONDITION", self.config.ConfirmCommit,
                         {"options": {"owner": "a"}, "revision": done.revision},
                         field="revision", says=f"undone by revision {done.revision + 1}")

    def test_transaction(self):
        begun = self.config.BeginTransaction({"options": {"owner": "a", "confirm_seconds": 600}})
        message = self.config.StageChanges.request_class
        stage = message(transaction_id=begun.transaction_id)
        json_format.ParseDict({"changes": [change("vrf", name="staged")]}, stage)
        self.config.StageChanges(iter([stage]))
        done = self.config.CommitTransaction({"transaction_id": begun.transaction_id}).result
        self.assertEqual(self.states()[0], (done.revision, "a", 2))
        self.rollback("a", done.revision - 1)
        self.assertEqual(self.states()[1], (done.revision, "a", 4))


    def test_verdicts(self):
        """What dies on the way is counted with the revision that it met; time passes, so that each has its own."""
        self.daemon.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        self.addCleanup(self.daemon.ip, "link", "delete", "veth0")
        for name in "veth0", "veth1":
            self.daemon.ip("link", "set", name, "up")
        self.apply(change("vrf", name="red"), change("interface", name="a", vrf="red", device="veth0"))
        wait_for(lambda: self.get("INTERFACE", "a").programmed == 1, "the interface")
        first = self.revision()
        frame = bytes.fromhex("02534c000001" "020000000001" "0800" "4500001c0000000040118e9b" "c0000201" "c6336401"
                              "000100090008000000000000")
        mac = self.get("INTERFACE", "a").interface_status.mac

        def send(count):
            daemon.run("ip", "netns", "exec", self.daemon.netns, "/usr/bin/python3", "-c", f"""
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("veth1", 0))
for _ in range({count}):
    s.send(bytes.fromhex("{mac.replace(':', '')}") + bytes.fromhex("{frame.hex()}")[6:])""")
        def no_route(**request):
            return [(each.revision - first, each.counters.packets, each.until_unix_ms != 0)
                    for each in self.client.HistoryService.ListVerdicts(dict(request, reason="no_route")).verdicts]
        send(3)
        wait_for(lambda: no_route() == [(0, 3, False)], "three packets")
        time.sleep(0.02)
        self.apply(change("vrf", name="blue"))
        send(2)
        wait_for(lambda: no_route(from_revision=first) == [(1, 2, False), (0, 3, True)], "two more")
        self.assertEqual(no_route(from_revision=first + 1), [(1, 2, False)])
        self.assertEqual(no_route(limit=1), [(1, 2, False)])
        self.assertFails("INVALID_ARGUMENT", self.client.HistoryService.ListVerdicts, {"reason": "nonsense"}, field="reason")
        self.assertFails("INVALID_ARGUMENT", self.client.HistoryService.ListVerdicts, {"limit": 10001}, field="limit")


class Restart(daemon.TestCase):
    """With a journal: what waits goes on waiting, and is undone where its time has run out meanwhile."""

    def test_restart(self):
        directory = tempfile.mkdtemp(prefix="slu-api-state-")
        self.addCleanup(shutil.rmtree, directory)
        options = ("--state", directory)
        with_journal = daemon.Daemon(*options)
        self.addCleanup(with_journal.stop, check=False)

        def apply(owner, name, seconds):
            with with_journal.client() as client:
                return client.ConfigService.ApplyChanges(
                    {"options": {"owner": owner, "confirm_seconds": seconds},
                     "changes": [change("vrf", name=name)]}).result.revision

        def states():
            with with_journal.client() as client:
                return [(one.revision, one.state) for one in client.HistoryService.ListRevisions({}).revisions]

        apply("a", "kept", 0)
        apply("b", "late", 1)
        waits = apply("c", "waits", 600)
        with_journal.process.send_signal(signal.SIGKILL)
        with_journal.process.wait()
        time.sleep(1.2)  # the time that runs out while nobody is there
        with_journal.start(*options)
        self.assertEqual(states(), [(4, 1), (3, 2), (2, 4), (1, 1)])
        with with_journal.client() as client:
            answer = client.ConfigService.ConfirmCommit({"options": {"owner": "c"}, "revision": waits})
            self.assertEqual(answer.durability, 1)
        with_journal.process.send_signal(signal.SIGKILL)
        with_journal.process.wait()
        with_journal.start(*options)
        self.assertEqual(states(), [(4, 1), (3, 3), (2, 4), (1, 1)])
        with with_journal.client() as client:
            client.ConfigService.Rollback({"options": {"owner": "c"}, "revision": 2})
        self.assertEqual(states()[0], (5, 1))


if __name__ == "__main__":
    daemon.unittest.main()
