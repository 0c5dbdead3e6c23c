# SPDX-License-Identifier: Apache-2.0
"""grpc.health.v1 and the daemon's end."""

import threading
import unittest

import grpc

import daemon

SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3


class Health(daemon.TestCase):
    def test_every_service_serves(self):
        for service in ["", "sluice.v1.ConfigService", "sluice.v1.ConnectionService", "sluice.v1.HistoryService",
                        "sluice.v1.StateService",
                        "sluice.v1.SystemService"]:
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


class Shutdown(unittest.TestCase):
    def setUp(self):
        self.daemon = daemon.Daemon("--limits", "most")
        self.addCleanup(self.daemon.stop)
        self.client = self.daemon.client()
        self.addCleanup(self.client.close)

    def test_watchers_hear_of_the_end(self):
        watch = self.client.Health.Watch({"service": "sluice.v1.ConfigService"}, timeout=60)
        self.assertEqual(next(watch).status, SERVING)
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertEqual(next(watch).status, NOT_SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            next(watch)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_streams_that_never_end_do_not_hold_it(self):
        """They are cancelled when their time is over, and the socket is gone with the daemon."""
        never = threading.Event()
        self.addCleanup(never.set)

        def requests():
            yield request
            never.wait()

        begun = self.client.ConfigService.BeginTransaction({"options": {"owner": "test"}})
        request = self.client.ConfigService.StageChanges.request_class(transaction_id=begun.transaction_id)
        staging = self.client.ConfigService.StageChanges.future(requests(), timeout=120)
        reflection = self.client.reflection
        answer = next(reflection.call(iter_forever(reflection.request(list_services=""), never)))
        self.assertTrue(answer.list_services_response.service)
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertNotEqual(staging.code(), grpc.StatusCode.OK)

    def test_work_in_flight_is_finished(self):
        pending = [self.client.ConfigService.ApplyChanges.future({
            "options": {"owner": "test"},
            "changes": [daemon.change("vrf", name=f"vrf-{call}-{number}") for number in range(100)]}, timeout=60)
            for call in range(20)]
        pending[0].result()
        self.assertEqual(self.daemon.terminate(), 0)
        # OK, or refused as a whole: nothing in between
        self.assertLessEqual({each.code() for each in pending}, {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE})


def iter_forever(first, never):
    yield first
    never.wait()
