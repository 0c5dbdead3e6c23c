# SPDX-License-Identifier: Apache-2.0
"""Preflight over a real kernel's devices; the management interface and the dataplane's namespace."""

import os
import subprocess
import unittest

import daemon
from daemon import change

OK, WARNING, ERROR = 1, 2, 3
TC = 2
VETH = "veth, TC without XDP: a veth hands over unfinished checksums, segments and VLAN tags"


class Preflight(daemon.TestCase):
    def setUp(self):
        super().setUp()
        self.daemon.ip("link", "add", "left", "type", "veth", "peer", "name", "right")
        self.addCleanup(self.daemon.ip, "link", "delete", "left")
        for device in "left", "right":
            self.daemon.ip("link", "set", device, "up")

    def findings(self, *devices):
        findings = self.system.Preflight({"devices": list(devices)}).findings
        for finding in findings:
            self.assertEqual(finding.remedy != "", finding.severity != OK, finding.what)
        return findings

    def texts(self, subject, *devices):
        return {finding.what: finding.severity for finding in self.findings(*devices) if finding.subject == subject}

    def test_the_machine(self):
        subjects = [finding.subject for finding in self.findings()]
        for subject in "kernel", "clock", "memory", "neighbours", "left", "right":
            self.assertIn(subject, subjects)
        self.assertNotIn("lo", subjects)
        self.assertIn(f"release {os.uname().release}, the packet programs are loaded", self.texts("kernel"))

    def test_acknowledgements(self):
        self.assertEqual(self.texts("acknowledgements"), {})
        self.apply(change("vrf", name="red"),
                   change("route_source", name="frr", vrf="red", table=77, acknowledge=True))
        daemon.run("ip", "netns", "exec", self.daemon.netns, "sysctl", "-qw", "net.ipv4.nexthop_compat_mode=1")
        self.assertEqual(list(self.texts("acknowledgements").values()), [WARNING])
        daemon.run("ip", "netns", "exec", self.daemon.netns, "sysctl", "-qw", "net.ipv4.nexthop_compat_mode=0")
        self.assertEqual(list(self.texts("acknowledgements").values()), [OK])

    def test_a_device_with_an_odd_name(self):
        """A name is bytes to the kernel: one that is no UTF-8 must not make the answer unreadable."""
        daemon.run("ip", "-n", self.daemon.netns, "link", "add", b"od\xff\xe2d", "type", "veth", "peer", "name", "even")
        self.addCleanup(self.daemon.ip, "link", "delete", "even")
        subjects = [finding.subject for finding in self.findings()]
        for subject in "od??d", "even", "left":
            self.assertIn(subject, subjects)
        self.system.ListPorts()

    def test_a_veth(self):
        self.assertEqual(self.texts("left", "left"), {VETH: OK})
        self.apply(change("vrf", name="red"), change("interface", name="left", vrf="red"))
        self.assertEqual(self.texts("left", "left"), {VETH: OK})
        self.assertEqual(self.texts("right", "right"), {VETH: OK})
        self.daemon.ip("link", "set", "right", "down")
        daemon.wait_for(lambda: self.texts("left", "left").get("the link is down") == WARNING, "the link's end")

    def test_what_cannot_be_a_port(self):
        self.assertEqual(self.texts("lo", "lo"), {"not Ethernet: it cannot be a port": ERROR})
        for name in "nowhere", "a-name-that-is-too-long-for-a-device", "":
            self.assertEqual(self.texts(name, name), {"there is no such device": ERROR})

    def test_it_changes_nothing(self):
        before = self.daemon.ip("-d", "link", "show", "left")
        self.findings()
        self.assertEqual(self.daemon.ip("-d", "link", "show", "left"), before)

    def test_too_many_devices(self):
        self.assertFails("INVALID_ARGUMENT", self.system.Preflight, {"devices": ["x"] * 65}, field="devices")


class Management(unittest.TestCase):
    """The management interface, and a dataplane in a namespace other than that in which gRPC is served."""

    def start(self, config, *options, **arguments):
        path = f"/tmp/slu-management-{os.getpid()}.yaml"
        with open(path, "w") as file:
            file.write(config)
        self.addCleanup(os.remove, path)
        started = daemon.Daemon("--config", path, *options, **arguments)
        self.addCleanup(started.stop)
        return started

    def new_netns(self, name):
        name = f"slu{os.environ.get('SLUICE_RUN', '')}-api-{os.getpid()}-{name}"
        daemon.run("ip", "netns", "add", name)
        self.addCleanup(daemon.run, "ip", "netns", "delete", name)
        daemon.run("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def add_link(self, here, device, number):
        """A client's namespace, on a link of its own."""
        there = self.new_netns(device)
        daemon.run("ip", "-n", here, "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", there)
        for namespace, name, host in (here, device, 1), (there, "eth0", 2):
            daemon.run("ip", "-n", namespace, "link", "set", name, "up")
            daemon.run("ip", "-n", namespace, "address", "add", f"198.51.100.{16 * number + host}/28", "dev", name)
        return there

    def connects(self, netns, address):
        script = "import socket, sys; socket.create_connection((sys.argv[1], 50051), 5).close()"
        return subprocess.run(["ip", "netns", "exec", netns, "/usr/bin/python3", "-c", script, address],
                              capture_output=True, timeout=30).returncode == 0

    def test_the_dataplane_does_not_reach_grpc(self):
        netns = self.new_netns("router")
        manager, tenant = self.add_link(netns, "mgmt", 1), self.add_link(netns, "port", 2)
        daemon.run("ip", "-n", tenant, "route", "add", "default", "via", "198.51.100.33")
        started = self.start("insecure: true\nmanagement: {interface: mgmt}\n", "--listen", "0.0.0.0:50051",
                             "--listen", "[::1]:50052", netns=netns)
        with started.client() as client:
            self.assertTrue(self.connects(manager, "198.51.100.17"))
            # Neither by the port's own address nor by the management interface's, which the kernel would accept, too.
            self.assertFalse(self.connects(tenant, "198.51.100.33"))
            self.assertFalse(self.connects(tenant, "198.51.100.17"))

            with self.assertRaises(daemon.grpc.RpcError) as caught:
                client.ConfigService.ApplyChanges({"options": {"owner": "test"}, "changes": [
                    change("vrf", name="red"), change("interface", name="up", device="mgmt", vrf="red")]})
            violations = client.violations(caught.exception)
            self.assertIn("is the management interface", violations["changes[1].resource.interface.device"])
            findings = client.SystemService.Preflight({"devices": ["mgmt"]}).findings
            self.assertIn(("mgmt", ERROR, "the management interface is never a port"),
                          [(finding.subject, finding.severity, finding.what) for finding in findings])
            subjects = {finding.subject for finding in client.SystemService.Preflight().findings}
            self.assertIn("port", subjects)
            self.assertNotIn("mgmt", subjects)

    def test_the_dataplane_in_a_namespace_of_its_own(self):
        dataplane, management = self.new_netns("dataplane"), self.new_netns("management")
        outside = self.add_link(dataplane, "port", 1)
        manager = self.add_link(management, "mgmt", 2)
        started = self.start(f"insecure: true\ndataplane: {{namespace: {dataplane}}}\n",
                             "--listen", "0.0.0.0:50051", netns=management)
        self.assertTrue(self.connects(manager, "198.51.100.33"))
        self.assertFalse(self.connects(outside, "198.51.100.17"))
        with started.client() as client:
            client.ConfigService.ApplyChanges({"options": {"owner": "test"}, "changes": [
                change("vrf", name="red"), change("interface", name="port", vrf="red")]})
            ports = client.SystemService.ListPorts().ports
            self.assertEqual([(port.device, port.xdp_mode) for port in ports], [("port", TC)])
            self.assertIn("port", {finding.subject for finding in client.SystemService.Preflight().findings})
        # The namespace is claimed, not the one that the daemon was started in.
        second = subprocess.run(["ip", "netns", "exec", dataplane, daemon.SLUICED, "-c", "/dev/null", "--listen",
                                 started.target + "2"], capture_output=True, text=True, timeout=60)
        self.assertEqual(second.returncode, 1, second.stderr)
        self.assertIn("another sluiced owns this network namespace", second.stderr)

    def test_a_namespace_that_is_not_there(self):
        result = subprocess.run([daemon.SLUICED, "--listen", f"unix:/tmp/slu-{os.getpid()}.sock", "--config",
                                 "/dev/stdin"], input="dataplane: {namespace: nowhere}\n", capture_output=True,
                                text=True, timeout=60)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("network namespace nowhere: No such file or directory: make it first", result.stderr)

    def test_an_interface_that_is_not_there(self):
        netns = self.new_netns("router")
        result = subprocess.run(["ip", "netns", "exec", netns, daemon.SLUICED, "--listen", "0.0.0.0:50051", "--config",
                                 "/dev/stdin"], input="insecure: true\nmanagement: {interface: nowhere}\n",
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("cannot be kept to nowhere (No such device)", result.stderr)
