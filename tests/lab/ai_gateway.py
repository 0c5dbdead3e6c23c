#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a model server: answers GET /v1/completions?tokens=N&interval=MS as server-sent events, one token an
event, each as its own chunk and packet. Every address of its namespace is served; the tenant is known from the address
that was asked (arguments: ADDRESS=TENANT ...)."""

import asyncio
import sys
import urllib.parse

TENANTS = dict(argument.split("=", 1) for argument in sys.argv[1:])


def chunk(text):
    data = text.encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


async def answer(reader, writer):
    client = writer.get_extra_info("peername")[0]
    tenant = TENANTS.get(writer.get_extra_info("sockname")[0], "unknown")
    while True:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            break
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.split(b" ")[1].decode()).query)
        tokens = int(query.get("tokens", ["20"])[0])
        interval = int(query.get("interval", ["5"])[0]) / 1000
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(chunk(f"data: gateway=ai tenant={tenant} client={client}\n\n"))
        for number in range(1, tokens + 1):
            writer.write(chunk(f"data: token {number} of {tokens}\n\n"))
            await writer.drain()
            await asyncio.sleep(interval)
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(answer, "0.0.0.0", 80)
    async with server:
        await server.serve_forever()


asyncio.run(main())
