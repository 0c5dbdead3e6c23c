#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""agent.py SOCKET COMMAND...: runs it in the guest through qemu-guest-agent; its output and exit status become ours."""

import base64
import json
import os
import socket
import sys
import time


class Agent:
    def __init__(self, path, timeout):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")
        # What a client before us left half-read ends with the answer that carries our number.
        number = int.from_bytes(os.urandom(4), "big")
        self.send("guest-sync", id=number)
        while self.answer() != number:
            pass

    def send(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")

    def answer(self):
        line = self.lines.readline()
        if not line:
            raise ConnectionError("the guest's agent went away")
        try:
            answer = json.loads(line)
        except ValueError:
            return None
        if "error" in answer:
            raise RuntimeError(answer["error"]["desc"])
        return answer["return"]

    def call(self, command, **arguments):
        self.send(command, **arguments)
        return self.answer()

    def run(self, command, seconds=60):
        pid = self.call("guest-exec", path=command[0], arg=command[1:], **{"capture-output": True})["pid"]
        deadline = time.monotonic() + seconds
        while True:
            status = self.call("guest-exec-status", pid=pid)
            if status["exited"]:
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{command} took more than {seconds} s in the guest")
            time.sleep(0.1)
        for stream, key in ((sys.stdout, "out-data"), (sys.stderr, "err-data")):
            stream.buffer.write(base64.b64decode(status.get(key, "")))
            stream.flush()
        return status.get("exitcode", 128 + status.get("signal", 0))


if __name__ == "__main__":
    try:
        sys.exit(Agent(sys.argv[1], timeout=10).run(sys.argv[2:]))
    except (OSError, RuntimeError, TimeoutError) as error:
        sys.exit(f"agent.py: {error}")
