# SPDX-License-Identifier: Apache-2.0
"""WriteStream: commits in order, many under way, each answered."""

import itertools
import os
import queue
import random
from unittest import mock

import grpc
from google.protobuf import json_format

import daemon
from daemon import change, delete, discard, group, route, wait_for


class Stream:
    """A stream that a test writes to and reads from as it likes."""

    def __init__(self, config, **options):
        self.request_class = config.WriteStream.request_class
        self.requests = queue.Queue()
        self.call = config.WriteStream(iter(self.requests.get, None), **options)

    def message(self, *commits, on_error=None):
        """One with these commits, each a list of changes or an ApplyChangesRequest as a dict."""
        commits = [commit if isinstance(commit, dict) else {"options": {"owner": "test"}, "changes": commit}
                   for commit in commits]
        message = {"commits": commits}
        if on_error:
            message["on_error"] = "ON_ERROR_" + on_error
        return json_format.ParseDict(message, self.request_class())

    def send(self, *commits, on_error=None):
        self.requests.put(self.message(*commits, on_error=on_error))

    def close(self):
        self.requests.put(None)

    def read(self, count):
        """The next so many answers, and what came with them."""
        answers = []
        while len(answers) < count:
            answers += next(self.call).answers
        return answers

    def rest(self):
        return [answer for message in self.call for answer in message.answers]


def counts(answer):
    result = answer.done.result
    return result.created, result.replaced, result.unchanged, result.deleted, result.absent


def resident(own):
    """MiB of memory."""
    with open(f"/proc/{own.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


class WriteStream(daemon.TestCase):
    def stream(self, **options):
        stream = Stream(self.config, **options)
        self.addCleanup(stream.call.cancel)
        self.addCleanup(stream.close)
        return stream

    def all(self, *commits, on_error=None):
        """The answers of a stream of one message."""
        stream = self.stream()
        stream.send(*commits, on_error=on_error)
        stream.close()
        return stream.rest()

    def test_each_commit_has_a_revision(self):
        before = self.revision()
        answers = self.all(discard(), [route("red", "192.0.2.0/24")], [route("red", "192.0.2.0/24")],
                           [delete("route", vrf="red", prefix="192.0.2.0/24")])
        self.assertEqual([answer.sequence for answer in answers], [1, 2, 3, 4])
        self.assertEqual([answer.done.result.revision - before for answer in answers], [1, 2, 2, 3])
        self.assertEqual([counts(answer) for answer in answers],
                         [(3, 0, 0, 0, 0), (1, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0)])
        self.assertEqual(answers[1].done.result.results[0].key, "red/192.0.2.0/24")
        self.assertEqual(self.keys("ROUTE"), [])

    def test_an_answer_comes_while_the_stream_is_open(self):
        stream = self.stream()
        for name in "a", "b", "c":
            stream.send([change("vrf", name=name)])
            self.assertEqual(counts(stream.read(1)[0]), (1, 0, 0, 0, 0))
            self.assertIn(name, self.keys("VRF"))
        stream.close()
        self.assertEqual(stream.rest(), [])
        self.assertEqual(stream.call.code(), grpc.StatusCode.OK)

    def test_nothing_and_no_commits(self):
        self.assertEqual(self.all(), [])
        stream = self.stream()
        stream.close()
        self.assertEqual(stream.rest(), [])

    def test_a_refused_commit_in_the_middle(self):
        answers = self.all(discard(), [route("red", "192.0.2.0/33"), change("vrf", name="never")],
                           [route("nowhere", "192.0.2.0/24")], {"changes": discard()}, [route("red", "192.0.2.0/24")],
                           [delete("vrf", name="red")], [delete("route", vrf="red", prefix="192.0.2.0/24")])
        self.assertEqual([answer.WhichOneof("answer") for answer in answers],
                         ["done", "refused", "refused", "refused", "done", "refused", "done"])
        self.assertEqual([answer.sequence for answer in answers], list(range(1, 8)))
        wrong, unknown, nobody, used = [answers[i].refused for i in (1, 2, 3, 5)]
        invalid = grpc.StatusCode.INVALID_ARGUMENT.value[0]
        self.assertEqual(wrong.code, invalid)
        self.assertEqual(wrong.violations[0].field, "changes[0].resource.route.prefix")
        self.assertIn(wrong.violations[0].description, wrong.message)
        self.assertEqual(unknown.violations[0].field, "changes[0].resource.route.vrf")
        self.assertEqual((nobody.code, nobody.violations[0].field), (invalid, "options.owner"))
        self.assertEqual(used.code, grpc.StatusCode.FAILED_PRECONDITION.value[0])
        self.assertEqual(self.keys("VRF"), ["red"])

    def test_refused_as_a_call_is(self):
        self.apply(change("vrf", name="theirs"), owner="them")
        for code, changes in (("PERMISSION_DENIED", [delete("vrf", name="theirs")]),
                              ("ALREADY_EXISTS", [change("vrf", "CREATE", name="theirs")]),
                              ("NOT_FOUND", [change("vrf", "REPLACE", name="none")]),
                              ("INVALID_ARGUMENT", []),
                              ("INVALID_ARGUMENT", 20 * [change("vrf", name="x" * 64)])):
            error = self.assertFails(code, self.apply, *changes)
            refused = self.all(changes)[0].refused
            self.assertEqual((refused.code, refused.message), (error.code().value[0], error.details()))
            self.assertLessEqual(self.client.violations(error).items(),
                                 {each.field: each.description for each in refused.violations}.items())

    def test_stop(self):
        before = self.revision()
        answers = self.all([change("vrf", name="a")], [change("vrf", name="")], [change("vrf", name="b")],
                           [change("vrf", name="")], on_error="STOP")
        self.assertEqual([answer.WhichOneof("answer") for answer in answers], ["done"] + 3 * ["refused"])
        aborted = grpc.StatusCode.ABORTED.value[0]
        self.assertEqual([answer.refused.code for answer in answers[2:]], [aborted, aborted])
        self.assertEqual(self.keys("VRF"), ["a"])
        self.assertEqual(self.revision(), before + 1)

    def test_what_ends_the_stream(self):
        for field, messages in (("on_error", [{"on_error": 9}]),
                                ("on_error", [{"on_error": "ON_ERROR_STOP"}, {"on_error": "ON_ERROR_CONTINUE"}]),
                                ("commits", [{"commits": 1025 * [{}]}])):
            stream = self.stream()
            stream.send([change("vrf", name="before")])
            self.assertEqual(stream.read(1)[0].sequence, 1)
            again = self.stream()
            for message in messages:
                again.requests.put(json_format.ParseDict(message, again.request_class()))
            self.assertFails("INVALID_ARGUMENT", again.rest, field=field)
        self.assertEqual(self.keys("VRF"), ["before"])

    def test_a_message_that_is_none_comes_after_the_answers(self):
        stream = self.stream()
        good = json_format.ParseDict({"commits": [{"options": {"owner": "test"},
                                                   "changes": [change("vrf", name="good")]}]}, stream.request_class())
        call = self.config.WriteStream(iter([good.SerializeToString(), b"\xff\xff"]))
        answers = []
        with self.assertRaises(grpc.RpcError) as caught:
            for message in call:
                answers += message.answers
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual([answer.sequence for answer in answers], [1])
        self.assertEqual(self.keys("VRF"), ["good"])

    def test_too_large_a_message(self):
        stream = self.stream()
        stream.send(40 * discard() + [change("vrf", name="x", id="i" * 63) for _ in range(16000)])
        self.assertFails("RESOURCE_EXHAUSTED", stream.rest)
        self.assertEqual(self.keys("VRF"), [])

    def test_options(self):
        base = self.revision()
        dry = {"options": {"owner": "test", "validate_only": True}, "changes": discard()}
        once = {"options": {"owner": "test", "request_id": "once"}, "changes": [change("vrf", name="once")]}
        stale = {"options": {"owner": "test", "expected_revision": base}, "changes": [change("vrf", name="stale")]}
        first, second, third, fourth, fifth = self.all([change("vrf", name="v")], dry, once, once, stale)
        self.assertEqual(first.done.result.revision, base + 1)
        self.assertEqual(len(second.done.differences), 3)
        self.assertEqual(third.done, fourth.done)
        self.assertEqual(fifth.refused.code, grpc.StatusCode.ABORTED.value[0])
        self.assertEqual(fifth.refused.violations[0].field, "options.expected_revision")
        self.assertEqual(self.config.ApplyChanges(once), third.done)
        self.assertEqual(self.keys("VRF"), ["once", "v"])

    def test_half_close_with_all_under_way(self):
        stream = self.stream()
        stream.send(discard())
        for high in range(20):
            stream.send(*[[route("red", f"10.{high}.{low}.0/24")] for low in range(100)])
        stream.close()
        answers = stream.rest()
        self.assertEqual([answer.sequence for answer in answers], list(range(1, 2002)))
        self.assertEqual(len(self.keys("ROUTE", page_size=1000)), 2000)
        self.assertEqual(stream.call.code(), grpc.StatusCode.OK)

    def test_cancelled(self):
        for unread in range(20):
            stream = self.stream()
            for low in range(40):
                stream.send([change("vrf", name=f"v{low}")], [change("vrf", name=f"w{low}")])
            if unread % 2:
                stream.read(1 + unread)
            stream.call.cancel()
            stream.close()
        # It is well, and whatever of them was received was done in order.
        names = set(self.keys("VRF"))
        for prefix in "v", "w":
            done = [f"{prefix}{low}" in names for low in range(40)]
            self.assertEqual(done, sorted(done, reverse=True))
        self.assertEqual(counts(self.all([change("vrf", name="after")])[0]), (1, 0, 0, 0, 0))

    def test_10000_under_way_against_a_model(self):
        """Sent without reading; answers and state are those of the model that takes one after the other."""
        chance = random.Random(14)
        self.apply(*discard(), change("next_hop", name="other", discard={}), group("other", "other"))
        revision, model, expected, commits = self.revision(), {}, [], []
        for _ in range(10000):
            prefix, via = f"10.{chance.randrange(8)}.{chance.randrange(256)}.0/24", chance.choice(["drop", "other"])
            what = chance.random()
            if what < 0.05:
                commits.append([route("red", prefix, "unknown")])
                expected.append(None)
            elif what < 0.3:
                commits.append([delete("route", vrf="red", prefix=prefix)])
                expected.append((0, 0, 0, 1, 0) if model.pop(prefix, None) else (0, 0, 0, 0, 1))
            else:
                commits.append([route("red", prefix, via)])
                before = model.get(prefix)
                model[prefix] = via
                expected.append((1, 0, 0, 0, 0) if not before else (0, 0, 1, 0, 0) if before == via
                                else (0, 1, 0, 0, 0))
        stream = self.stream(timeout=120)
        at = 0
        while at < len(commits):
            some = chance.choice([1, 1, 2, 50, 300])
            stream.send(*commits[at:at + some])
            at += some
        stream.close()
        answers = stream.rest()
        self.assertEqual(len(answers), len(expected))
        for number, (answer, wanted) in enumerate(zip(answers, expected)):
            self.assertEqual(answer.sequence, number + 1)
            if wanted is None:
                self.assertEqual(answer.refused.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
                continue
            self.assertEqual(counts(answer), wanted, number)
            revision += wanted[0] + wanted[1] + wanted[3]
            self.assertEqual(answer.done.result.revision, revision)
        states = self.list("ROUTE", page_size=1000)
        self.assertEqual({state.resource.route.prefix: state.resource.route.next_hop_group for state in states}, model)

    def test_a_reader_that_reads_nothing(self):
        """It is held up, its memory is bounded, others are not, and what it sent is done once it reads."""
        with mock.patch.dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1:thread_local_quarantine_size_kb=64"):
            own = daemon.Daemon()
        self.addCleanup(own.stop)
        with own.client() as client:
            self.read_nothing(own, client)

    def read_nothing(self, own, client):
        self.apply(*discard(), client=client)
        commit = json_format.ParseDict(
            {"options": {"owner": "test"},
             "changes": [dict(route("red", f"10.0.{low}.0/24"), id=f"{low:063}") for low in range(40)]},
            client.ConfigService.ApplyChanges.request_class())
        pulled = itertools.count()

        def requests():
            for _ in range(320):
                next(pulled)
                message = client.ConfigService.WriteStream.request_class()
                for _ in range(10):
                    message.commits.add().CopyFrom(commit)
                yield message

        before = resident(own)
        call = client.ConfigService.WriteStream(requests(), timeout=120)
        self.addCleanup(call.cancel)
        wait_for(lambda: client.SystemService.GetSystem().revision == 2, "the first commit")
        for turn in range(50):
            self.assertEqual(self.apply(change("vrf", name=f"v{turn}"), client=client).result.created, 1)
        self.assertLess(next(pulled), 260)
        self.assertLess(resident(own) - before, 48)
        answers = [answer for message in call for answer in message.answers]
        self.assertEqual([answer.sequence for answer in answers], list(range(1, 3201)))
        self.assertEqual(sum(counts(answer)[2] for answer in answers), 3200 * 40 - 40)

    def test_the_daemon_stops_with_streams_that_read_nothing(self):
        own = daemon.Daemon()
        self.addCleanup(own.stop, check=False)
        with own.client() as client:
            idle = Stream(client.ConfigService)
            idle.send(discard())
            idle.read(1)
            busy = Stream(client.ConfigService)
            message = busy.message(*[[route("red", f"10.0.{low}.0/24") for low in range(100)] for _ in range(10)])
            for _ in range(200):
                busy.requests.put(message)
            self.assertEqual(own.terminate(), 0)
            busy.close()
            idle.close()
