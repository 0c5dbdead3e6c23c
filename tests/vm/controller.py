#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An SDN controller that knows the router by server reflection only.

controller.py ADDRESS TLS VERB...; TLS: a folder with authority.crt, controller.crt and controller.key, if it exists.
  wait SECONDS          until health is SERVING
  program               a tenant's VRF, its port, tunnel and routes in one commit; until all is programmed
  ports                 a line a port: device, XDP mode, up, reason
  preflight             a line a finding: subject, severity
  owner KIND KEY        who owns a resource; nothing: there is none
  tunnel                packets that the tunnel decapsulated and encapsulated
  revision
"""

import os
import sys
import time

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../api"))
import daemon  # noqa: E402
import reflect  # noqa: E402

VTEP = "172.16.0.10"
KINDS = ["VRF", "INTERFACE", "TUNNEL_ENDPOINT", "NEXT_HOP", "NEXT_HOP_GROUP", "ROUTE"]


def changes():
    change, gateway, group = daemon.change, daemon.gateway, daemon.group
    return [
        change("vrf", name="tenant"),
        change("interface", name="east", device="port2", vrf="tenant"),
        daemon.tunnel("host", vni=100, vrf="tenant", local_address="172.16.0.1", remote_address=VTEP),
        gateway("vtep", "west", VTEP), group("vtep", "vtep"),
        change("next_hop", name="host", tunnel={"tunnel_endpoint": "host", "vni": 100, "mac": "02:00:00:00:00:0a"}),
        group("host", "host"),
        gateway("server", "east", "10.9.0.2"), group("server", "server"),
        daemon.route("underlay", VTEP + "/32", "vtep"),
        daemon.route("tenant", "10.0.0.0/24", "host"),
        daemon.route("tenant", "10.9.0.0/24", "server"),
    ]


class Controller:
    def __init__(self, address, tls):
        self.address, self.credentials = address, None
        if os.path.isdir(tls):
            parts = [open(os.path.join(tls, name), "rb").read()
                     for name in ("authority.crt", "controller.key", "controller.crt")]
            self.credentials = grpc.ssl_channel_credentials(*parts)

    def client(self):
        return reflect.Client(self.address, credentials=self.credentials)

    def wait(self, seconds):
        deadline = time.monotonic() + float(seconds)
        while True:
            try:
                with self.client() as client:
                    if client.Health.Check(timeout=5).status == 1:
                        return
            except grpc.RpcError as error:
                why = error
            if time.monotonic() > deadline:
                raise SystemExit(f"not SERVING within {seconds} s: {why}")
            time.sleep(0.5)

    def states(self, client):
        for kind in KINDS:
            yield from client.StateService.ListResources({"kind": "RESOURCE_KIND_" + kind}).states

    def program(self):
        with self.client() as client:
            client.ConfigService.ApplyChanges({"options": {"owner": "controller"}, "changes": changes()})
            deadline = time.monotonic() + 30
            while True:
                missing = [f"{state.key}: {state.reason}" for state in self.states(client) if state.reason]
                if not missing:
                    return
                if time.monotonic() > deadline:
                    raise SystemExit("not programmed: " + "; ".join(missing))
                time.sleep(0.2)

    def ports(self):
        with self.client() as client:
            modes = client.pool.FindEnumTypeByName("sluice.v1.XdpMode").values_by_number
            for port in client.SystemService.ListPorts().ports:
                print(port.device, modes[port.xdp_mode].name, "up" if port.up else "down", port.reason)

    def preflight(self):
        with self.client() as client:
            severities = client.pool.FindEnumTypeByName("sluice.v1.Severity").values_by_number
            for finding in client.SystemService.Preflight().findings:
                print(finding.subject, severities[finding.severity].name)

    def owner(self, kind, key):
        with self.client() as client:
            try:
                print(client.StateService.GetResource({"kind": "RESOURCE_KIND_" + kind, "key": key}).state.owner)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND:
                    raise

    def tunnel(self):
        with self.client() as client:
            state = client.StateService.GetResource({"kind": "RESOURCE_KIND_TUNNEL_ENDPOINT", "key": "host"}).state
            print(state.counters.packets, state.sent.packets)

    def revision(self):
        with self.client() as client:
            print(client.SystemService.GetSystem().revision)


if __name__ == "__main__":
    address, tls, verb, *arguments = sys.argv[1:]
    getattr(Controller(address, tls), verb)(*arguments)
