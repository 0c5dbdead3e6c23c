# SPDX-License-Identifier: Apache-2.0
"""The commands of heat-templates/README.md, and what tests/heat/openstack refuses: with it stand and fall the commands of
docs/deploy-openstack.md, which tests/lab/test_deploy_openstack.sh runs."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import engine

COMMAND = os.path.join(engine.ROOT, "tests/heat/openstack")
README = os.path.join(engine.ROOT, "heat-templates/README.md")


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sluice-heat-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.symlink(COMMAND, os.path.join(self.folder, "openstack"))
        for folder in ("heat-templates", "vnf"):
            os.symlink(os.path.join(engine.ROOT, folder), os.path.join(self.folder, folder))
        for name, content in (("router.crt", engine.CERTIFICATE), ("ca.crt", engine.CERTIFICATE), ("router.key", engine.KEY)):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(content)

    def run_bash(self, text):
        run = subprocess.run(
            ["bash", "-ec", text], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "SLUICE_CLOUD": self.folder})
        return run.returncode, run.stdout

    def readme(self):
        with open(README) as file:
            return "\n".join(re.findall(r"^```bash\n(.*?)^```", file.read(), re.M | re.S))

    def test_the_readme(self):
        self.assertEqual(self.run_bash(self.readme()), (0, "192.0.2.11:50051\n"))

    def test_what_is_refused(self):
        for there, instead, says in (
                ("--template ", "--templates-of ", "required: -t/--template"),
                ("stack create", "stack make", "'stack', 'make'"),
                ("sluice-vnf.yaml", "sluice-vm.yaml", "sluice-vm.yaml"),
                ("env/site.yaml", "env/sites.yaml", "sites.yaml"),
                ("management_address=192.0.2.11", "management_adress=192.0.2.11", "management_adress"),
                ("$PWD/router.key", "$PWD/router.crt", "a private key in PEM"),
                (" grpc_endpoint", " endpoint", "has no output endpoint")):
            text = self.readme()
            self.assertIn(there, text)
            with self.subTest(instead=instead):
                status, output = self.run_bash(text.replace(there, instead, 1))
                self.assertNotEqual(status, 0)
                self.assertIn(says, output)

    def test_files_that_are_not_there(self):
        for command in ("image create --disk-format qcow2 --file nothing sluice", "vnf package upload --path nothing id"):
            self.assertEqual(self.run_bash(f"openstack {command}"), (1, "openstack: there is no nothing\n"))


if __name__ == "__main__":
    unittest.main()
