# SPDX-License-Identifier: Apache-2.0
"""Commits that replace routes, and the rollbacks that replace them again, in turns: rollback.py TARGET LOG ROUNDS SIZE.

Prints {"commit": us, "rollback": us, "paused": us, "expiry": us}: medians as a client sees them without reading its answer;
"paused" is a commit a second after the last one, as is the expiry, whose time is the daemon log's.
"""

import json
import os
import re
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../api"))
import reflect  # noqa: E402

target, log, rounds, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = reflect.Client(target)
config = client.ConfigService


def routes(group, **options):
    """The request, packed."""
    request = config.ApplyChanges.request_class()
    reflect.json_format.ParseDict({"options": dict(options, owner="bench"), "changes": [
        {"op": "OPERATION_UPSERT", "resource": {"route": {
            "vrf": "internet", "prefix": f"10.{i >> 8 & 255}.{i & 255}.0/24", "next_hop_group": group}}}
        for i in range(size)]}, request)
    return request.SerializeToString()


def timed(method, request):
    call = client.channel.unary_unary(f"/sluice.v1.ConfigService/{method}")
    start = time.perf_counter()
    answer = call(request, timeout=30)
    took = (time.perf_counter() - start) * 1e6
    return took, client.message(f"sluice.v1.{method}Response").FromString(answer).result


def expired():
    with open(log) as lines:
        return [float(ms) * 1e3 for ms in re.findall(r"has undone it, in ([0-9.]*) ms", lines.read())]


config.ApplyChanges(routes("bench-a"))
there = routes("bench-b")
took = {"commit": [], "rollback": [], "paused": []}
for _ in range(rounds):
    one, result = timed("ApplyChanges", there)
    back = config.Rollback.request_class(revision=result.revision - 1)
    back.options.owner = "bench"
    other, result = timed("Rollback", back.SerializeToString())
    assert result.replaced == size, result
    took["commit"].append(one)
    took["rollback"].append(other)
before = len(expired())
waits = routes("bench-b", confirm_seconds=1)
for done in range(min(rounds, 12)):
    took["paused"].append(timed("ApplyChanges", waits)[0])
    deadline = time.monotonic() + 20
    while len(expired()) == before + done:
        assert time.monotonic() < deadline, "nobody undoes the commit"
        time.sleep(0.02)
took["expiry"] = expired()[before:]
print(json.dumps({name: statistics.median(values) for name, values in took.items()}))
