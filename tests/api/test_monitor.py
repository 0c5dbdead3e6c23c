# SPDX-License-Identifier: Apache-2.0
"""HealthService.Monitor, with a prober that says what the test wants."""

import os
import queue
import tempfile

import grpc
from google.protobuf import json_format

import daemon
from daemon import change, delete, gateway, route, wait_for


class Prober:
    """Opens the stream, and keeps what it is told of targets by name."""

    def __init__(self, client):
        self.method = client.HealthService.Monitor
        self.requests = queue.Queue()
        self.call = self.method(iter(self.requests.get, None))
        self.targets, self.gone = {}, []
        self.report()

    def report(self, *reports):
        self.requests.put(json_format.ParseDict({"reports": list(reports)}, self.method.request_class()))

    def say(self, name, up, **fields):
        self.report({"id": self.targets[name].id, "up": up, **fields})

    def read(self):
        """Up to the message that says that no target is left to be told."""
        names = []
        for message in self.call:
            for target in message.targets:
                if target.gone:
                    self.gone.append(target.id)
                else:
                    self.targets[target.name] = target
                    names.append(target.name)
            if message.complete:
                return sorted(names)
        raise AssertionError("the stream has ended")

    def close(self):
        self.requests.put(None)
        try:
            for _ in self.call:
                pass
        except grpc.RpcError:
            pass


def backed_up_group():
    """A group whose gateway h1 has h2 for a backup; their MACs are known."""
    return [change("vrf", name="red"), change("interface", name="a", vrf="red", device="veth0"),
            gateway("h1", "a", "192.0.2.1", mac="02:00:00:00:00:01"),
            gateway("h2", "a", "192.0.2.2", mac="02:00:00:00:00:02"),
            change("next_hop_group", name="g", members=[{"next_hop": "h1"}, {"next_hop": "h2", "backup": True}]),
            route("red", "10.0.0.0/8", "g")]


def ping(**fields):
    return change("health_monitor", name="m", next_hop_group="g", type="HEALTH_MONITOR_TYPE_PING", **fields)


class Monitor(daemon.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        for device in ("veth0", "veth1"):
            cls.daemon.ip("link", "set", device, "up")

    def prober(self):
        prober = Prober(self.client)
        self.addCleanup(prober.close)
        return prober

    def reason(self, kind, name):
        return self.get(kind, name).reason

    def test_targets_come_and_go(self):
        prober = self.prober()
        self.assertEqual(prober.read(), [])
        self.apply(*backed_up_group())
        self.apply(ping(delay_milliseconds=300, max_retries_down=2))
        self.assertEqual(prober.read(), ["h1", "h2"])
        target = prober.targets["h1"]
        self.assertEqual((target.vrf, target.address, target.device), ("red", "192.0.2.1", "veth0"))
        self.assertEqual((target.monitor.name, target.monitor.delay_milliseconds, target.monitor.max_retries_down),
                         ("m", 300, 2))
        self.assertEqual(target.monitor.WhichOneof("target"), None)
        self.apply(ping(delay_milliseconds=400))
        self.assertEqual(prober.read(), ["h1", "h2"])
        self.assertEqual(prober.targets["h1"].id, target.id)
        self.assertEqual(prober.targets["h1"].monitor.delay_milliseconds, 400)
        self.apply(change("next_hop_group", name="g", members=[{"next_hop": "h2"}]))
        prober.read()
        self.assertEqual(prober.gone, [target.id])
        self.apply(delete("health_monitor", name="m"))
        prober.read()
        self.assertEqual(len(prober.gone), 2)

    def test_reports_take_effect_without_a_revision(self):
        self.apply(*backed_up_group(), ping())
        prober = self.prober()
        prober.read()
        self.assertEqual(self.get("NEXT_HOP_GROUP", "g").resource.next_hop_group.members[1].backup, True)
        revision, generation = self.revision(), self.system.GetSystem().generation
        prober.say("h1", False, detail="no\tanswer")
        prober.say("h2", False)
        wait_for(lambda: "down by its health monitor" in self.reason("NEXT_HOP_GROUP", "g"), "the group to be down")
        self.assertEqual(self.revision(), revision)
        self.assertGreater(self.system.GetSystem().generation, generation)
        status = self.get("HEALTH_MONITOR", "m").health_monitor_status
        self.assertTrue(status.probing)
        self.assertEqual([(target.name, target.up, target.detail) for target in status.targets],
                         [("h1", False, "no answer"), ("h2", False, "")])
        prober.say("h1", True, latency_microseconds=250)
        wait_for(lambda: self.reason("NEXT_HOP_GROUP", "g") == "", "the group to be up")
        target = self.get("HEALTH_MONITOR", "m").health_monitor_status.targets[0]
        self.assertEqual((target.up, target.latency_microseconds), (True, 250))
        prober.say("h1", False)
        wait_for(lambda: "down" in self.reason("NEXT_HOP_GROUP", "g"), "the group to be down again")
        # What was said last stays while nobody probes, and while somebody new has said nothing.
        prober.close()
        wait_for(lambda: not self.get("HEALTH_MONITOR", "m").health_monitor_status.probing, "nobody to probe")
        self.assertIn("down", self.reason("NEXT_HOP_GROUP", "g"))
        again = self.prober()
        self.assertEqual(again.read(), ["h1", "h2"])
        self.assertIn("down", self.reason("NEXT_HOP_GROUP", "g"))
        again.say("h2", True)
        wait_for(lambda: self.reason("NEXT_HOP_GROUP", "g") == "", "the group to be up")

    def test_a_box_that_does_not_forward(self):
        self.apply(change("vrf", name="red"), change("interface", name="in", vrf="red", device="veth0"),
                   change("interface", name="out", vrf="red", device="veth1"),
                   change("port_pair", name="p", ingress="in", egress="out"),
                   change("port_pair_group", name="boxes", port_pairs=["p"]),
                   change("health_monitor", name="m", port_pair_group="boxes", type="HEALTH_MONITOR_TYPE_STAGE"))
        prober = self.prober()
        self.assertEqual(prober.read(), ["p"])
        self.assertEqual((prober.targets["p"].device, prober.targets["p"].egress_device), ("veth0", "veth1"))
        self.assertEqual(self.reason("PORT_PAIR", "p"), "")
        prober.say("p", False)
        wait_for(lambda: "its health monitor says" in self.reason("PORT_PAIR", "p"), "the pair to be down")
        self.apply(delete("health_monitor", name="m"))
        self.assertEqual(self.reason("PORT_PAIR", "p"), "")

    def test_one_at_a_time(self):
        first = self.prober()
        first.read()
        second = self.prober()
        with self.assertRaises(grpc.RpcError) as caught:
            second.read()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        first.close()
        wait_for(self.may_probe, "the first stream to be over")

    def may_probe(self):
        prober = Prober(self.client)
        try:
            prober.read()
            return True
        except grpc.RpcError:
            return False
        finally:
            prober.close()

    def test_faults(self):
        self.apply(*backed_up_group(), ping())
        prober = self.prober()
        prober.read()
        for reports, field in (([{"id": 123456789, "up": True}], "reports[0].id"),
                               ([{"id": str(prober.targets["h1"].id), "weight_factor_per_mille": 1001}],
                                "reports[0].weight_factor_per_mille")):
            prober.report({"id": prober.targets["h2"].id, "up": False}, *reports)
            field = field.replace("[0]", "[1]")
            with self.assertRaises(grpc.RpcError) as caught:
                prober.read()
            self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn(field, self.client.violations(caught.exception))
            prober.close()
            wait_for(self.may_probe, "the stream to be over")
            prober = self.prober()
            prober.read()
        # Nothing of such a message was taken in.
        prober.say("h1", False)
        wait_for(lambda: self.statuses() == [("h1", False)], "h1 to be down")
        self.assertEqual(self.reason("NEXT_HOP_GROUP", "g"), "")

    def statuses(self):
        return [(target.name, target.up) for target in self.get("HEALTH_MONITOR", "m").health_monitor_status.targets]

    def test_members(self):
        self.apply(change("vrf", name="red"), change("pool", name="p", vrf="red"),
                   change("member", name="m1", pool="p", address="10.0.0.1", port=80),
                   change("member", name="m2", pool="p", address="10.0.0.2", port=80, monitor_address="10.0.1.2",
                          monitor_port=8080),
                   change("health_monitor", name="m", pool="p", type="HEALTH_MONITOR_TYPE_TCP"))
        prober = self.prober()
        self.assertEqual(prober.read(), ["m1", "m2"])
        self.assertEqual([(target.vrf, target.address, target.port) for _, target in sorted(prober.targets.items())],
                         [("red", "10.0.0.1", 80), ("red", "10.0.1.2", 8080)])
        prober.say("m1", False, detail="connection refused")
        wait_for(lambda: "its health monitor says" in self.reason("MEMBER", "m1"), "the member to be down")
        self.assertEqual(self.reason("MEMBER", "m2"), "")
        self.apply(delete("health_monitor", name="m"))
        self.assertEqual(self.reason("MEMBER", "m1"), "")

    def test_a_target_that_is_gone_is_no_fault(self):
        self.apply(*backed_up_group(), ping())
        prober = self.prober()
        prober.read()
        self.apply(delete("health_monitor", name="m"))
        prober.say("h1", False)
        prober.read()
        self.apply(ping())
        self.assertEqual(prober.read(), ["h1", "h2"])
        self.assertEqual(self.reason("NEXT_HOP_GROUP", "g"), "")


class Restart(daemon.TestCase):
    def test_what_was_said_outlives_the_daemon(self):
        with tempfile.TemporaryDirectory() as state:
            own = daemon.Daemon("--state", state)
            try:
                own.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
                for device in ("veth0", "veth1"):
                    own.ip("link", "set", device, "up")
                with own.client() as client:
                    self.apply(*backed_up_group(), ping(), client=client)
                    prober = Prober(client)
                    prober.read()
                    prober.say("h1", False, detail="silent")
                    prober.say("h2", False)
                    get = client.StateService.GetResource
                    wait_for(lambda: "down" in get({"kind": "RESOURCE_KIND_NEXT_HOP_GROUP", "key": "g"}).state.reason,
                             "the group to be down")
                    wait_for(lambda: os.path.exists(os.path.join(state, "health")), "the verdicts to be written")
                    own.terminate()
                own.start("--state", state)
                with own.client() as client:
                    get = client.StateService.GetResource
                    self.assertIn("down", get({"kind": "RESOURCE_KIND_NEXT_HOP_GROUP", "key": "g"}).state.reason)
                    monitor = get({"kind": "RESOURCE_KIND_HEALTH_MONITOR", "key": "m"}).state.health_monitor_status
                    self.assertEqual((monitor.probing, monitor.targets[0].up, monitor.targets[0].detail),
                                     (False, False, "silent"))
            finally:
                own.stop()
