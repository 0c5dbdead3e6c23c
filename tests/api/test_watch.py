# SPDX-License-Identifier: Apache-2.0
"""WatchService.Watch: a watcher's picture is the state, also after reconnects, losses and a restart."""

import os
import random
import tempfile
import threading

import grpc

import daemon
import reflect
from daemon import change, delete, discard, group, route, wait_for


class Picture:
    """A watcher: what it has been told, by kind and key. It reads on a thread of its own, unless it is not to."""

    def __init__(self, client, read=True, into=None, **request):
        kinds = client.pool.FindEnumTypeByName("sluice.v1.ResourceKind").values_by_number
        self.kinds = {number: value.name[len("RESOURCE_KIND_"):].lower() for number, value in kinds.items()}
        self.states = into.states if into else {}
        self.revision = into.revision if into else 0
        self.synced = []  # Synced events
        self.events, self.lost, self.heartbeats, self.error = 0, 0, 0, None
        self.call = client.WatchService.Watch(request)
        self.thread = threading.Thread(target=self.run, daemon=True)
        if read:
            self.thread.start()

    def start(self):
        self.thread.start()

    def run(self):
        try:
            for response in self.call:
                assert len(response.events) <= 258
                for event in response.events:
                    self.take(event)
        except Exception as error:  # of the call, or an event that may not come
            self.error = error

    def take(self, event):
        which = event.WhichOneof("event")
        self.events += 1
        if which == "resource":
            state = event.resource
            self.states[(state.resource.WhichOneof("kind"), state.key)] = state
        elif which == "gone":
            self.states.pop((self.kinds[event.gone.kind], event.gone.key), None)
        elif which == "revision":
            assert event.revision.revision > self.revision, (event.revision.revision, self.revision)
            self.revision = event.revision.revision
        elif which == "synced":
            self.synced.append(event.synced)
            self.revision = event.synced.revision
        elif which == "lost":
            self.lost += event.lost
            self.states.clear()
        elif which == "heartbeat":
            self.heartbeats += 1

    def reaches(self, revision):
        wait_for(lambda: self.error or (self.synced and self.revision >= revision), f"revision {revision}")
        assert not self.error, self.error

    def close(self):
        self.call.cancel()
        if self.thread.ident:
            self.thread.join(10)

    def shown(self):
        """What is to be equal: no counters, no generations."""
        return {key: (state.resource.SerializeToString(deterministic=True), state.owner, state.revision)
                for key, state in self.states.items()}


def random_changes(random, count):
    """Changes of VRFs' routes and groups, which always fit together."""
    changes = {}
    for _ in range(count):
        vrf, number = random.choice(["red", "blue"]), random.randrange(60)
        prefix = f"10.{number}.0.0/16"
        if random.random() < 0.3:
            changes[vrf, prefix] = delete("route", vrf=vrf, prefix=prefix)
        else:
            changes[vrf, prefix] = route(vrf, prefix, random.choice(["drop", "other"]))
    return list(changes.values())


class Watch(daemon.TestCase):
    def watch(self, **request):
        picture = Picture(request.pop("client", self.client), **request)
        self.addCleanup(picture.close)
        return picture

    def desired(self):
        shown = {}
        for kind in daemon.KINDS:
            for state in self.list(kind):
                shown[kind.lower(), state.key] = (state.resource.SerializeToString(deterministic=True), state.owner,
                                                  state.revision)
        return shown

    def test_a_snapshot_then_what_changes(self):
        self.apply(*discard(), route("red", "10.0.0.0/8"))
        picture = self.watch()
        picture.reaches(self.revision())
        self.assertEqual([each.snapshot for each in picture.synced], [True])
        self.assertEqual(picture.shown(), self.desired())
        self.apply(route("red", "10.1.0.0/16"), delete("route", vrf="red", prefix="10.0.0.0/8"))
        picture.reaches(self.revision())
        self.assertEqual(picture.shown(), self.desired())
        self.assertEqual(len(picture.synced), 1)

    def test_only_kinds_and_a_vrf(self):
        self.apply(*discard(), change("vrf", name="blue"), route("red", "10.0.0.0/8"), route("blue", "10.0.0.0/8"))
        routes = self.watch(kinds=["RESOURCE_KIND_ROUTE"])
        red = self.watch(vrf="red")
        for picture in routes, red:
            picture.reaches(self.revision())
        self.assertEqual(set(routes.states), {("route", "red/10.0.0.0/8"), ("route", "blue/10.0.0.0/8")})
        self.assertEqual(set(red.states), {("vrf", "red"), ("route", "red/10.0.0.0/8")})
        self.apply(delete("route", vrf="red", prefix="10.0.0.0/8"), route("blue", "11.0.0.0/8"), route("red", "11.0.0.0/8"))
        for picture in routes, red:
            picture.reaches(self.revision())
        self.assertEqual(set(routes.states), {("route", "blue/10.0.0.0/8"), ("route", "blue/11.0.0.0/8"),
                                              ("route", "red/11.0.0.0/8")})
        self.assertEqual(set(red.states), {("vrf", "red"), ("route", "red/11.0.0.0/8")})

    def test_random_changes_with_reconnects(self):
        """Pictures stay what listings show: of one that stays, and of one that comes back now and then."""
        seed = random.randrange(1 << 32)
        choose = random.Random(seed)
        self.apply(*discard(), change("vrf", name="blue"), group("other", "drop"))
        stays, comes = self.watch(), self.watch()
        for _ in range(40):
            self.apply(*random_changes(choose, choose.randrange(1, 20)))
            if choose.random() < 0.3:
                comes.reaches(1)
                comes.close()
                again = self.watch(into=comes, from_revision=comes.revision)
                again.reaches(comes.revision)
                self.assertFalse(again.synced[0].snapshot, f"seed {seed}")
                comes = again
        for picture in stays, comes:
            picture.reaches(self.revision())
            self.assertEqual(picture.shown(), self.desired(), f"seed {seed}")
            self.assertEqual(picture.lost, 0)

    def test_from_a_revision(self):
        self.apply(*discard(), route("red", "10.0.0.0/8"), route("red", "11.0.0.0/8"))
        known = self.revision()
        self.apply(delete("route", vrf="red", prefix="10.0.0.0/8"), route("red", "12.0.0.0/8"))
        picture = self.watch(from_revision=known)
        picture.reaches(self.revision())
        self.assertEqual(set(picture.states), {("route", "red/12.0.0.0/8")})
        self.assertFalse(picture.synced[0].snapshot)
        nothing = self.watch(from_revision=self.revision())
        nothing.reaches(self.revision())
        self.assertEqual((nothing.states, nothing.synced[0].snapshot), ({}, False))
        ahead = self.watch(from_revision=self.revision() + 1)
        ahead.reaches(self.revision())
        self.assertEqual((ahead.shown(), ahead.synced[0].snapshot), (self.desired(), True))

    def test_programmed_states(self):
        self.apply(change("vrf", name="red"), change("interface", name="a", vrf="red", device="veth0"))
        picture = self.watch(programmed=True)
        picture.reaches(self.revision())
        self.assertEqual(picture.states["interface", "a"].programmed, 2)
        self.daemon.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        self.addCleanup(self.daemon.ip, "link", "delete", "veth0")
        for name in "veth0", "veth1":
            self.daemon.ip("link", "set", name, "up")
        wait_for(lambda: picture.states["interface", "a"].programmed == 1, "the interface to be programmed")

    def test_a_slow_reader_loses_and_begins_anew(self):
        """It is told that it has, and its picture is right in the end; commits have not waited for it."""
        self.apply(*discard(), group("other", "drop"))
        # Core reads no more ahead than it has to: what is not read is the daemon's to keep, or to lose.
        client = reflect.Client(self.daemon.target, options=[("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1)])
        self.addCleanup(client.close)
        slow = self.watch(client=client, read=False)
        for turn in range(10):
            for third in range(10):
                self.apply(*[route("red", f"10.{second}.{third}.0/24", ("drop", "other")[turn % 2])
                             for second in range(200)])
        slow.start()
        slow.reaches(self.revision())
        wait_for(lambda: slow.shown() == self.desired(), "the picture")
        self.assertGreater(slow.lost, 1000)
        self.assertEqual(slow.synced[-1].snapshot, True)
        self.assertLess(slow.events, 20000)

    def test_heartbeats(self):
        picture = self.watch(heartbeat_seconds=1)
        wait_for(lambda: picture.heartbeats >= 2, "heartbeats", 10)

    def test_mistakes(self):
        def ask(**request):
            return list(self.client.WatchService.Watch(request))
        self.assertFails("INVALID_ARGUMENT", ask, kinds=[0], field="kinds[0]")
        self.assertFails("INVALID_ARGUMENT", ask, kinds=[1, 99], field="kinds[1]")
        self.assertFails("INVALID_ARGUMENT", ask, vrf="x" * 64, field="vrf")
        self.assertFails("INVALID_ARGUMENT", ask, heartbeat_seconds=301, field="heartbeat_seconds")

    def test_so_many_watchers(self):
        pictures = [self.watch(kinds=["RESOURCE_KIND_VRF"]) for _ in range(64)]
        for picture in pictures:
            picture.reaches(0)
        self.assertFails("RESOURCE_EXHAUSTED", lambda: list(self.client.WatchService.Watch({})))
        pictures[0].close()

        def another():
            picture = Picture(self.client)
            wait_for(lambda: picture.error or picture.synced, "another watcher")
            picture.close()
            return picture.synced
        wait_for(another, "a place")


class Restart(daemon.TestCase):
    """Its state outlives the daemon, and so does what a watcher has."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.options = ("--state", os.path.join(directory.name, "state"))
        super().setUpClass()

    def test_the_next_daemon(self):
        self.apply(*discard(), route("red", "10.0.0.0/8"), route("red", "11.0.0.0/8"))
        picture = Picture(self.client)
        picture.reaches(self.revision())
        self.assertEqual(self.daemon.terminate(), 0)
        picture.thread.join(20)
        self.assertIsInstance(picture.error, grpc.RpcError)
        self.assertEqual(picture.error.code(), grpc.StatusCode.UNAVAILABLE)
        self.daemon.start(*self.options)
        with self.daemon.client() as client:
            self.apply(delete("route", vrf="red", prefix="10.0.0.0/8"), client=client)
            again = Picture(client, into=picture, from_revision=picture.revision)
            wait_for(lambda: again.synced or again.error, "the next daemon")
            self.assertIsNone(again.error)
            self.assertFalse(again.synced[0].snapshot)
            self.assertEqual({key for kind, key in again.states if kind == "route"}, {"red/11.0.0.0/8"})
            again.close()
