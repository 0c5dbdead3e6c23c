# SPDX-License-Identifier: Apache-2.0
"""The validation can fail: each mistake below is made in a copy of the templates, and Heat must name it."""

import os
import shutil
import tempfile
import unittest

import engine

VNF, HA, AUTOSCALE, CHAIN = engine.TEMPLATES

# file, template that is validated, what is there, what is put in its place, what Heat says
MISTAKES = (
    (VNF, VNF, "config_drive: true", "config_drives: true", "Unknown Property config_drives"),
    (VNF, VNF, "binding:vnic_type:", "vnic_type:", "Unknown Property vnic_type"),
    (VNF, VNF, "handle: {get_resource: ready_handle}", "handle: {get_resource: handle}", "handle.*is incorrect"),
    (VNF, VNF, "depends_on: server", "depends_on: router", "router.*is incorrect"),
    (VNF, VNF, "config_drive: true", "config_drive: {get_attr: [ready, data]}", "Circular"),
    (VNF, VNF, "default: normal", "default: virtual", "not an allowed value"),
    (VNF, VNF, "default: 600", "default: 60000", "out of range"),
    (VNF, VNF, "port_range_max: 50051", "port_range_max: fifty", "is not an integer"),
    (VNF, VNF, "port_range_max: 50051", "port_range_max: 70000", "70000 is out of range"),
    (VNF, VNF, "direction: ingress\n", "direction: inward\n", '"inward" is not an allowed value'),
    (VNF, VNF, "{get_param: flavor}", "{get_param: flavour}", "flavour"),
    (VNF, VNF, "[west_port, fixed_ips, 0", "[west_port, ip_addresses, 0", "ip_addresses"),
    (VNF, VNF, "{get_attr: [ready_handle, curl_cli]}", "{get_attr: [ready_handle, curl]}", "curl"),
    (VNF, VNF, "OS::Heat::WaitConditionHandle", "OS::Heat::WaitHandle", "WaitHandle"),
    (VNF, VNF, "  secured: {get_param: port_security}", "  guarded: {get_param: port_security}", "secured"),
    (VNF, VNF, "{get_file: ../vnf/image/cloud-init/user-data.yaml}", "{get_param: nothing}", "nothing"),
    (VNF, VNF, "$signal:", "$signals:", r"not found in the template: \$signals"),
    (VNF, VNF, "heat_template_version: 2018-08-31", "heat_template_version: 2018-08-30", "2018-08-30"),
    (VNF, VNF, "parameters: [more_user_data]", "parameters: [user_data]", "user_data"),
    (VNF, VNF, "user_data_format: RAW", "user_data_format: COOKED", '"COOKED" is not an allowed value'),
    (VNF, VNF, "conditions:\n", "condition:\n", "condition"),
    (VNF, HA, "{get_param: metadata}", "{get_param: meta}", "meta"),
    (HA, HA, "policies: [{get_param: affinity}]", "policies: {get_param: name}", "is not a list"),
    (HA, HA, "      server_group: {get", "      group: {get", "Unknown Property group"),
    (HA, HA, "      client_ca: {get_param: client_ca}\n", "", "Property client_ca not assigned"),
    (HA, HA, "get_file: keepalived.conf", "get_file: keepalive.conf", "keepalive.conf"),
    (HA, HA, "{get_attr: [b, grpc_endpoint]}", "{get_attr: [c, grpc_endpoint]}", "reference.*c|c.*incorrect"),
    (HA, HA, "{min: 1, max: 255}", "{min: 100, max: 255}", "51 is out of range"),
    (AUTOSCALE, AUTOSCALE, "          certificate: {get_param: certificate}\n", "", "Property certificate not assigned"),
    (AUTOSCALE, AUTOSCALE, "scaling_adjustment: -1", "scaling_adjustment: less", "could not convert"),
    (AUTOSCALE, AUTOSCALE, "adjustment_type: change_in_capacity", "adjustment_type: change", '"change" is not an allowed'),
    (AUTOSCALE, AUTOSCALE, "{get_attr: [shrink, signal_url]}", "{get_attr: [grow, signals]}", "signals"),
    (AUTOSCALE, AUTOSCALE, "comparison_operator: lt", "comparison_operator: less", '"less" is not an allowed value'),
    (AUTOSCALE, AUTOSCALE, "type: sluice-vnf.yaml", "type: sluice.yaml", "sluice.yaml"),
    (CHAIN, CHAIN, "ethertype: IPv4", "ethertype: IP", '"IP" is not an allowed value'),
    (CHAIN, CHAIN, "flow_classifiers: [", "classifiers: [", "Unknown Property classifiers"),
    (CHAIN, CHAIN, "[ids, port_pair_group]", "[ids, port_pairs]", "port_pairs"),
    (CHAIN, CHAIN, "default: 0.0.0.0/0", "default: 0.0.0.0/99", "0.0.0.0/99"),
    ("chain-stage.yaml", CHAIN, "egress: {get_resource: egress}", "", "egress not assigned"),
    ("env/site.yaml", VNF, "controllers: 192.0.2.0/24", "controllers: everybody", "everybody"),
    ("env/site.yaml", VNF, "  image: sluice\n", "", "image.*was not provided"),
    ("env/port-security.yaml", HA, "port_security: true", "port_security: maybe", "maybe"),
)


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="sluice-heat-")
        self.addCleanup(shutil.rmtree, self.root)
        for folder in ("heat-templates", "vnf/image/cloud-init"):
            shutil.copytree(os.path.join(engine.ROOT, folder), os.path.join(self.root, folder))

    def validate(self, template):
        environments = ["site.yaml", "port-security.yaml"] + (["chain.yaml"] if template == CHAIN else [])
        return engine.validate(template, environments, root=self.root)

    def test_the_copy_is_valid(self):
        for template in engine.TEMPLATES:
            self.validate(template)

    def test_each_is_refused(self):
        for file, template, there, instead, says in MISTAKES:
            path = os.path.join(self.root, "heat-templates", file)
            with open(path) as source:
                text = source.read()
            with self.subTest(file=file, there=there, instead=instead):
                self.assertIn(there, text)
                with open(path, "w") as copy:
                    copy.write(text.replace(there, instead, 1))
                try:
                    with self.assertRaisesRegex(Exception, says):
                        self.validate(template)
                finally:
                    with open(path, "w") as copy:
                        copy.write(text)


class Values(unittest.TestCase):
    """What a user gives wrongly."""

    def refused(self, says, **parameters):
        with self.assertRaisesRegex(Exception, says):
            engine.validate(VNF, parameters={**engine.CREDENTIALS, **parameters})

    def test_credentials(self):
        self.refused("private key in PEM", certificate_key=engine.CERTIFICATE)
        self.refused("certificates in PEM", certificate=engine.KEY)
        self.refused("certificates in PEM", client_ca="")
        # Nothing that would end the string that it is put into, or be taken for another name to fill in.
        self.refused("certificates in PEM", certificate=engine.CERTIFICATE.replace("MIIB", 'MI"B'))
        self.refused("certificates in PEM", certificate=engine.CERTIFICATE.replace("MIIB", "$key"))

    def test_others(self):
        self.refused("name", name="Sluice 1")
        self.refused("an IPv4 address, or nothing", management_address="router.example.net")
        self.refused("cloud-config", more_user_data="#!/bin/sh\nreboot\n")
        self.refused("was not defined in template", port="50051")
        self.refused("nova.flavor|is not the name", flavor="")


if __name__ == "__main__":
    unittest.main()
