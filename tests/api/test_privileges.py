# SPDX-License-Identifier: Apache-2.0
"""What a daemon that root has started keeps, in each of its threads; and that nobody else can keep it from starting."""

import glob
import os
import subprocess
import sys

import daemon
from daemon import change

CAPABILITIES = {"NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13, "SYS_NICE": 23, "BPF": 39}

HOLD = """
import os, signal, socket, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
held = []
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
    held.append(socket.socket(socket.AF_UNIX, kind))
    held[-1].bind("\\0sluiced")
held[0].listen()
print("held", flush=True)
signal.pause()
"""


class Privileges(daemon.TestCase):
    def threads(self):
        for path in sorted(glob.glob(f"/proc/{self.daemon.process.pid}/task/*/status"),
                           key=lambda each: int(each.split("/")[4])):
            with open(path) as file:
                fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            yield fields

    def test_every_thread_keeps_only_what_it_needs(self):
        # Devices, so that all threads that there ever are have been started.
        self.daemon.ip("link", "add", "p0", "type", "veth", "peer", "p1")
        self.apply(change("vrf", name="red"), change("interface", name="p0", vrf="red"))
        most = sum(1 << number for number in CAPABILITIES.values())
        threads = list(self.threads())
        if "tsan" in daemon.SLUICED:
            del threads[1]  # its own: it is there before main is
        self.assertGreater(len(threads), 5)
        for fields in threads:
            for name in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
                self.assertEqual(int(fields[name], 16) & ~most, 0, f"{name} of {fields['Name']}")
            self.assertEqual(fields["NoNewPrivs"], "1", fields["Name"])
            self.assertEqual(fields["Seccomp"], "2", fields["Name"])

    def test_nobody_else_can_block_the_start(self):
        netns = f"{self.daemon.netns}b"
        daemon.run("ip", "netns", "add", netns)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", netns])
        holder = subprocess.Popen(["ip", "netns", "exec", netns, sys.executable, "-c", HOLD], stdout=subprocess.PIPE,
                                  text=True)
        self.addCleanup(holder.communicate)
        self.addCleanup(holder.kill)
        self.assertEqual(holder.stdout.readline(), "held\n")
        started = daemon.Daemon(netns=netns)
        self.addCleanup(started.stop)
        self.assertIn("a process of another user holds the name @sluiced", started.log())
        second = subprocess.run(["ip", "netns", "exec", netns, daemon.SLUICED, "-c", "/dev/null", "--listen",
                                 started.target + "2"], capture_output=True, text=True, timeout=60,
                                env=dict(os.environ, RUNTIME_DIRECTORY=started.directory))
        self.assertEqual(second.returncode, 1, second.stderr)
        self.assertIn("another sluiced owns this network namespace", second.stderr)
