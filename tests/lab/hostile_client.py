#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that a router must survive: hostile_client.py TARGET KIND [NUMBER]. Each runs until it is killed, says "ready"
when it has begun, and sends nothing but what the API allows.

unread   NUMBER streams of reflection that ask and ask, in a process that then stops: nothing is read at the socket
list     NUMBER threads that list all routes, page after page
repeat   one that asks for the second page of a listing again and again, while others make revisions
tokens   NUMBER threads that begin listings and never go on
connect  NUMBER connections that sit idle, and go on connecting when they are refused
pause    NUMBER streams of StageChanges that send nothing
"""

import os
import signal
import socket
import sys
import threading
import time

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../api"))
import reflect  # noqa: E402

target, kind = sys.argv[1], sys.argv[2]
number = int(sys.argv[3]) if len(sys.argv) > 3 else 1


def ready():
    print("ready", flush=True)


def forever(function, count):
    threads = [threading.Thread(target=function, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    ready()
    for thread in threads:
        thread.join()


def unread():
    """A connection holds 100 streams."""
    calls = []
    for _ in range((number + 99) // 100):
        channel = grpc.insecure_channel(target, [("grpc.use_local_subchannel_pool", 1)])
        reflection = reflect.Reflection(channel)
        question = reflection.request(file_containing_symbol="sluice.v1.ConfigService")

        def questions():
            while True:
                yield question

        for _ in range(min(number, 100)):
            calls.append(reflection.call(questions()))
    time.sleep(1)
    ready()
    os.kill(os.getpid(), signal.SIGSTOP)


def list_routes():
    with reflect.Client(target) as client:
        while True:
            token = ""
            while True:
                try:
                    page = client.StateService.ListResources(
                        {"kind": "RESOURCE_KIND_ROUTE", "page_size": 10000, "page_token": token}, timeout=60)
                except grpc.RpcError as error:
                    if error.code() != grpc.StatusCode.ABORTED:
                        raise
                    break
                token = page.next_page_token
                if not token:
                    break


def repeat():
    with reflect.Client(target) as client:
        while True:
            token = client.StateService.ListResources(
                {"kind": "RESOURCE_KIND_ROUTE", "page_size": 1}, timeout=60).next_page_token
            ready()
            try:
                while token:
                    client.StateService.ListResources(
                        {"kind": "RESOURCE_KIND_ROUTE", "page_size": 1, "page_token": token}, timeout=60)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.ABORTED:
                    raise


def begin_listings():
    with reflect.Client(target) as client:
        while True:
            client.StateService.ListResources({"kind": "RESOURCE_KIND_ROUTE", "page_size": 1}, timeout=60)


def connect():
    held = []
    while True:
        try:
            if target.startswith("unix:"):
                one = socket.socket(socket.AF_UNIX)
                one.connect(target[len("unix:"):])
            else:
                host, port = target.rsplit(":", 1)
                one = socket.create_connection((host, int(port)))
        except OSError:
            time.sleep(0.01)
            continue
        held.append(one)
        if len(held) == number:
            ready()
        if len(held) > number:
            held.pop(0).close()
            time.sleep(0.001)


def pause():
    with reflect.Client(target) as client:
        request = client.message("sluice.v1.StageChangesRequest")
        response = client.message("sluice.v1.StageChangesResponse")
        call = client.channel.stream_unary("/sluice.v1.ConfigService/StageChanges", request.SerializeToString,
                                           response.FromString)
        wait = threading.Event()

        def nothing():
            wait.wait()
            yield request()

        futures = [call.future(nothing()) for _ in range(number)]
        ready()
        futures[0].result()


{"unread": unread, "list": lambda: forever(list_routes, number), "repeat": repeat,
 "tokens": lambda: forever(begin_listings, number), "connect": connect, "pause": pause}[kind]()
