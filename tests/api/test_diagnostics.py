# SPDX-License-Identifier: Apache-2.0
"""DiagnosticsService as clients see it: tests/lab/test_seeing.sh compares it with what happens to real packets."""

import base64
import ipaddress
import struct
import threading
import time

import grpc

import daemon
from daemon import change

ECHO = {"source": "10.1.0.2", "destination": "198.51.100.9"}


def encoded(frame):
    """Bytes in protobuf's JSON form."""
    return base64.b64encode(frame).decode()


class FirstLookTest(daemon.TestCase):
    """What explains, and what looks, is loaded when it is asked for first: that takes a second, and no commit waits."""

    def setUp(self):
        super().setUp()
        self.apply(change("vrf", name="red"))

    def look_at_once(self, look):
        """Commits are made while `look` goes on, and none takes half as long as that."""
        failed = []

        def run():
            try:
                look()
            except Exception as error:  # told of by the test's thread
                failed.append(error)

        thread = threading.Thread(target=run)
        begin = time.monotonic()
        thread.start()
        count = longest = 0
        while thread.is_alive():
            start = time.monotonic()
            self.apply(change("vrf", name="red", icmp_error_rate=1 + count % 1000))
            longest = max(longest, time.monotonic() - start)
            count += 1
        thread.join()
        self.assertEqual(failed, [])
        self.assertGreater(count, 10)
        self.assertLess(longest, (time.monotonic() - begin) / 2)

    def test_a_rehearsal(self):
        client = self.daemon.client()
        self.addCleanup(client.close)
        self.look_at_once(lambda: self.apply(change("vrf", name="blue"), client=client, validate_only=True,
                                             rehearsal={"connections": 10}))

    def test_a_tap(self):
        def tap():
            self.apply(change("tap_service", name="ids", vxlan={"remote": "192.0.2.1", "vni": 7}),
                       change("tap_flow", name="all", tap_service="ids", vrf="red"), owner="taps")
            daemon.wait_for(lambda: self.get("TAP_FLOW", "all").programmed == 1, "copies")

        self.look_at_once(tap)


class DiagnosticsTest(daemon.TestCase):
    def setUp(self):
        super().setUp()
        self.explain = self.client.DiagnosticsService.Explain
        for name in ("in0", "out0"):
            self.daemon.ip("link", "add", name, "type", "veth", "peer", "name", name + "p")
            self.addCleanup(self.daemon.ip, "link", "delete", name)
            for end in (name, name + "p"):
                self.daemon.ip("link", "set", end, "up")
        self.apply(change("vrf", name="red"), change("vrf", name="under"),
                   change("interface", name="in0", vrf="red"), change("interface", name="out0", vrf="under"),
                   change("interface", name="red0", device="out0", vrf="red", vlan_id=7),
                   change("next_hop", name="gw", gateway={"interface": "red0", "address": "192.0.2.1",
                                                          "mac": "02:00:00:00:00:99"}),
                   change("next_hop_group", name="to-gw", members=[{"next_hop": "gw"}]),
                   change("route", vrf="red", prefix="198.51.100.0/24", next_hop_group="to-gw"),
                   change("tunnel_endpoint", name="t1", kind="TUNNEL_KIND_VXLAN", local_address="203.0.113.1",
                          remote_address="203.0.113.2", underlay_vrf="under",
                          vni_bindings=[{"vni": 100, "vrf": "red"}]))
        daemon.wait_for(lambda: self.get("INTERFACE", "red0").programmed == 1, "the interfaces to be programmed")

    def facts(self, answer):
        return {fact.name: (fact.value, fact.key) for step in answer.steps for fact in step.facts}

    def test_a_packet_is_routed(self):
        answer = self.explain({"interface": "in0", "fields": {**ECHO, "destination_port": 443, "ttl": 9}})
        facts = self.facts(answer)
        self.assertEqual(answer.verdict.reason, "forwarded")
        self.assertEqual((answer.verdict.interface, answer.verdict.device), ("red0", "out0"))
        self.assertEqual(answer.verdict.remedy, "")
        self.assertEqual(facts["interface"], ("in0", "in0"))
        self.assertEqual(facts["vrf"], ("red", "red"))
        self.assertEqual(facts["source"][0], "10.1.0.2")
        self.assertEqual(facts["protocol"][0], "tcp")
        self.assertEqual(facts["route"], ("red/198.51.100.0/24", "red/198.51.100.0/24"))
        self.assertEqual(facts["next_hop_group"][0], "to-gw")
        self.assertEqual(facts["next_hop"][0], "gw")
        self.assertEqual(facts["neighbour"][0], "02:00:00:00:00:99")
        # the frame that would leave: to the gateway, in its VLAN, with one less to live
        self.assertEqual(answer.out[:6].hex(), "020000000099")
        self.assertEqual(answer.out[12:16].hex(), "81000007")
        self.assertEqual(answer.out[18 + 8], 8)
        self.assertEqual(answer.frame[14 + 8], 9)
        self.assertEqual(answer.out[18 + 12:], answer.frame[14 + 12:])
        # explained again as a frame, the same
        again = self.explain({"interface": "in0", "frame": encoded(answer.frame)})
        self.assertEqual((again.steps, again.out), (answer.steps, answer.out))

    def test_nothing_is_counted(self):
        before = self.get("INTERFACE", "in0").counters.packets
        drops = {c.name: c.counters.packets for c in self.state.ListPacketCounters().counters}
        self.explain({"interface": "in0", "fields": ECHO})
        self.explain({"interface": "in0", "fields": {**ECHO, "destination": "192.0.2.200"}})
        self.assertEqual(self.get("INTERFACE", "in0").counters.packets, before)
        self.assertEqual({c.name: c.counters.packets for c in self.state.ListPacketCounters().counters}["no_route"],
                         drops["no_route"])

    def test_a_packet_is_dropped(self):
        self.apply(change("policy_rule", name="no-web", vrf="red", access="ACCESS_DENY",
                          match={"protocol": 6, "destination_ports": {"first": 80}}))
        answer = self.explain({"interface": "in0", "fields": {**ECHO, "destination_port": 80}})
        self.assertEqual((answer.verdict.reason, answer.verdict.verdict), ("denied", 3))
        self.assertEqual(self.facts(answer)["rule"], ("no-web", "no-web"))
        self.assertEqual((answer.steps[-1].stage, answer.steps[-1].reason), ("policy", "denied"))
        self.assertIn("rule", answer.verdict.remedy)
        self.assertEqual(answer.out, b"")
        answer = self.explain({"interface": "in0", "fields": {**ECHO, "destination": "203.0.113.77"}})
        self.assertEqual(answer.verdict.reason, "no_route")
        self.assertIn("add a route", answer.verdict.remedy)
        answer = self.explain({"interface": "in0", "fields": {**ECHO, "ttl": 1}})
        self.assertEqual(answer.verdict.reason, "ttl_expired")

    def test_a_packet_in_a_tunnel(self):
        answer = self.explain({"interface": "out0", "fields": {**ECHO, "vni": 100}})
        facts = self.facts(answer)
        self.assertEqual(answer.verdict.reason, "forwarded")
        self.assertEqual((facts["from_tunnel"][0], facts["vni"][0]), ("t1", "100"))
        self.assertEqual([fact.value for step in answer.steps for fact in step.facts if fact.name == "vrf"],
                         ["under", "red"])
        self.assertEqual(answer.frame[14 + 16:14 + 20], ipaddress.ip_address("203.0.113.1").packed)
        self.assertEqual(struct.unpack("!H", answer.frame[14 + 20 + 2:14 + 20 + 4])[0], 4789)
        answer = self.explain({"interface": "out0", "fields": {**ECHO, "vni": 101, "tunnel": "t1"}})
        self.assertEqual(answer.verdict.reason, "unknown_vni")
        self.assertIn("vni_bindings", answer.verdict.remedy)

    def test_over_a_transaction(self):
        begun = self.config.BeginTransaction({"options": {"owner": "test"}}).transaction_id
        self.config.StageChanges(iter([{"transaction_id": begun, "changes": [
            change("route", vrf="red", prefix="198.51.100.0/28", next_hop_group="to-gw"),
            change("policy_rule", name="shut", vrf="red", access="ACCESS_DENY",
                   match={"destination_prefix": "198.51.100.8/32"})]}]))
        now = self.explain({"interface": "in0", "fields": ECHO})
        then = self.explain({"interface": "in0", "fields": ECHO, "transaction_id": begun})
        self.assertEqual(self.facts(now)["route"][0], "red/198.51.100.0/24")
        self.assertEqual(self.facts(then)["route"][0], "red/198.51.100.0/28")
        self.assertEqual(then.revision, now.revision + 1)
        shut = {"interface": "in0", "fields": {**ECHO, "destination": "198.51.100.8"}, "transaction_id": begun}
        self.assertEqual(self.explain(shut).verdict.reason, "denied")
        self.assertEqual(self.facts(self.explain(shut))["rule"][0], "shut")
        # nothing of it stays
        self.assertEqual(self.explain({"interface": "in0", "fields": ECHO}), now)
        self.config.AbortTransaction({"transaction_id": begun})
        self.assertFails("NOT_FOUND", self.explain, shut, field="transaction_id")

    def test_explain_refuses(self):
        short = {"interface": "in0", "frame": encoded(b"\0" * 13)}
        for code, field, request in (
                ("INVALID_ARGUMENT", "interface", {"fields": ECHO}),
                ("NOT_FOUND", "interface", {"interface": "none", "fields": ECHO}),
                ("INVALID_ARGUMENT", "packet", {"interface": "in0"}),
                ("INVALID_ARGUMENT", "frame", short),
                ("INVALID_ARGUMENT", "frame", {**short, "frame": encoded(b"\0" * 9019)}),
                ("INVALID_ARGUMENT", "fields.source", {"interface": "in0", "fields": {**ECHO, "source": "x"}}),
                ("INVALID_ARGUMENT", "fields.destination", {"interface": "in0", "fields": {**ECHO, "destination": "::1"}}),
                ("INVALID_ARGUMENT", "fields.length", {"interface": "in0", "fields": {**ECHO, "length": 27}}),
                ("NOT_FOUND", "fields.vni", {"interface": "in0", "fields": {**ECHO, "vni": 7}}),
                ("NOT_FOUND", "fields.tunnel", {"interface": "in0", "fields": {**ECHO, "tunnel": "none"}})):
            with self.subTest(field=field):
                self.assertFails(code, self.explain, request, field=field)
        self.assertFails("NOT_FOUND", self.explain, {"interface": "none", "fields": ECHO}, says="in0, out0, red0")
        self.apply(change("interface", name="late0", vrf="red"))
        self.assertFails("FAILED_PRECONDITION", self.explain, {"interface": "late0", "fields": ECHO},
                         field="interface", says="does not exist")

    def send(self, device, frame):
        """The frame comes by the other end of the device."""
        program = "import socket, sys; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); " \
                  "s.bind((sys.argv[1], 0)); s.send(bytes.fromhex(sys.argv[2]))"
        daemon.run("ip", "netns", "exec", self.daemon.netns, "/usr/bin/python3", "-c", program, device + "p", frame.hex())

    def seen(self, call, device, frame):
        """The first message of a stream that selects the frame, which is sent until the stream has begun."""
        answers = []

        def read():
            try:
                answers.append(next(call))
            except grpc.RpcError as error:
                answers.append(error)
        reader = threading.Thread(target=read)
        reader.start()

        def tell():
            self.send(device, frame)
            reader.join(0.2)
            return answers
        daemon.wait_for(tell, "a packet to be seen", 60)
        reader.join()
        if isinstance(answers[0], grpc.RpcError):
            raise answers[0]
        return answers[0]

    def test_what_is_explained_is_what_is_seen(self):
        service = self.client.DiagnosticsService
        explained = self.explain({"interface": "in0", "fields": {**ECHO, "destination_port": 443}})
        chosen = {"filter": {"interface": "in0", "protocol": 6, "destination": "198.51.100.0/24"}, "packets": 1000}
        call = service.Trace(chosen, timeout=120)
        traced = self.seen(call, "in0", explained.frame)
        call.cancel()
        self.assertEqual(list(traced.steps), list(explained.steps))
        self.assertEqual(traced.verdict, explained.verdict)
        self.assertEqual((traced.interface, traced.lost), ("in0", 0))
        self.assertLess(abs(traced.time / 1e9 - time.time()), 60)
        call = service.Capture(chosen, timeout=120)
        captured = self.seen(call, "in0", explained.frame)
        call.cancel()
        frames = {frame.stage: frame for frame in captured.frames}
        self.assertEqual((frames[1].bytes, frames[1].interface), (explained.frame, "in0"))
        self.assertEqual((frames[2].bytes, frames[2].interface, frames[2].device), (explained.out, "red0", "out0"))
        self.assertEqual((captured.vrf, captured.verdict.reason), ("red", "forwarded"))
        # one packet, and it ends by itself
        call = service.Trace({**chosen, "packets": 1}, timeout=120)
        self.seen(call, "in0", explained.frame)
        self.assertEqual(list(call), [])

    def test_eight_look_at_a_time(self):
        trace = self.client.DiagnosticsService.Trace
        calls = [trace({"packets": 1, "filter": {"vni": 77}}, timeout=120) for _ in range(9)]
        for call in calls:
            self.addCleanup(call.cancel)
        ended = daemon.wait_for(lambda: [call for call in calls if not call.is_active()], "the ninth to be refused", 60)
        self.assertEqual([call.code() for call in ended], [grpc.StatusCode.RESOURCE_EXHAUSTED])
        for call in calls:
            call.cancel()
        # who has gone makes room, as soon as the router has noticed
        frame = self.explain({"interface": "in0", "fields": ECHO}).frame

        def there_is_room():
            try:
                return self.seen(trace({"packets": 1, "filter": {"interface": "in0"}}, timeout=60), "in0", frame)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                return None
        self.assertEqual(daemon.wait_for(there_is_room, "room for a session", 60).interface, "in0")

    def test_latency_reports(self):
        """tests/lab/test_latency.sh measures; here reports come and end."""
        begin = time.monotonic()
        reports = list(self.client.DiagnosticsService.Latency({"interval_ms": 200, "reports": 3}, timeout=60))
        self.assertEqual(len(reports), 3)
        self.assertGreaterEqual(time.monotonic() - begin, 0.6)
        self.assertEqual([report.lost for report in reports], [0, 0, 0])
        self.assertTrue(reports[0].time < reports[1].time < reports[2].time)

    def test_the_daemon_stops_with_streams(self):
        other = daemon.Daemon()
        self.addCleanup(other.stop, check=False)
        with other.client() as client:
            call = client.DiagnosticsService.Trace({"packets": 1}, timeout=60)
            daemon.wait_for(call.is_active, "the call")
            self.assertEqual(other.terminate(), 0)
            with self.assertRaises(grpc.RpcError) as caught:
                next(call)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def first(self, method, **request):
        """The first message, or the error."""
        return next(method(request, timeout=30))

    def test_streams_refuse(self):
        service = self.client.DiagnosticsService
        for method in (service.Trace, service.Capture):
            for code, field, request in (
                    ("INVALID_ARGUMENT", "packets", {}),
                    ("INVALID_ARGUMENT", "packets", {"packets": 1_000_001}),
                    ("NOT_FOUND", "filter.vrf", {"packets": 1, "filter": {"vrf": "none"}}),
                    ("INVALID_ARGUMENT", "filter.source", {"packets": 1, "filter": {"source": "10.0.0.1/8"}}),
                    ("INVALID_ARGUMENT", "filter.destination_port", {"packets": 1, "filter": {"destination_port": 1}}),
                    ("INVALID_ARGUMENT", "filter.reason", {"packets": 1, "filter": {"reason": "none"}})):
                with self.subTest(method=method, field=field):
                    self.assertFails(code, lambda r, m=method: self.first(m, **r), request, field=field)
        for field, request in (("one_in", {"one_in": 3}), ("one_in", {"one_in": 65536}),
                               ("interval_ms", {"interval_ms": 99}), ("interval_ms", {"interval_ms": 60_001}),
                               ("filter.interface", {"filter": {"interface": "in0"}}),
                               ("filter.vrf", {"filter": {"vrf": "red"}}), ("filter.vni", {"filter": {"vni": 100}}),
                               ("filter.verdicts", {"filter": {"verdicts": [1]}}),
                               ("filter.source", {"filter": {"source": "10.0.0.1/8"}})):
            with self.subTest(latency=field):
                self.assertFails("INVALID_ARGUMENT", lambda r: self.first(service.Latency, **r), request, field=field)
        self.assertFails("INVALID_ARGUMENT", lambda r: self.first(service.Capture, **r),
                         {"packets": 1, "snap_length": 13}, field="snap_length")
