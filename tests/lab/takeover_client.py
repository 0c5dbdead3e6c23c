#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A client that goes on while one daemon takes over from another: takeover_client.py TARGET write FILE FIRST, or read.

write  commits one route of the VRF x after the other, from number FIRST on, and notes in FILE each that was acknowledged
read   lists the VRFs, and asks for the one that must be there

A call that fails with UNAVAILABLE is done again, as it was; another error ends the client with it. SIGTERM ends it.
"""

import os
import signal
import sys
import time

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../api"))
import reflect  # noqa: E402

target, kind = sys.argv[1], sys.argv[2]
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
client = reflect.Client(target, options=[(f"grpc.{which}_reconnect_backoff_ms", 50)
                                         for which in ("initial", "max")])


def prefix(i):
    return f"172.{16 + i // 65536}.{i // 256 % 256}.{i % 256}/32"


def write(i):
    i += first
    client.ConfigService.ApplyChanges({
        "options": {"owner": "writer", "request_id": f"{os.getpid()}-{i}"},
        "changes": [{"op": "OPERATION_CREATE", "resource": {
            "route": {"vrf": "x", "prefix": prefix(i), "next_hop_group": "server"}}}]}, timeout=30)
    print(prefix(i), file=note, flush=True)


def read(_):
    answer = client.StateService.ListResources({"kind": "RESOURCE_KIND_VRF"}, timeout=30)
    assert [state.key for state in answer.states] == ["x"], answer


note, first = (open(sys.argv[3], "a"), int(sys.argv[4])) if kind == "write" else (None, 0)
calls, again, slowest = 0, 0, 0.0
begin = time.monotonic()
while not stop:
    try:
        {"write": write, "read": read}[kind](calls)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNAVAILABLE:
            sys.exit(f"{kind} {calls}: {error.code()}: {error.details()}")
        again += 1
        time.sleep(0.01)
        continue
    slowest = max(slowest, time.monotonic() - begin)
    calls += 1
    begin = time.monotonic()
print(kind, calls, "again", again, "slowest", round(slowest, 3))
