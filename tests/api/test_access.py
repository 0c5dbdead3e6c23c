# SPDX-License-Identifier: Apache-2.0
"""Who may do what: peers of the unix socket by uid, and certificates with SPIFFE IDs, under a policy that changes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import grpc

import daemon
from test_tls import CTL, Authority

ADDRESS = "127.0.0.1:50051"
CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "access_client.py")
OTHER = 64123  # a uid that nobody has

POLICY = f"""
rules:
- {{name: operators, identities: [uid:0], role: admin}}
- {{name: local, identities: [uid:{OTHER}], role: write, owners: [local], vrfs: [blue, "local-*"]}}
- {{name: tenant, identities: ["spiffe://net.example/tenant/*"], role: write, owners: [tenant], vrfs: [blue],
   prefixes: [10.0.0.0/8]}}
- {{name: watchers, identities: ["dns:watch.example"], role: read}}
"""


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="slu-access-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.policy = os.path.join(cls.directory, "access.yaml")
        cls.write(POLICY)
        cls.authority = Authority(cls.directory, "ours")
        cls.certificates = {"tenant": cls.certificate("tenant", "URI:spiffe://net.example/tenant/one,DNS:x.example"),
                            "watch": cls.certificate("watch", "DNS:watch.example"),
                            "stranger": cls.certificate("stranger", "URI:spiffe://net.example/other")}
        config = os.path.join(cls.directory, "sluice.yaml")
        with open(config, "w") as file:
            file.write(f"access_policy: {cls.policy}\ntls:\n  certificate: {cls.authority.file('server.pem')}\n"
                       f"  key: {cls.authority.file('server.key')}\n  client_ca: {cls.authority.file('ca.pem')}\n")
        cls.config_file = config
        cls.daemon = daemon.Daemon("--config", config, "--listen", ADDRESS)
        cls.addClassCleanup(cls.daemon.stop)
        os.chmod(cls.daemon.directory, 0o755)
        cls.client = cls.daemon.client()
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.addCleanup(self.replace, POLICY, 4)

    @classmethod
    def write(cls, text):
        with open(cls.policy + ".new", "w") as file:
            file.write(text)
        os.replace(cls.policy + ".new", cls.policy)

    @classmethod
    def certificate(cls, name, names):
        authority = cls.authority
        authority.openssl("req", "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}",
                          "-out", authority.file(name + ".csr"), *authority.new_key(name))
        authority.openssl("x509", "-req", "-in", authority.file(name + ".csr"), "-CA", authority.file("ca.pem"),
                          "-CAkey", authority.file("ca.key"), "-days", "2", "-copy_extensions", "copy",
                          "-out", authority.file(name + ".pem"))
        return authority.pair(name)

    def status(self):
        return self.client.SystemService.GetSystem().access_policy

    def replace(self, text, rules):
        """The policy, once it is in force."""
        self.write(text)
        daemon.wait_for(lambda: (self.status().rules, self.status().fault) == (rules, ""), "the policy")

    def run_inside(self, *command, user=None):
        options = {"user": user, "group": 0, "extra_groups": []} if user else {}
        return subprocess.run(["ip", "netns", "exec", self.daemon.netns, *command] if not user else command,
                              capture_output=True, text=True, timeout=60, **options)

    def ctl(self, *arguments, user=None, certificate=None, owner="tenant"):
        """sluicectl as a local user, or with a certificate."""
        options = ["--server", self.daemon.target]
        if certificate:
            pem, key = self.certificates[certificate]
            options = ["--server", ADDRESS, "--tls-ca", self.authority.file("ca.pem"), "--tls-cert", pem, "--tls-key",
                       key]
        return self.run_inside(CTL, *options, "--owner", owner, "--timeout", "10", *arguments, user=user)

    def apply(self, text, *options, **who):
        with open(os.path.join(self.directory, "changes.yaml"), "w") as file:
            file.write(text)
        os.chmod(self.directory, 0o755)
        os.chmod(file.name, 0o644)
        return self.ctl("apply", "-y", "-f", file.name, *options, **who)

    def assertDenied(self, result, *says):
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        for each in says:
            self.assertIn(each, result.stderr)

    def test_who_am_i(self):
        def who(**options):
            result = self.ctl("whoami", "-o", "json", **options)
            self.assertEqual(result.returncode, 0, result.stderr)
            told = json.loads(result.stdout)
            return told["identity"], told["proof"], [grant["rule"] for grant in told.get("grants", [])]
        self.assertEqual(who(), ("uid:0", "unix_peer", ["operators"]))
        self.assertEqual(who(user=OTHER), (f"uid:{OTHER}", "unix_peer", ["local"]))
        self.assertEqual(who(user=OTHER + 1), (f"uid:{OTHER + 1}", "unix_peer", []))
        self.assertEqual(who(certificate="tenant"), ("spiffe://net.example/tenant/one", "certificate", ["tenant"]))
        self.assertEqual(who(certificate="watch"), ("dns:watch.example", "certificate", ["watchers"]))
        self.assertEqual(who(certificate="stranger"), ("spiffe://net.example/other", "certificate", []))
        shown = self.ctl("whoami", certificate="tenant").stdout
        self.assertIn("identity  spiffe://net.example/tenant/one (client's certificate)", shown)
        self.assertIn("prefixes 10.0.0.0/8", shown)

    def test_python_as_another_user(self):
        def write(owner, vrf, user=OTHER):
            result = self.run_inside(sys.executable, CLIENT, self.daemon.target, owner, vrf, user=user)
            self.assertEqual(result.returncode, 0, result.stderr)
            return result.stdout.strip()
        self.assertEqual(write("local", "local-1"), "OK")
        self.assertIn(f"PERMISSION_DENIED options.owner: uid:{OTHER} may not write as the owner \"tenant\"",
                      write("tenant", "local-1"))
        self.assertIn(f"PERMISSION_DENIED changes[0].resource: uid:{OTHER} may not write to the VRF \"other\" as local",
                      write("local", "other"))

    def test_a_tenant_writes_in_its_scope(self):
        base = "next_hop: [{name: t-nh, discard: {}}]\nnext_hop_group: [{name: t, members: [{next_hop: t-nh}]}]\n"
        done = self.apply("vrf: [{name: blue}]\n" + base, certificate="tenant")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.apply("route: [{vrf: blue, prefix: 10.9.0.0/16, next_hop_group: t}]\n", certificate="tenant")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertDenied(self.apply("route: [{vrf: blue, prefix: 192.0.2.0/24, next_hop_group: t}]\n",
                                     certificate="tenant"), "192.0.2.0/24 as tenant, which is in none of its prefixes")
        self.assertDenied(self.apply("vrf: [{name: red}]\n", certificate="tenant"), 'to the VRF "red"')
        # A route that is there is not to be deleted by whoever has not its VRF, and scopes also hold for transactions.
        self.replace(POLICY.replace("vrfs: [blue],", "vrfs: [red],"), 4)
        self.assertDenied(self.ctl("delete", "-y", "route", "blue/10.9.0.0/16", certificate="tenant"),
                          'to the VRF "blue"')
        begun = self.ctl("tx", "begin", certificate="tenant").stdout.strip()
        with open(os.path.join(self.directory, "stage.yaml"), "w") as file:
            file.write("vrf: [{name: green}]\n")
        staged = self.ctl("tx", "stage", begun, "-f", os.path.join(self.directory, "stage.yaml"), certificate="tenant")
        self.assertEqual(staged.returncode, 0, staged.stderr)
        self.assertDenied(self.ctl("tx", "commit", begun, user=OTHER, owner="local"), "transaction_id")
        self.assertDenied(self.ctl("tx", "commit", begun, certificate="tenant"), 'to the VRF "green"')

    def test_another_owners_transaction_is_not_to_be_touched(self):
        begun = self.ctl("tx", "begin", certificate="tenant").stdout.strip()
        self.assertDenied(self.ctl("tx", "abort", begun, user=OTHER), "transaction_id", f"uid:{OTHER}", "tenant")
        self.assertEqual(self.ctl("tx", "abort", begun, certificate="tenant").returncode, 0)

    def test_an_interface_of_another_vrf_is_no_way_out(self):
        for owner, vrf in ("operator", "red"), ("tenant", "blue"):
            done = self.apply(f"vrf: [{{name: {vrf}}}]\ninterface: [{{name: {vrf}0, vrf: {vrf}}}]\n", owner=owner)
            self.assertEqual(done.returncode, 0, done.stderr)
        text = "next_hop: [{name: t-%s, gateway: {interface: %s, address: 192.0.2.1}}]\n"
        self.assertDenied(self.apply(text % ("r", "red0"), certificate="tenant"), 'to the VRF "red"')
        done = self.apply(text % ("b", "blue0"), certificate="tenant")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_readers_read(self):
        self.assertEqual(self.ctl("status", certificate="watch").returncode, 0)
        self.assertDenied(self.apply("vrf: [{name: blue}]\n", certificate="watch"),
                          "dns:watch.example has the role read, and sluice.v1.ConfigService/", "needs write")
        before = self.status().denied
        self.assertDenied(self.ctl("status", certificate="stranger"),
                          "no rule names spiffe://net.example/other, which calls sluice.v1.SystemService/GetSystem",
                          self.policy)
        self.assertEqual(self.status().denied, before + 1)
        self.assertIn("denied: ", self.daemon.log())

    def test_a_scoped_reader_sees_its_scope(self):
        """By Get, List and Watch: what is of other VRFs and owners is not there, now and when the policy changes."""
        base = "".join(f"{kind}: [{', '.join(each)}]\n" for kind, each in {
            "vrf": ["{name: local-9}", "{name: other-9}"], "interface": ["{name: in9, vrf: local-9}", "{name: out9, vrf: other-9}"],
            "next_hop": ["{name: o-nh, discard: {}}"], "next_hop_group": ["{name: o, members: [{next_hop: o-nh}]}"],
            "route": [f"{{vrf: {vrf}, prefix: {prefix}, next_hop_group: o}}"
                      for vrf in ("local-9", "other-9") for prefix in ("10.7.0.0/16", "192.0.2.0/24")]}.items())
        done = self.apply(base, "--confirm", "600s", owner="operator")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.directory, "all.yaml"), "w") as file:
            file.write(base)
        self.addCleanup(self.ctl, "delete", "-y", "-f", file.name, owner="operator")
        scoped = POLICY.replace("role: write, owners: [local], vrfs: [blue, \"local-*\"]", "role: read, vrfs: [%s]")
        self.replace(scoped % "local-9], owners: [operator", 4)
        self.assertIn("of operator: undone at", self.ctl("status", user=OTHER).stdout)
        self.replace(scoped % "local-9], prefixes: [10.0.0.0/8", 4)
        # what waits for its confirmation may be about anything: it takes a rule that names the owner
        status = self.ctl("status", user=OTHER).stdout
        self.assertEqual(("ports        not shown: " in status, "operator" in status), (True, False), status)
        self.ctl("confirm", owner="operator")
        def keys(*arguments):
            shown = self.ctl("show", *arguments, "-o", "json", user=OTHER)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            return {state["key"] for state in json.loads(shown.stdout).get("states", [])}
        self.assertEqual(keys("routes"), {"local-9/10.7.0.0/16"})
        self.assertEqual(keys("routes", "--vrf", "other-9"), set())
        self.assertIn("in9", keys("interfaces"))
        self.assertNotIn("out9", keys("interfaces"))
        self.assertNotIn("other-9", keys("vrfs"))
        self.assertIn("o", keys("next_hop_groups"))
        self.assertDenied(self.ctl("show", "route", "other-9/10.7.0.0/16", user=OTHER),
                          'there is no route "other-9/10.7.0.0/16"')
        self.assertEqual(self.ctl("show", "limits", user=OTHER).returncode, 0)
        self.assertDenied(self.ctl("history", user=OTHER), "reads only what is in its scope", "ListRevisions")
        self.assertIn("reads    what is of these", self.ctl("whoami", user=OTHER).stdout)

        watching = subprocess.Popen([CTL, "--server", self.daemon.target, "watch", "vrfs", "routes"],
                                    stdout=subprocess.PIPE, text=True, user=OTHER, group=0, extra_groups=[])
        self.addCleanup(watching.communicate)
        self.addCleanup(watching.kill)

        def told(last):
            lines = []
            while not lines or last not in lines[-1]:
                lines.append(watching.stdout.readline())
                self.assertTrue(lines[-1], lines)
            return "".join(lines)
        first = told("that is all of")
        for text in "route local-9/10.7.0.0/16: revision", "vrf local-9:":
            self.assertIn(text, first)
        for text in "other-9", "192.0.2.0/24":
            self.assertNotIn(text, first)
        for key in "other-9/10.7.0.0/16", "local-9/10.7.0.0/16":
            self.assertEqual(self.ctl("delete", "-y", "route", key, owner="operator").returncode, 0, key)
        self.assertNotIn("other-9", told("route local-9/10.7.0.0/16: gone") + told("revision "))
        # another policy shows it something else: it begins anew
        self.replace(scoped % "other-9", 4)
        self.assertEqual(self.ctl("delete", "-y", "route", "local-9/192.0.2.0/24", owner="operator").returncode, 0)
        anew = told("were lost") + told("that is all of")
        self.assertIn("route other-9/192.0.2.0/24: revision", anew)
        self.assertNotIn("local-9", anew)
        self.assertEqual(keys("routes"), {"other-9/192.0.2.0/24"})

    def test_a_policy_that_is_wrong_is_not_taken(self):
        self.write("rules: [{identities: [uid:0], role: king}]\n")
        daemon.wait_for(lambda: "read, write, admin" in self.status().fault, "the fault")
        self.assertEqual(self.status().rules, 4)
        self.assertIn("is not in force", self.ctl("status").stdout)
        self.assertEqual(self.ctl("status", certificate="watch").returncode, 0)
        # A rule that is gone also counts for connections that are there.
        self.replace("rules: [{identities: [uid:0], role: admin}]\n", 1)
        self.assertDenied(self.ctl("status", certificate="watch"), "no rule names dns:watch.example")

    def test_hangup_reads_it_again(self):
        self.daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: "was read again" in self.daemon.log(), "the log")

    def test_check_finds_mistakes(self):
        def check():
            return subprocess.run([daemon.SLUICED, "-n", "--config", self.config_file], capture_output=True, text=True,
                                  timeout=60)
        self.assertEqual(check().returncode, 0)
        self.write("rules: [{identities: [uid:0], role: king}]\n")
        result = check()
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{self.policy}:1: rules[0].role: king: choose one of", result.stderr)


class Elections(unittest.TestCase):
    def test_fencing_outlives_the_daemon(self):
        state = tempfile.mkdtemp(prefix="slu-state-")
        self.addCleanup(shutil.rmtree, state)
        started = daemon.Daemon("--state", state)
        self.addCleanup(started.stop)

        def write(vrf, *options):
            path = os.path.join(state, "vrf.yaml")
            with open(path, "w") as file:
                file.write(f"vrf: [{{name: {vrf}}}]\n")
            return subprocess.run([CTL, "--server", started.target, "--owner", "fabric", *options, "apply", "-y", "-f",
                                   path], capture_output=True, text=True, timeout=60)
        self.assertEqual(write("one").returncode, 0)
        self.assertEqual(write("two", "--election-id", "18446744073709551614").returncode, 0)
        for _ in range(2):
            refused = write("three", "--election-id", "7")
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn("options.election_id: is 7, but fabric has written with 18446744073709551614", refused.stderr)
            self.assertIn("is missing", write("three").stderr)
            started.process.kill()
            started.process.wait()
            started.start("--state", state)
        self.assertEqual(write("three", "--election-id", "18446744073709551615").returncode, 0)


class Quotas(daemon.TestCase):
    """What one identity may hold at a time. The others, here root, go on."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="slu-quotas-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        os.chmod(cls.directory, 0o755)
        policy = os.path.join(cls.directory, "access.yaml")
        with open(policy, "w") as file:
            file.write(f"""
rules:
- {{identities: [uid:0], role: admin, quotas: {{streams: 2, connections: 4, transactions: 2, staged_mib: 1}}}}
- {{identities: [uid:{OTHER}], role: admin, quotas: {{requests: 1}}}}
""")
        config = os.path.join(cls.directory, "sluice.yaml")
        with open(config, "w") as file:
            file.write(f"access_policy: {policy}\n")
        cls.options = ("--config", config)
        super().setUpClass()
        os.chmod(cls.daemon.directory, 0o755)

    def test_transactions(self):
        begun = [self.config.BeginTransaction({"options": {"owner": "a"}}).transaction_id for _ in range(2)]
        self.assertFails("RESOURCE_EXHAUSTED", self.config.BeginTransaction, {"options": {"owner": "a"}},
                         says="uid:0 may have 2 open transactions")
        self.config.AbortTransaction({"transaction_id": begun.pop()})
        begun.append(self.config.BeginTransaction({"options": {"owner": "b"}}).transaction_id)
        for each in begun:
            self.config.AbortTransaction({"transaction_id": each})

    def test_staged_bytes(self):
        begun = self.config.BeginTransaction({"options": {"owner": "a"}}).transaction_id
        request = self.config.StageChanges.request_class

        def stage(first, count):
            message = request(transaction_id=begun)
            for number in range(first, first + count):
                message.changes.add(op="OPERATION_UPSERT").resource.vrf.name = f"vrf-{number}"
            return self.config.StageChanges.future(iter([message]), timeout=60).result()
        self.assertEqual(stage(0, 1000).staged, 1000)
        self.assertFails("RESOURCE_EXHAUSTED", stage, 1000, 20000, says="uid:0 may have 1 MiB of staged changes")
        self.assertEqual(stage(1000, 10).staged, 1010)
        self.config.AbortTransaction({"transaction_id": begun})

    def test_streams(self):
        watches = [self.client.Health.Watch(timeout=60) for _ in range(2)]
        for each in watches:
            next(each)
        self.assertFails("RESOURCE_EXHAUSTED", lambda: next(self.client.Health.Watch(timeout=60)),
                         says="uid:0 may have 2 streams: end one, or raise quotas.streams")
        self.system.GetSystem()
        watches.pop().cancel()

        def watched():
            try:
                watches.append(self.client.Health.Watch(timeout=60))
                return next(watches[-1])
            except grpc.RpcError:
                return None
        daemon.wait_for(watched, "a stream after another's end")
        for each in watches:
            each.cancel()

    def test_requests(self):
        # As another user, who may have one call in flight: two at once, many times.
        result = subprocess.run([sys.executable, "-c", f"""
import sys
sys.path.insert(0, {os.path.dirname(CLIENT)!r})
import grpc
with grpc.insecure_channel({self.daemon.target!r}) as channel:
    call = channel.unary_unary("/sluice.v1.SystemService/ListLimits")
    codes = set()
    for _ in range(200):
        for future in [call.future(b"", timeout=20) for _ in range(20)]:
            codes.add(future.code().name)
        if len(codes) == 2:
            break
    print(*sorted(codes))
"""], capture_output=True, text=True, timeout=120, user=OTHER, group=0, extra_groups=[])
        self.assertEqual(result.stdout.strip(), "OK RESOURCE_EXHAUSTED", result.stderr)

    def test_connections(self):
        path = self.daemon.target[len("unix:"):]
        # The tests' own connection is one.
        sockets = []
        self.addCleanup(lambda: [each.close() for each in sockets])

        def connect():
            sockets.append(socket.socket(socket.AF_UNIX))
            sockets[-1].settimeout(20)
            sockets[-1].connect(path)
            return sockets[-1].recv(1) != b""  # the server's SETTINGS, or the end

        def admitted():
            try:
                return connect()
            except ConnectionResetError:
                return False
        self.system.GetSystem()
        taken = [admitted() for _ in range(6)]
        self.assertEqual(taken, [True] * 3 + [False] * 3)
        self.assertIn("a connection was closed: uid:0 may have 4 connections", self.daemon.log())
        self.system.GetSystem()
        sockets.pop(0).close()
        daemon.wait_for(admitted, "a connection after another's end")
