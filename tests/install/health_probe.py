#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Probes by grpc.health.v1, as a kubelet does, or watches until the end.

    health_probe.py ADDRESS SECONDS [SERVICE]   prints when it first served, in ms since 1970; status 1: not within SECONDS
    health_probe.py --watch ADDRESS             prints each status, and the code by which the call ends
"""

import sys
import time

import grpc

STATUS = {b"": "UNKNOWN", b"\x08\x01": "SERVING", b"\x08\x02": "NOT_SERVING", b"\x08\x03": "SERVICE_UNKNOWN"}


def request(service):
    return b"\x0a" + bytes([len(service)]) + service.encode() if service else b""


def probe(address, seconds, service):
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        # A channel of its own each time: one that was refused waits before it connects again.
        with grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            try:
                answer = channel.unary_unary("/grpc.health.v1.Health/Check")(request(service), timeout=1)
                if STATUS.get(answer) == "SERVING":
                    print(round(time.time() * 1000))
                    return 0
            except grpc.RpcError as error:
                last = error
            else:
                last = STATUS.get(answer, answer)
        time.sleep(0.02)
    print(last, file=sys.stderr)
    return 1


def watch(address):
    with grpc.insecure_channel(address) as channel:
        try:
            for answer in channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=60, wait_for_ready=True):
                print(STATUS.get(answer, answer), flush=True)
        except grpc.RpcError as error:
            print(error.code().name, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--watch":
        watch(sys.argv[2])
    else:
        sys.exit(probe(sys.argv[1], float(sys.argv[2]), *(sys.argv[3:] or [""])))
