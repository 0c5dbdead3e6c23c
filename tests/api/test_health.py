# SPDX-License-Identifier: Apache-2.0
"""grpc.health.v1 and the daemon's end."""

import grpc

import daemon

SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3


class Health(daemon.TestCase):
    def test_every_service_serves(self):
        for service in ["", "sluice.v1.ConfigService", "sluice.v1.StateService", "sluice.v1.SystemService"]:
            self.assertEqual(self.client.Health.Check({"service": service}).status, SERVING, service)

    def test_unknown_service(self):
        self.assertFails("NOT_FOUND", self.client.Health.Check, {"service": "nobody"}, field="service")
        watch = self.client.Health.Watch({"service": "nobody"})
        self.assertEqual(next(watch).status, SERVICE_UNKNOWN)
        watch.cancel()

    def test_watchers_that_go_are_forgotten(self):
        for _ in range(50):
            watch = self.client.Health.Watch()
            self.assertEqual(next(watch).status, SERVING)
            watch.cancel()


class Shutdown(daemon.TestCase):
    def clear(self):
        pass  # the daemon is gone

    def test_watchers_hear_of_the_end(self):
        watch = self.client.Health.Watch({"service": "sluice.v1.ConfigService"}, timeout=60)
        self.assertEqual(next(watch).status, SERVING)
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertEqual(next(watch).status, NOT_SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            next(watch)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
