# SPDX-License-Identifier: Apache-2.0
"""Transactions: staging by streams, dry runs, commits, and those that nobody finishes."""

import os
import signal
import subprocess
import sys

from google.protobuf import json_format

import daemon
from daemon import change, delete, discard, route, wait_for

# A client that opens a transaction, stages one change, says so, and waits to be killed in the middle of its stream.
ABANDONER = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import reflect
client = reflect.Client(sys.argv[2])
begun = client.ConfigService.BeginTransaction({"options": {"owner": "gone"}, "idle_seconds": 1})
request = client.ConfigService.StageChanges.request_class
def requests():
    yield request(transaction_id=begun.transaction_id)
    print(begun.transaction_id, flush=True)
    threading.Event().wait()
client.ConfigService.StageChanges(requests(), timeout=None)
"""


class Transactions(daemon.TestCase):
    def begin(self, owner="test", idle_seconds=0, **options):
        return self.config.BeginTransaction({"options": dict(options, owner=owner),
                                             "idle_seconds": idle_seconds}).transaction_id

    def stage(self, *batches, transaction=None):
        """One stream, a message for each batch; only the first names the transaction. The total staged."""
        message = self.config.StageChanges.request_class
        requests = [json_format.ParseDict({"changes": batch}, message()) for batch in batches]
        if requests and transaction:
            requests[0].transaction_id = transaction
        return self.config.StageChanges(iter(requests)).staged

    def commit(self, transaction, **options):
        return self.config.CommitTransaction({"transaction_id": transaction, "options": options})

    def open(self):
        return self.system.GetSystem().open_transactions

    def test_begin_stage_validate_commit(self):
        transaction = self.begin()
        self.assertEqual(self.open(), 1)
        self.assertEqual(self.stage(discard(), [route("red", "192.0.2.0/24")], transaction=transaction), 4)
        self.assertEqual(self.stage([change("vrf", name="blue")], transaction=transaction), 5)
        self.assertEqual(self.keys("VRF"), [])
        dry = self.config.ValidateTransaction({"transaction_id": transaction})
        self.assertEqual(dry.result.created, 5)
        self.assertEqual(len(dry.differences), 5)
        self.assertEqual(self.keys("VRF"), [])
        before = self.revision()
        done = self.commit(transaction)
        self.assertEqual(done.result.revision, before + 1)
        self.assertEqual(done.result.created, 5)
        self.assertEqual(self.keys("VRF"), ["blue", "red"])
        self.assertFails("NOT_FOUND", self.commit, transaction, field="transaction_id")
        self.assertEqual(self.open(), 0)

    def test_a_long_stream(self):
        transaction = self.begin()
        self.stage(discard(), transaction=transaction)
        batches = [[route("red", f"10.{high}.{low}.0/24") for low in range(100)] for high in range(40)]
        self.assertEqual(self.stage(*batches, transaction=transaction), 4003)
        self.assertEqual(self.commit(transaction).result.created, 4003)
        self.assertEqual(len(self.keys("ROUTE", page_size=1000)), 4000)

    def test_abort(self):
        transaction = self.begin()
        self.stage(discard(), transaction=transaction)
        self.config.AbortTransaction({"transaction_id": transaction})
        self.assertFails("NOT_FOUND", self.commit, transaction)
        self.assertFails("NOT_FOUND", self.config.AbortTransaction, {"transaction_id": transaction})
        self.assertEqual(self.keys("VRF"), [])

    def test_unknown(self):
        for name in "", "nope", "00000000-0000-0000-0000-000000000000":
            for call in self.config.CommitTransaction, self.config.ValidateTransaction, self.config.AbortTransaction:
                self.assertFails("NOT_FOUND", call, {"transaction_id": name}, field="transaction_id")
            self.assertFails("NOT_FOUND", self.stage, [change("vrf", name="x")], transaction=name,
                             field="transaction_id")
        self.assertFails("INVALID_ARGUMENT", self.stage, field="transaction_id")  # an empty stream
        self.assertEqual(self.keys("VRF"), [])

    def test_a_wrong_message_is_not_staged_the_earlier_ones_are(self):
        transaction = self.begin()
        self.assertFails("INVALID_ARGUMENT", self.stage, discard(), [change("vrf", name="blue"), route("red", "x")],
                         [change("vrf", name="green")], transaction=transaction)
        self.assertEqual(self.stage([route("red", "192.0.2.0/24")], transaction=transaction), 4)
        self.commit(transaction)
        self.assertEqual(self.keys("VRF"), ["red"])

    def test_a_commit_that_fails_ends_it(self):
        transaction = self.begin()
        self.stage([route("nowhere", "192.0.2.0/24", "nope")], transaction=transaction)
        self.assertFails("INVALID_ARGUMENT", self.config.ValidateTransaction, {"transaction_id": transaction})
        self.assertFails("INVALID_ARGUMENT", self.commit, transaction)
        self.assertFails("NOT_FOUND", self.commit, transaction)

    def test_stale_revision_keeps_it(self):
        base = self.apply(change("vrf", name="first")).result.revision
        transaction = self.begin(expected_revision=base)
        self.stage([change("vrf", name="second")], transaction=transaction)
        self.apply(change("vrf", name="meanwhile"))
        self.assertFails("ABORTED", self.commit, transaction)
        self.commit(transaction, expected_revision=base + 1)
        self.assertEqual(self.keys("VRF"), ["first", "meanwhile", "second"])

    def test_owners(self):
        self.apply(change("vrf", name="theirs"), owner="them")
        transaction = self.begin()
        self.stage([delete("vrf", name="theirs")], transaction=transaction)
        self.assertFails("PERMISSION_DENIED", self.commit, transaction)
        transaction = self.begin()
        self.stage([change("vrf", name="ours")], transaction=transaction)
        self.assertFails("PERMISSION_DENIED", self.commit, transaction, owner="them")

    def test_idle_seconds(self):
        self.assertEqual(self.config.BeginTransaction({"options": {"owner": "test"}}).idle_seconds, 60)
        self.assertFails("INVALID_ARGUMENT", self.begin, idle_seconds=3601, field="idle_seconds")

    def test_expires(self):
        transaction = self.begin(idle_seconds=1)
        self.stage(discard(), transaction=transaction)
        opened = self.open()
        wait_for(lambda: self.open() < opened, "the transaction to expire")
        self.assertFails("NOT_FOUND", self.commit, transaction)
        self.assertFails("NOT_FOUND", self.stage, discard(), transaction=transaction)
        self.assertEqual(self.keys("VRF"), [])

    def test_a_client_that_is_killed(self):
        opened = self.open()
        process = subprocess.Popen([sys.executable, "-c", ABANDONER, os.path.dirname(os.path.abspath(__file__)),
                                    self.daemon.target], stdout=subprocess.PIPE, text=True)
        try:
            transaction = process.stdout.readline().strip()
            self.assertTrue(transaction)
            self.assertEqual(self.open(), opened + 1)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        wait_for(lambda: self.open() == opened, "the abandoned transaction to expire")
        self.assertFails("NOT_FOUND", self.commit, transaction)

    def test_a_request_id_of_a_commit(self):
        transaction = self.begin()
        self.stage([change("vrf", name="red")], transaction=transaction)
        first = self.commit(transaction, owner="test", request_id="commit-1")
        self.assertEqual(self.commit(transaction, owner="test", request_id="commit-1"), first)
