# SPDX-License-Identifier: Apache-2.0
"""Server reflection, both versions: the other tests know the API through it alone."""

import daemon
import reflect

SERVICES = ["sluice.v1.BalancerService", "sluice.v1.ConfigService", "sluice.v1.ConnectionService", "sluice.v1.DiagnosticsService", "sluice.v1.HealthService", "sluice.v1.HistoryService", "sluice.v1.StateService", "sluice.v1.SystemService", "sluice.v1.WatchService",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]


class ReflectionTest(daemon.TestCase):
    def both(self):
        return [reflect.Reflection(self.client.channel, version) for version in ("v1", "v1alpha")]

    def test_lists_services(self):
        for reflection in self.both():
            self.assertEqual(sorted(reflection.services()), sorted(SERVICES))

    def test_a_client_of_either_version_can_drive_the_router(self):
        for version in ("v1", "v1alpha"):
            with self.daemon.client(version) as client:
                self.apply(daemon.change("vrf", name="red"), client=client)
                self.assertEqual(len(client.StateService.ListResources({"kind": "RESOURCE_KIND_VRF"}).states), 1)

    def test_finds_symbols_of_every_sort(self):
        expected = {
            "sluice.v1.ConfigService": "sluice/v1/config_service.proto",
            "sluice.v1.ConfigService.ApplyChanges": "sluice/v1/config_service.proto",
            "sluice.v1.Route": "sluice/v1/base.proto",
            "sluice.v1.Route.prefix": "sluice/v1/base.proto",
            "sluice.v1.Resource.kind": "sluice/v1/resource.proto",
            "sluice.v1.Outcome": "sluice/v1/change.proto",
            "sluice.v1.OUTCOME_CREATED": "sluice/v1/change.proto",
            "google.rpc.BadRequest.FieldViolation": "google/rpc/status.proto",
            "grpc.health.v1.HealthCheckResponse.ServingStatus": "grpc/health/v1/health.proto",
            "grpc.health.v1.HealthCheckResponse.NOT_SERVING": "grpc/health/v1/health.proto",
        }
        for reflection in self.both():
            for symbol, file in expected.items():
                self.assertEqual(reflection.files(file_containing_symbol=symbol)[0].name, file, symbol)

    def test_a_file_brings_its_imports(self):
        for reflection in self.both():
            files = reflection.files(file_by_filename="sluice/v1/config_service.proto")
            self.assertEqual({file.name for file in files}, {
                "sluice/v1/config_service.proto", "sluice/v1/change.proto", "sluice/v1/resource.proto",
                "sluice/v1/base.proto", "sluice/v1/chain.proto", "sluice/v1/neighbor.proto", "sluice/v1/policy.proto",
                "sluice/v1/qos.proto", "sluice/v1/service.proto", "sluice/v1/source.proto", "sluice/v1/tap.proto",
                "sluice/v1/tunnel.proto"})

    def test_errors_are_answers_and_the_stream_goes_on(self):
        for reflection in self.both():
            answers = reflection.ask(
                {"file_by_filename": "no/such.proto"}, {"file_containing_symbol": "sluice.v1.Nope"},
                {"file_containing_symbol": "sluice.v1"}, {"file_containing_symbol": "sluice.v1.Route.prefix.x"},
                {"file_containing_symbol": ""}, {"all_extension_numbers_of_type": "sluice.v1.Route"},
                {"file_containing_extension": {"containing_type": "sluice.v1.Route", "extension_number": 1}}, {},
                {"list_services": ""})
            codes = [answer.error_response.error_code for answer in answers]
            self.assertEqual(codes, [5, 5, 5, 5, 5, 5, 5, 12, 0])
            self.assertEqual(answers[1].original_request.file_containing_symbol, "sluice.v1.Nope")
            self.assertEqual(len(answers[-1].list_services_response.service), len(SERVICES))
