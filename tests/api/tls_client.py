# SPDX-License-Identifier: Apache-2.0
"""Asks for a server's health over TLS and prints the status code: tls_client.py ADDRESS CA [CERTIFICATE KEY]."""

import sys

import grpc


def read(path):
    with open(path, "rb") as file:
        return file.read()


address, ca, *own = sys.argv[1:]
certificate, key = map(read, own) if own else (None, None)
credentials = grpc.ssl_channel_credentials(read(ca), key, certificate)
with grpc.secure_channel(address, credentials) as channel:
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    try:
        # HealthCheckResponse{status: SERVING}
        print("OK" if check(b"", timeout=10) == b"\x08\x01" else "NOT_SERVING")
    except grpc.RpcError as error:
        print(error.code().name)
