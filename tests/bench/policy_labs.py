# SPDX-License-Identifier: Apache-2.0
"""The routers of the policy bench: rules in, frames through."""
import ctypes
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
libc = ctypes.CDLL(None, use_errno=True)


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def row(case, subject, value, unit, bench="policy"):
    """As tests/bench/run.sh reads them."""
    value = float(f"{value:.4g}") if abs(value) < 1000 else round(value)
    print(json.dumps({"bench": bench, "case": case, "subject": subject, "value": value, "unit": unit}), flush=True)


def run(*command, data=None):
    done = subprocess.run(command, input=data, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout)[:2000]}")
    return done.stdout


def mac_of(namespace, device):
    return run("ip", "netns", "exec", namespace, "cat", f"/sys/class/net/{device}/address").strip()


class Traffic:
    """bench_policy_traffic around one router."""

    def __init__(self, tool, prefix, name):
        router = f"{prefix}-{name}"
        self.process = subprocess.Popen(
            [tool, f"{prefix}-gen-{name}", f"{prefix}-sink-{name}", mac_of(router, "in0"), mac_of(router, "out0")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"bench_policy_traffic ended at: {line}")
        return json.loads(answer)

    def flows(self, path):
        return self.ask(f"flows {path}")

    def send(self, side, flags, count, warm=0, sequence=(1001, 5001)):
        return self.ask(f"send {side} {flags} {sequence[0]} {sequence[1]} {count} {warm}")

    def handshake(self, count):
        """SYN, SYN-ACK and ACK of so many flows."""
        for side, flags, sequence in (("client", 2, (1000, 0)), ("server", 18, (5000, 1001)), ("client", 16, (1001, 5001))):
            said = self.send(side, flags, count, 0, sequence)
            if said["received"] != count:
                raise RuntimeError(f"of {count} packets of a handshake {said['received']} arrived: {side}, flags {flags}")

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class Nft:
    """libnftables in one namespace: a command costs what the library and the kernel take, no process."""

    def __init__(self, namespace):
        self.lib = ctypes.CDLL("libnftables.so.1")
        self.lib.nft_ctx_new.restype = ctypes.c_void_p
        self.lib.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self.namespace = namespace
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        self.enter(self.there)
        self.context = ctypes.c_void_p(self.lib.nft_ctx_new(0))
        self.enter(self.home)
        self.lib.nft_ctx_buffer_error(self.context)
        self.lib.nft_ctx_buffer_output(self.context)

    @staticmethod
    def enter(where):
        if libc.setns(where, 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")

    def command(self, text):
        self.enter(self.there)
        try:
            if self.lib.nft_run_cmd_from_buffer(self.context, text.encode()):
                raise RuntimeError(self.lib.nft_ctx_get_error_buffer(self.context).decode()[:1000])
        finally:
            self.enter(self.home)


class Ctl:
    """sluicectl."""

    def __init__(self, sluicectl, server, lab):
        self.command = [sluicectl, "--server", server]
        self.lab = lab
        self.files = 0

    def __call__(self, *words):
        return run(*self.command, *words)

    def apply(self, document, owner="bench", verb=("apply", "-y")):
        self.files += 1
        path = f"{self.lab}/policy-{self.files}.yaml"
        with open(path, "w", encoding="ascii") as file:
            file.write(document)
        return self(*verb, "--owner", owner, "-f", path)
