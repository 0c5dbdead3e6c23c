# SPDX-License-Identifier: Apache-2.0
"""sluiced for a test: in a network namespace of its own, on a unix socket, gone with the test."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import grpc

import reflect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SLUICED = os.path.join(os.environ.get("SLUICE_BUILD", os.path.join(ROOT, "build/asan")), "vnf/sluiced")
_count = 0


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def wait_for(condition, what, seconds=20):
    """The first true value of condition(); as patient as wait_for of tests/lab/lib.sh."""
    seconds *= int(os.environ.get("SLUICE_PATIENCE", 1))
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Daemon:
    def __init__(self, *options, netns=None):
        global _count
        _count += 1
        self.owns_netns = netns is None
        self.netns = netns or f"slu{os.environ.get('SLUICE_RUN', '')}-api-{os.getpid()}-{_count}"
        self.directory = tempfile.mkdtemp(prefix="slu-api-")
        self.target = f"unix:{self.directory}/socket"
        self.log_path = os.path.join(self.directory, "log")
        self.process = None
        try:
            if self.owns_netns:
                run("ip", "netns", "add", self.netns)
                run("ip", "-n", self.netns, "link", "set", "lo", "up")
            self.start(*options)
        except BaseException:
            self.stop(check=False)
            raise

    def start(self, *options):
        with open(self.log_path, "a") as log:
            # `ip netns exec` becomes sluiced: the process is the daemon itself.
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.netns, SLUICED, "--config", "/dev/null", "--listen", self.target,
                 *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(os.environ, RUNTIME_DIRECTORY=self.directory))
        wait_for(self.answers, f"sluiced to serve:\n{self.log()}")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"sluiced ended with {self.process.returncode}:\n{self.log()}")
        if not os.path.exists(self.target[len("unix:"):]):
            return False
        try:
            with self.client() as client:
                return client.Health.Check(timeout=5).status == 1
        except grpc.RpcError:
            return False

    def client(self, version="v1"):
        return reflect.Client(self.target, version)

    def log(self):
        with open(self.log_path) as log:
            return log.read()

    def ip(self, *arguments):
        return run("ip", "-n", self.netns, *arguments)

    def terminate(self):
        """SIGTERM, as the service manager does; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def stop(self, check=True):
        status = None
        try:
            if self.process:
                status = self.process.poll()
                if status is None:
                    status = self.terminate()
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            log = self.log() if os.path.exists(self.log_path) else ""
            if self.owns_netns:
                subprocess.run(["ip", "netns", "delete", self.netns], capture_output=True)
            shutil.rmtree(self.directory, ignore_errors=True)
        if check and status != 0:
            raise AssertionError(f"sluiced ended with {status}:\n{log}")


class TestCase(unittest.TestCase):
    """One daemon a class; every test starts on an empty router."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(*cls.options)
        cls.addClassCleanup(cls.daemon.stop)
        cls.client = cls.daemon.client()
        cls.addClassCleanup(cls.client.close)
        cls.config = cls.client.ConfigService
        cls.state = cls.client.StateService
        cls.system = cls.client.SystemService

    def setUp(self):
        self.addCleanup(self.clear)

    def clear(self):
        """Deletes everything, whoever owns it; what is learned goes with its source."""
        owned = {}
        for kind in KINDS:
            for state in self.list(kind):
                if state.owner.startswith("source/"):
                    continue
                field = state.resource.WhichOneof("kind")
                owned.setdefault(state.owner, []).append({
                    "op": "OPERATION_DELETE",
                    "resource": {field: _key(field, getattr(state.resource, field))}})
        # References may cross owners: try until nothing refuses.
        for _ in range(len(owned) + 1):
            for owner, changes in list(owned.items()):
                try:
                    self.apply(*changes, owner=owner)
                    del owned[owner]
                except grpc.RpcError as error:
                    if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                        raise
        self.assertEqual(owned, {}, "what is left on the router")

    def apply(self, *changes, owner="test", client=None, **options):
        request = {"options": dict(options, owner=owner), "changes": list(changes)}
        return (client or self.client).ConfigService.ApplyChanges(request)

    def outcomes(self, response):
        names = self.client.pool.FindEnumTypeByName("sluice.v1.Outcome").values_by_number
        return [names[result.outcome].name[len("OUTCOME_"):] for result in response.result.results]

    def revision(self):
        return self.system.GetSystem().revision

    def list(self, kind, **options):
        """All states of a kind, page by page."""
        states, token = [], ""
        while True:
            page = self.state.ListResources(dict(options, kind="RESOURCE_KIND_" + kind, page_token=token))
            states += page.states
            token = page.next_page_token
            if not token:
                return states

    def keys(self, kind, **options):
        return [state.key for state in self.list(kind, **options)]

    def get(self, kind, key):
        return self.state.GetResource({"kind": "RESOURCE_KIND_" + kind, "key": key}).state

    def assertFails(self, code, call, *arguments, field=None, says=None, **options):
        """The call fails with this code, its details name the field, its texts say so; the error."""
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **options)
        error = caught.exception
        self.assertEqual(error.code(), getattr(grpc.StatusCode, code), error.details())
        if field is not None:
            violations = self.client.violations(error)
            self.assertIn(field, violations, error.details())
            if says:
                self.assertIn(says, violations[field])
        elif says:
            self.assertIn(says, error.details())
        return error

    def assertRefused(self, field, *changes, code="INVALID_ARGUMENT", says=None):
        """These changes are refused for this field, and nothing of them has happened."""
        before = self.revision()
        self.assertFails(code, self.apply, *changes, field=field, says=says)
        self.assertEqual(self.revision(), before)


KINDS = ["VRF", "INTERFACE", "TUNNEL_ENDPOINT", "NEXT_HOP", "NEXT_HOP_GROUP", "ROUTE", "PORT_PAIR",
         "PORT_PAIR_GROUP", "FLOW_CLASSIFIER", "PORT_CHAIN", "NEIGHBOR", "ADDRESS_GROUP",
         "SECURITY_GROUP", "SECURITY_GROUP_RULE", "POLICY_RULE", "RATE_LIMITER", "QOS_POLICY", "DDOS_PROFILE",
         "CONNTRACK_PROFILE", "LOAD_BALANCER", "LISTENER", "POOL", "MEMBER", "HEALTH_MONITOR", "ROUTE_SOURCE",
         "PROTECTED_PREFIX", "TAP_SERVICE", "TAP_FLOW"]


def _key(field, resource):
    names = {"route": ("vrf", "prefix"), "protected_prefix": ("vrf", "prefix"),
             "neighbor": ("vrf", "address")}.get(field, ("name",))
    return {name: getattr(resource, name) for name in names}


def change(kind, /, op="UPSERT", id="", **fields):
    """A Change as a dict: change("vrf", name="red")."""
    return {"id": id, "op": "OPERATION_" + op, "resource": {kind: fields}}


def delete(kind, /, **key):
    return change(kind, "DELETE", **key)


def gateway(name, interface, address, **fields):
    return change("next_hop", name=name, gateway=dict(fields, interface=interface, address=address))


def group(name, *next_hops):
    return change("next_hop_group", name=name, members=[{"next_hop": each} for each in next_hops])


def route(vrf, prefix, next_hop_group="drop"):
    return change("route", vrf=vrf, prefix=prefix, next_hop_group=next_hop_group)


def discard(vrf="red"):
    """A VRF and a group that drops: what routes can be hung on."""
    return [change("vrf", name=vrf), change("next_hop", name="drop", discard={}), group("drop", "drop")]


def chain(vrf="red"):
    """All that a chain needs: one classifier, one stage of one port pair."""
    return [change("vrf", name=vrf),
            change("interface", name="in0", vrf=vrf), change("interface", name="out0", vrf=vrf),
            change("port_pair", name="pair", ingress="in0", egress="out0"),
            change("port_pair_group", name="stage", port_pairs=["pair"]),
            change("flow_classifier", name="web", vrf=vrf, protocol="IP_PROTOCOL_TCP", destination_ports={"first": 80}),
            change("port_chain", name="chain", flow_classifiers=["web"], port_pair_groups=["stage"], symmetric=True)]


def tunnel(name="vtep", vni=100, vrf="red", **fields):
    defaults = dict(name=name, kind="TUNNEL_KIND_VXLAN", local_address="192.0.2.1", remote_address="192.0.2.2",
                    underlay_vrf="underlay", vni_bindings=[{"vni": vni, "vrf": vrf}])
    return change("tunnel_endpoint", **{**defaults, **fields})
