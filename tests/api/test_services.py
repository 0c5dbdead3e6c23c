# SPDX-License-Identifier: Apache-2.0
"""Load balancers, listeners, pools, members and health monitors: defaults, what they refuse, and who refers to whom."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

import daemon
from daemon import change, delete, group

CTL = os.path.join(os.path.dirname(daemon.SLUICED), "ctl/sluicectl")
TCP, UDP = 6, 17
ACTIVE, DRAINING, QUARANTINED = 1, 2, 4
DIRECT, RENDEZVOUS = 2, 3
HTTP, GRPC, UDP_PROBE, PING, BFD, STAGE = 2, 4, 5, 6, 7, 8


def balancer(name="lb", vip="10.0.0.1", vrf="red"):
    return change("load_balancer", name=name, vrf=vrf, vip_address=vip)


def pool(name="web", vrf="red", **fields):
    return change("pool", name=name, vrf=vrf, **fields)


def member(name, address, pool="web", **fields):
    return change("member", name=name, pool=pool, address=address, **fields)


def listener(name="http", pools=("web",), load_balancer="lb", protocol=TCP, port=80, last=0, **fields):
    shares = [{"pool": each} if isinstance(each, str) else {"pool": each[0], "per_mille": each[1]} for each in pools]
    ports = {"ports": {"first": port, "last": last}} if port else {}
    return change("listener", name=name, load_balancer=load_balancer, protocol=protocol, pools=shares, **ports, **fields)


def monitor(name="alive", type=1, pool="web", **fields):
    return change("health_monitor", name=name, type=type, **({"pool": pool} if pool else {}), **fields)


SERVICE = [change("vrf", name="red"), balancer(), pool(), member("m1", "10.1.0.1", port=8080),
           member("m2", "10.1.0.2", port=8080), listener(), monitor()]


class Services(daemon.TestCase):
    def resource(self, kind, name):
        return getattr(self.get(kind, name).resource, kind.lower())

    def test_defaults(self):
        self.apply(*SERVICE)
        self.assertEqual(self.keys("LOAD_BALANCER", vrf="red"), ["lb"])
        http = self.resource("LISTENER", "http")
        self.assertEqual((http.ports.first, http.ports.last, http.pools[0].per_mille), (80, 80, 1000))
        web = self.resource("POOL", "web")
        self.assertEqual((web.lb_algorithm, web.forwarding, web.on_member_down, web.previous_seconds), (1, 1, 1, 60))
        self.assertFalse(web.HasField("session_persistence") or web.HasField("latency_weights"))
        m1 = self.resource("MEMBER", "m1")
        self.assertEqual((m1.weight, m1.admin_state, m1.backup), (1, 1, False))
        alive = self.resource("HEALTH_MONITOR", "alive")
        self.assertEqual((alive.delay_milliseconds, alive.timeout_milliseconds, alive.max_retries,
                          alive.max_retries_down, alive.panic_percent, alive.url_path), (5000, 5000, 1, 3, 50, ""))
        self.apply(pool(session_persistence={"type": 2, "timeout_seconds": 10}, latency_weights={}),
                   monitor(type=HTTP, delay_milliseconds=1000))
        web = self.resource("POOL", "web")
        self.assertEqual((web.session_persistence.ipv4_prefix_length, web.session_persistence.ipv6_prefix_length),
                         (24, 64))
        weights = web.latency_weights
        self.assertEqual((weights.step_percent, weights.dead_band_percent, weights.interval_seconds,
                          weights.floor_percent), (10, 25, 5, 20))
        alive = self.resource("HEALTH_MONITOR", "alive")
        self.assertEqual((alive.http_method, alive.url_path, alive.expected_codes, alive.timeout_milliseconds),
                         ("GET", "/", "200", 1000))

    def refused(self, kind, rows):
        """Each row: a field, and the fields of a resource that is refused for it."""
        for field, fields in rows:
            with self.subTest(field=field, fields=fields):
                self.assertRefused(f"changes[0].resource.{kind}{field and '.'}{field}", change(kind, name="x", **fields))

    def test_faults_of_load_balancers(self):
        self.apply(*SERVICE)
        self.refused("load_balancer", (
            ("vrf", {"vrf": "none", "vip_address": "10.0.0.9"}), ("vrf", {"vip_address": "10.0.0.9"}),
            ("vip_address", {"vrf": "red"}), ("vip_address", {"vrf": "red", "vip_address": "224.0.0.1"}),
            ("vip_address", {"vrf": "red", "vip_address": "10.0.0.0/24"}),
            ("vip_address", {"vrf": "red", "vip_address": "fe80::1"})))

    def test_faults_of_listeners(self):
        self.apply(*SERVICE, pool("other"))
        rest = {"load_balancer": "lb", "protocol": UDP, "ports": {"first": 1}, "pools": [{"pool": "web"}]}
        halves = [{"pool": "web", "per_mille": 500}, {"pool": "other", "per_mille": 499}]
        self.refused("listener", [(field, {**rest, **fields}) for field, fields in (
            ("load_balancer", {"load_balancer": "none"}), ("protocol", {"protocol": 1}), ("protocol", {"protocol": 0}),
            ("ports.first", {"ports": {}}), ("ports.last", {"ports": {"first": 9, "last": 8}}),
            ("ports.first", {"ports": {"first": 65536}}), ("pools", {"pools": []}), ("pools", {"pools": halves}),
            ("pools", {"pools": [{"pool": "web", "per_mille": 999}]}),
            ("pools[1].per_mille", {"pools": [{"pool": "web", "per_mille": 1000}, {"pool": "other"}]}),
            ("pools[0].per_mille", {"pools": [{"pool": "web", "per_mille": 1001}]}),
            ("pools[1].pool", {"pools": [halves[0], halves[0]]}), ("pools[0].pool", {"pools": [{"pool": "none"}]}),
            ("pools", {"pools": [{"pool": "web"}] * 9}))])

    def test_faults_of_pools(self):
        self.apply(*SERVICE, pool("direct", forwarding=DIRECT))
        self.refused("pool", [(field, {"vrf": "red", **fields}) for field, fields in (
            ("vrf", {"vrf": "none"}), ("lb_algorithm", {"lb_algorithm": 4}), ("forwarding", {"forwarding": 3}),
            ("on_member_down", {"on_member_down": 4}), ("session_persistence.type", {"session_persistence": {"type": 4}}),
            ("session_persistence.ipv4_prefix_length", {"session_persistence": {"type": 1, "ipv4_prefix_length": 8}}),
            ("session_persistence.ipv6_prefix_length", {"session_persistence": {"type": 2, "ipv6_prefix_length": 129}}),
            ("session_persistence.timeout_seconds", {"session_persistence": {"type": 3, "timeout_seconds": 1}}),
            ("session_persistence.timeout_seconds", {"session_persistence": {"type": 1, "timeout_seconds": 86401}}),
            ("member_connection_limit", {"member_connection_limit": 100_000_001}),
            ("overflow_pool", {"overflow_pool": "web"}),
            ("overflow_pool", {"overflow_pool": "none", "member_connection_limit": 1}),
            ("previous_seconds", {"previous_seconds": 3601}),
            ("latency_weights.step_percent", {"latency_weights": {"step_percent": 11}}),
            ("latency_weights.dead_band_percent", {"latency_weights": {"dead_band_percent": 1001}}),
            ("latency_weights.interval_seconds", {"latency_weights": {"interval_seconds": 3601}}),
            ("latency_weights.floor_percent", {"latency_weights": {"floor_percent": 101}}),
            ("lb_algorithm", {"lb_algorithm": RENDEZVOUS}),
            ("member_connection_limit",
             {"lb_algorithm": RENDEZVOUS, "forwarding": DIRECT, "member_connection_limit": 1}),
            ("on_member_down", {"lb_algorithm": RENDEZVOUS, "forwarding": DIRECT, "on_member_down": 2}),
            ("latency_weights", {"lb_algorithm": RENDEZVOUS, "forwarding": DIRECT, "latency_weights": {}}))])

    def test_faults_of_members(self):
        self.apply(*SERVICE)
        self.refused("member", [(field, {"pool": "web", "address": "10.1.0.9", **fields}) for field, fields in (
            ("pool", {"pool": "none"}), ("address", {"address": "x"}), ("address", {"address": "fe80::1"}),
            ("port", {"port": 65536}), ("weight", {"weight": 257}), ("admin_state", {"admin_state": 4}),
            ("monitor_address", {"monitor_address": "0.0.0.0"}), ("monitor_port", {"monitor_port": 65536}),
            ("quic_server_id", {"quic_server_id": 65536}), ("next_hop_group", {"next_hop_group": "none"}))])

    def test_faults_of_health_monitors(self):
        self.apply(*SERVICE, pool("other"), change("next_hop", name="n", discard={}), group("g", "n"))
        self.refused("health_monitor", [(field, {"pool": "other", "type": HTTP, **fields}) for field, fields in (
            ("pool", {"pool": "none"}), ("type", {"type": 0}), ("type", {"type": 9}), ("type", {"type": STAGE}),
            ("delay_milliseconds", {"delay_milliseconds": 9}),
            ("timeout_milliseconds", {"delay_milliseconds": 100, "timeout_milliseconds": 101}),
            ("timeout_milliseconds", {"type": BFD, "timeout_milliseconds": 100}),
            ("max_retries", {"max_retries": 11}), ("max_retries_down", {"max_retries_down": 11}),
            ("panic_percent", {"panic_percent": 101}), ("http_method", {"http_method": "BREW"}),
            ("url_path", {"url_path": "healthz"}), ("url_path", {"url_path": "/a b"}),
            ("url_path", {"url_path": "/" + "a" * 255}), ("domain_name", {"domain_name": "-a.example"}),
            ("domain_name", {"domain_name": "a..example"}), ("expected_codes", {"expected_codes": "200-"}),
            ("expected_codes", {"expected_codes": "204-200"}), ("expected_codes", {"expected_codes": "200,"}),
            ("expected_codes", {"expected_codes": "600"}), ("url_path", {"type": PING, "url_path": "/"}),
            ("grpc_service", {"grpc_service": "a"}), ("grpc_service", {"type": GRPC, "grpc_service": "a b"}))])
        self.assertRefused("changes[0].resource.health_monitor", change("health_monitor", name="x", type=HTTP))
        for field, fields in (("type", {"next_hop_group": "g", "type": HTTP}),
                              ("type", {"port_pair_group": "s", "type": PING})):
            self.assertRefused(f"changes[0].resource.health_monitor.{field}",
                               change("health_monitor", name="x", **fields))

    def status(self, name):
        return self.get("MEMBER", name).member_status

    def test_member_status(self):
        self.apply(*SERVICE)
        self.assertEqual((self.status("m1").state, self.status("m1").share_per_mille), (ACTIVE, 500))
        self.assertEqual((self.status("m1").connections, self.status("m1").weight_factor_per_mille), (0, 1000))
        self.apply(member("m1", "10.1.0.1", port=8080, weight=3), member("m3", "10.1.0.3", port=80, backup=True))
        self.assertEqual([self.status(name).share_per_mille for name in ("m1", "m2", "m3")], [750, 250, 0])
        self.apply(member("m1", "10.1.0.1", port=8080, admin_state=2),
                   member("m2", "10.1.0.2", port=8080, admin_state=3))
        self.assertEqual([self.status(name).state for name in ("m1", "m2", "m3")], [DRAINING, QUARANTINED, ACTIVE])
        self.assertEqual([self.status(name).share_per_mille for name in ("m1", "m2", "m3")], [0, 0, 1000])
        # What is only tried shows nothing.
        self.apply(member("m1", "10.1.0.1", port=8080, weight=3), validate_only=True)
        self.assertEqual(self.status("m1").state, DRAINING)

    def test_drain_status(self):
        self.apply(*SERVICE, pool("other"))
        drain = self.client.BalancerService.DrainStatus
        members = drain({"pool": "web"}).members
        self.assertEqual([(one.member, one.draining, one.since_generation, one.connections) for one in members],
                         [("m1", False, 0, 0), ("m2", False, 0, 0)])
        self.apply(member("m1", "10.1.0.1", port=8080, admin_state=DRAINING))
        answer = drain({"member": "m1"})
        self.assertEqual([one.draining for one in answer.members], [True])
        since = answer.members[0].since_generation
        self.assertTrue(0 < since <= answer.generation)
        self.apply(member("m2", "10.1.0.2", port=8080, weight=5))
        self.assertEqual(drain({"member": "m1"}).members[0].since_generation, since)
        self.assertEqual(len(drain({"pool": "other"}).members), 0)
        self.assertFails("NOT_FOUND", drain, {"member": "none"}, field="member", says="none")
        self.assertFails("NOT_FOUND", drain, {"pool": "none"}, field="pool", says="none")
        self.assertFails("INVALID_ARGUMENT", drain, {}, field="member", says="a pool")
        self.assertFails("INVALID_ARGUMENT", drain, {"member": "m1", "pool": "web"}, field="member", says="not both")

    def test_the_kernel_has_the_vip(self):
        self.daemon.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
        self.addCleanup(self.daemon.ip, "link", "delete", "v0")
        self.daemon.ip("link", "set", "v0", "up")
        self.apply(*SERVICE, change("interface", name="v0", vrf="red"))
        daemon.wait_for(lambda: self.get("INTERFACE", "v0").interface_status.ifindex, "the device")
        self.assertEqual(self.get("LOAD_BALANCER", "lb").programmed, 1)
        self.daemon.ip("address", "add", "10.0.0.1/32", "dev", "v0")
        daemon.wait_for(lambda: self.get("LOAD_BALANCER", "lb").programmed == 2, "the kernel's address")
        self.assertIn("take it off", self.get("LOAD_BALANCER", "lb").reason)
        self.daemon.ip("address", "delete", "10.0.0.1/32", "dev", "v0")
        daemon.wait_for(lambda: self.get("LOAD_BALANCER", "lb").programmed == 1, "the VIP again")

    def test_policy_rules(self):
        self.apply(*SERVICE, pool("canary"))
        self.apply(change("policy_rule", name="all", vrf="red", match={"dscp": 10}, service_pool={"pool": "canary"}),
                   change("policy_rule", name="some", vrf="red", service_pool={"pool": "canary", "per_mille": 100}))
        rules = [self.resource("POLICY_RULE", name) for name in ("all", "some")]
        self.assertEqual([(rule.service_pool.pool, rule.service_pool.per_mille) for rule in rules],
                         [("canary", 1000), ("canary", 100)])
        self.assertRefused("changes[0].resource", delete("pool", name="canary"), code="FAILED_PRECONDITION")
        # A rollback of the canary is one commit.
        self.apply(delete("policy_rule", name="all"), delete("policy_rule", name="some"), delete("pool", name="canary"))

    def test_rules_between_resources(self):
        """A few of each: tests/unit/control_services.c has them all."""
        self.apply(*SERVICE, change("vrf", name="blue"), pool("other", vrf="blue"), pool("empty"))
        for field, changes in (
                ("load_balancer.vip_address", [balancer("two")]),
                ("listener.ports", [listener("two", port=70, last=90)]),
                ("listener.pools[0].pool", [listener("two", pools=["other"], port=81)]),
                ("pool.overflow_pool", [pool("empty", member_connection_limit=1, overflow_pool="empty")]),
                ("member.address", [member("m3", "10.1.0.1", port=8080)]),
                ("member.address", [member("m3", "2001:db8::1")]),
                ("member.address", [member("m3", "10.0.0.1")]),
                ("member.weight", [member("m1", "10.1.0.1", port=8080, weight=0),
                                   member("m2", "10.1.0.2", port=8080, weight=0)]),
                ("member.monitor_port", [member("m3", "10.1.0.3")]),
                ("health_monitor.pool", [monitor("two")])):
            with self.subTest(field=field, changes=changes):
                self.assertRefused(f"changes[0].resource.{field}", *changes)

    def test_sluicectl(self):
        """The example of docs/control-api.md, and what is shown of it."""
        example = os.path.join(daemon.ROOT, "tests/lab/service-example.yaml")
        self.apply(change("vrf", name="tenant-a"))
        shown = {}
        for command in (["apply", "-y", "--owner", "test", "-f", example], ["show", "members"], ["show", "listeners"],
                        ["show", "pools"], ["show", "load_balancers"], ["show", "health_monitors"],
                        ["show", "policy_rules"]):
            done = subprocess.run([CTL, "--server", self.daemon.target, *command], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            shown[command[1]] = done.stdout
        self.assertRegex(shown["members"], r"gateway-2 +stable +10.0.0.12 +8443 +2 +active +667")
        self.assertRegex(shown["listeners"], r"shop-https +shop +tcp +443:443 +stable.*900.*canary.*100")
        self.assertRegex(shown["pools"], r"stable +tenant-a +maglev +dnat +source_ip +10000 +spill")
        self.assertRegex(shown["load_balancers"], r"shop +tenant-a +10.0.9.1")
        self.assertRegex(shown["health_monitors"], r"stable-alive +stable +https +1000 +1000 +2 +3")
        self.assertRegex(shown["policy_rules"], r"marked +tenant-a +5 +canary")

    def test_who_refers_to_whom(self):
        self.apply(*SERVICE)
        for kind, name in (("vrf", "red"), ("load_balancer", "lb"), ("pool", "web")):
            self.assertRefused("changes[0].resource", delete(kind, name=name), code="FAILED_PRECONDITION")
        self.apply(*(delete(kind, name=name) for kind, name in (
            ("health_monitor", "alive"), ("listener", "http"), ("member", "m1"), ("member", "m2"), ("pool", "web"),
            ("load_balancer", "lb"), ("vrf", "red"))))


class Restart(unittest.TestCase):
    """With a journal: a killed daemon's services are there again, as they were."""

    KINDS = ("LOAD_BALANCER", "LISTENER", "POOL", "MEMBER", "HEALTH_MONITOR", "POLICY_RULE")

    def listed(self, client):
        pages = [client.StateService.ListResources({"kind": "RESOURCE_KIND_" + kind}) for kind in self.KINDS]
        return [[(state.key, state.revision, state.owner, str(state.resource), str(state.member_status))
                 for state in page.states] for page in pages]

    def test_killed(self):
        directory = tempfile.mkdtemp(prefix="slu-services-")
        self.addCleanup(shutil.rmtree, directory)
        options = ("--state", directory)
        router = daemon.Daemon(*options)
        self.addCleanup(router.stop, check=False)
        changes = [*SERVICE, pool("deep", session_persistence={"type": 2, "timeout_seconds": 5}, latency_weights={}),
                   member("m6", "10.1.0.9", pool="deep", weight=0, admin_state=3, quic_server_id=7),
                   member("m7", "10.1.0.8", pool="deep", backup=True),
                   change("policy_rule", name="r", vrf="red", service_pool={"pool": "deep", "per_mille": 9})]
        with router.client() as client:
            client.ConfigService.ApplyChanges({"options": {"owner": "test"}, "changes": changes})
            before = self.listed(client)
        self.assertEqual([len(page) for page in before], [1, 1, 2, 4, 1, 1])
        router.process.send_signal(signal.SIGKILL)
        router.process.wait()
        router.start(*options)
        with router.client() as client:
            self.assertEqual(self.listed(client), before)
