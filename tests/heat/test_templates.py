# SPDX-License-Identifier: Apache-2.0
"""Every template is valid with every environment, and tells its users all that it wants to know."""

import glob
import itertools
import os
import unittest

import yaml

import cloud
import engine
import user_data

FOLDER = os.path.join(engine.ROOT, "heat-templates")
ENVIRONMENTS = sorted(os.path.basename(path) for path in glob.glob(os.path.join(FOLDER, "env/*.yaml")))
PARTS = ("chain-stage.yaml",)  # templates that others are made of


def load(*path):
    with open(os.path.join(FOLDER, *path)) as file:
        return yaml.safe_load(file)


class Templates(unittest.TestCase):
    def test_every_template_with_every_environment(self):
        optional = [name for name in ENVIRONMENTS if name not in ("site.yaml", "chain.yaml")]
        for template in engine.TEMPLATES:
            needed = ["site.yaml"] + (["chain.yaml"] if template == "sluice-chain.yaml" else [])
            for count in range(len(optional) + 1):
                for more in itertools.combinations(optional, count):
                    with self.subTest(template=template, environments=more):
                        engine.validate(template, needed + list(more))

    def test_every_choice(self):
        for template in engine.TEMPLATES:
            for name, parameter in load(template)["parameters"].items():
                choices = [value for constraint in parameter.get("constraints", [])
                           for value in constraint.get("allowed_values", [])]
                for value in choices or ([True, False] if parameter["type"] == "boolean" else []):
                    with self.subTest(template=template, **{name: value}):
                        engine.validate(template, ("site.yaml", "chain.yaml"), {**engine.CREDENTIALS, name: value})

    def test_management_addresses(self):
        def fixed(router):
            return [each["ip_address"] for each in router["management_port"].properties["fixed_ips"] or []]

        for template, parameter, value in (("sluice-vnf.yaml", "management_address", "192.0.2.7"),
                                           ("sluice-ha.yaml", "management_addresses", "192.0.2.7,192.0.2.8")):
            for given in (value, ""):
                stack = engine.validate(template, parameters={**engine.CREDENTIALS, parameter: given})
                with cloud.created(stack):
                    addresses = [fixed(router) for router in user_data.routers(stack)]
                self.assertEqual(",".join(sum(addresses, [])), given)

    def test_the_part_by_itself(self):
        engine.validate("chain-stage.yaml", (), {"name": "ids", "image": "i", "flavor": "f", "network": "n"})

    def test_no_template_is_left_out(self):
        there = {os.path.basename(path) for path in glob.glob(os.path.join(FOLDER, "*.yaml"))}
        self.assertEqual(there, {*engine.TEMPLATES, *PARTS})


class Parameters(unittest.TestCase):
    def test_described_and_constrained(self):
        for template in engine.TEMPLATES + PARTS:
            for name, parameter in load(template)["parameters"].items():
                with self.subTest(template=template, parameter=name):
                    self.assertTrue(parameter["label"].strip())
                    self.assertRegex(parameter["description"], r"\.\s*$")
                    if parameter["type"] == "number":
                        self.assertIn("range", parameter["constraints"][0])
                    self.assertEqual(parameter.get("hidden", False), name == "certificate_key")

    def test_each_is_in_one_group(self):
        for template in engine.TEMPLATES:
            parsed = load(template)
            grouped = [name for group in parsed["parameter_groups"] for name in group["parameters"]]
            with self.subTest(template=template):
                self.assertEqual(sorted(grouped), sorted(parsed["parameters"]))

    def test_environments_name_parameters_that_exist(self):
        # Heat ignores a default for a parameter that a template does not have, so nobody else would notice.
        known = {name for template in engine.TEMPLATES for name in load(template)["parameters"]}
        for environment in ENVIRONMENTS:
            parsed = load("env", environment)
            with self.subTest(environment=environment):
                self.assertEqual(list(parsed), ["parameter_defaults"])
                self.assertLessEqual(set(parsed["parameter_defaults"]), known)

    def test_each_has_a_use(self):
        for template in engine.TEMPLATES + PARTS:
            with open(os.path.join(FOLDER, template)) as file:
                text = file.read()
            for name in load(template)["parameters"]:
                with self.subTest(template=template, parameter=name):
                    self.assertRegex(text, rf"get_param: \[?{name}[,}}]")


class Outputs(unittest.TestCase):
    def test_the_grpc_endpoint(self):
        for template in engine.TEMPLATES:
            outputs = load(template)["outputs"]
            with self.subTest(template=template):
                self.assertTrue({"grpc_endpoint", "grpc_endpoints"} & set(outputs))
                for output in outputs.values():
                    self.assertTrue(output["description"])


if __name__ == "__main__":
    unittest.main()
