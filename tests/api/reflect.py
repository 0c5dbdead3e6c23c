# SPDX-License-Identifier: Apache-2.0
"""A gRPC client that knows nothing of Sluice but what server reflection tells it."""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto


def _reflection_file(package):
    """grpc/reflection's own messages, as far as this client needs them: the one thing it must know beforehand."""
    file = descriptor_pb2.FileDescriptorProto(
        name=package.replace(".", "/") + "/reflection.proto", package=package, syntax="proto3")

    def message(name, *fields):
        proto = file.message_type.add(name=name)
        for field_name, number, kind, label, oneof in fields:
            field = proto.field.add(name=field_name, number=number, label=label)
            if isinstance(kind, str):
                field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{package}.{kind}"
            else:
                field.type = kind
            if oneof:
                if not proto.oneof_decl:
                    proto.oneof_decl.add(name=oneof)
                field.oneof_index = 0

    one, many = _FIELD.LABEL_OPTIONAL, _FIELD.LABEL_REPEATED
    string, number, octets = _FIELD.TYPE_STRING, _FIELD.TYPE_INT32, _FIELD.TYPE_BYTES
    message("ServerReflectionRequest", ("host", 1, string, one, None),
            ("file_by_filename", 3, string, one, "message_request"),
            ("file_containing_symbol", 4, string, one, "message_request"),
            ("file_containing_extension", 5, "ExtensionRequest", one, "message_request"),
            ("all_extension_numbers_of_type", 6, string, one, "message_request"),
            ("list_services", 7, string, one, "message_request"))
    message("ExtensionRequest", ("containing_type", 1, string, one, None), ("extension_number", 2, number, one, None))
    message("ServerReflectionResponse", ("valid_host", 1, string, one, None),
            ("original_request", 2, "ServerReflectionRequest", one, None),
            ("file_descriptor_response", 4, "FileDescriptorResponse", one, "message_response"),
            ("list_services_response", 6, "ListServiceResponse", one, "message_response"),
            ("error_response", 7, "ErrorResponse", one, "message_response"))
    message("FileDescriptorResponse", ("file_descriptor_proto", 1, octets, many, None))
    message("ListServiceResponse", ("service", 1, "ServiceResponse", many, None))
    message("ServiceResponse", ("name", 1, string, one, None))
    message("ErrorResponse", ("error_code", 1, number, one, None), ("error_message", 2, string, one, None))
    return file


class Reflection:
    """The reflection service of a channel, version "v1" or "v1alpha"."""

    def __init__(self, channel, version="v1"):
        package = "grpc.reflection." + version
        pool = descriptor_pool.DescriptorPool()
        pool.Add(_reflection_file(package))
        factory = message_factory.MessageFactory(pool)
        self.request = factory.GetPrototype(pool.FindMessageTypeByName(package + ".ServerReflectionRequest"))
        response = factory.GetPrototype(pool.FindMessageTypeByName(package + ".ServerReflectionResponse"))
        self.call = channel.stream_stream(f"/{package}.ServerReflection/ServerReflectionInfo",
                                          self.request.SerializeToString, response.FromString)

    def ask(self, *requests):
        """One stream with all requests, each a dict such as {"list_services": ""}; the list of answers."""
        return list(self.call(iter([self.request(**request) for request in requests]), timeout=20))

    def services(self):
        return [service.name for service in self.ask({"list_services": ""})[0].list_services_response.service]

    def files(self, **request):
        """The files of one answer as FileDescriptorProtos; KeyError where the server has none."""
        answer = self.ask(request)[0]
        if answer.HasField("error_response"):
            raise KeyError(answer.error_response.error_message)
        return [descriptor_pb2.FileDescriptorProto.FromString(data)
                for data in answer.file_descriptor_response.file_descriptor_proto]


class Client:
    """Stubs for every service of a server: client.ConfigService.ApplyChanges({...}, timeout=5)."""

    def __init__(self, target, version="v1", credentials=None, options=()):
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
                   ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0), *options]
        self.channel = (grpc.secure_channel(target, credentials, options) if credentials
                        else grpc.insecure_channel(target, options))
        self.reflection = Reflection(self.channel, version)
        self.pool = descriptor_pool.DescriptorPool()
        self.factory = message_factory.MessageFactory(self.pool)
        self.added = set()
        for name in self.reflection.services():
            if not name.startswith("grpc.reflection."):
                self.add(file_containing_symbol=name)
                setattr(self, name.rpartition(".")[2], Stub(self, self.pool.FindServiceByName(name)))

    def add(self, **request):
        files = {file.name: file for file in self.reflection.files(**request)}

        def add(file):
            if file.name in self.added:
                return
            self.added.add(file.name)
            for dependency in file.dependency:
                if dependency in files:
                    add(files[dependency])
            self.pool.Add(file)

        for file in files.values():
            add(file)

    def message(self, name):
        """The class of a message, by its full name."""
        return self.factory.GetPrototype(self.pool.FindMessageTypeByName(name))

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def violations(self, error):
        """{field: description} of a failed call's google.rpc.BadRequest."""
        if "google/rpc/status.proto" not in self.added:
            self.add(file_by_filename="google/rpc/status.proto")
        found = {}
        for key, value in error.trailing_metadata() or ():
            if key != "grpc-status-details-bin":
                continue
            status = self.message("google.rpc.Status").FromString(value)
            assert status.code == error.code().value[0], status
            for detail in status.details:
                if detail.type_url.endswith("/google.rpc.BadRequest"):
                    bad = self.message("google.rpc.BadRequest").FromString(detail.value)
                    found.update((violation.field, violation.description) for violation in bad.field_violations)
        return found


class Stub:
    """One service. Requests are dicts (protobuf's JSON form, field names as in the proto), messages, or raw bytes."""

    def __init__(self, client, service):
        for method in service.methods:
            setattr(self, method.name, self._method(client, service, method))

    @staticmethod
    def _method(client, service, method):
        proto = descriptor_pb2.ServiceDescriptorProto()
        service.CopyToProto(proto)
        flow = next(each for each in proto.method if each.name == method.name)
        request_class = client.factory.GetPrototype(method.input_type)
        response_class = client.factory.GetPrototype(method.output_type)

        def pack(request):
            if isinstance(request, dict):
                request = json_format.ParseDict(request, request_class())
            return request if isinstance(request, bytes) else request.SerializeToString()

        kind = "_".join("stream" if streams else "unary" for streams in
                        (flow.client_streaming, flow.server_streaming))
        call = getattr(client.channel, kind)(f"/{service.full_name}/{method.name}", pack, response_class.FromString)

        def invoke(request=None, timeout=30, **options):
            return call({} if request is None else request, timeout=timeout, **options)

        invoke.future = getattr(call, "future", None)
        invoke.request_class = request_class
        return invoke
