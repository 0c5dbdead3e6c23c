# SPDX-License-Identifier: Apache-2.0
"""One write over a unix socket, by whoever runs it: access_client.py TARGET OWNER VRF; prints the status and its text."""

import sys

import grpc

import reflect

target, owner, vrf = sys.argv[1:]
with reflect.Client(target) as client:
    try:
        client.ConfigService.ApplyChanges({"options": {"owner": owner}, "changes": [
            {"op": "OPERATION_UPSERT", "resource": {"vrf": {"name": vrf}}}]})
        print("OK")
    except grpc.RpcError as error:
        print(error.code().name, error.details())
