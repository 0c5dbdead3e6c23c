# SPDX-License-Identifier: Apache-2.0
"""The VNF package: the same bytes twice, nothing to be found by check_csar.py, templates that Heat takes, and mistakes
that check_csar.py must name."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from heat.common import context, template_format
from heat.engine import environment, stack, template
import yaml

import check_csar
import cloud
import engine
import user_data

BUILD = os.path.join(engine.ROOT, "heat-templates/csar/build.sh")
# The header of a qcow2, version 3, of 2 GiB, and some data.
IMAGE = b"QFI\xfb" + (3).to_bytes(4, "big") + bytes(16) + (2 << 30).to_bytes(8, "big") + b"data" * 100
VNFD, TYPES = "Definitions/sluice.yaml", "Definitions/sol001.yaml"
TOP, NESTED = "BaseHOT/simple/sluice.yaml", "BaseHOT/simple/nested/sluice-vnf.yaml"
META, MANIFEST = "TOSCA-Metadata/TOSCA.meta", "sluice.mf"

# file, what is there, what is put in its place, what is found; the manifest's hashes are made right again
MISTAKES = (
    (META, "CSAR-Version: 1.1", "CSAR-Version: 1.0", "CSAR-Version is 1.0"),
    (META, "Entry-Definitions: Definitions/sluice.yaml", "Entry-Definitions: Definitions/router.yaml", "no Definitions/router"),
    (META, "ETSI-Entry-Licenses: Files/Licenses\n", "", "ETSI-Entry-Licenses is missing"),
    (MANIFEST, "vnf_provider_id: Sluice", "vnf_provider_id:", "vnf_provider_id is missing"),
    (MANIFEST, "T", " ", "no date"),
    (MANIFEST, "SHA-256", "MD5", "not Source, Algorithm SHA-256"),
    (VNFD, "- sol001.yaml", "- sol002.yaml", "sol002.yaml: is imported and not there"),
    (VNFD, "tosca_simple_yaml_1_2", "tosca_simple_yaml_9_9", "tosca_definitions_version is tosca_simple_yaml_9_9"),
    (VNFD, "type: tosca.nodes.nfv.Vdu.Compute", "type: tosca.nodes.nfv.Vdu", "no type tosca.nodes.nfv.Vdu"),
    (VNFD, "virtual_binding: server", "virtual_binding: servers", "no node servers"),
    (VNFD, "virtual_binding: server", "virtual_binding: sluice", "sluice offers no"),
    (VNFD, "virtual_binding: server", "binding: server", "no requirement binding"),
    (VNFD, "layer_protocols: [ipv4]", "layer_protocols: [ipx]", "'ipx' is not valid_values"),
    (VNFD, "layer_protocols: [ipv4], ", "", "property layer_protocols is missing"),
    (VNFD, "min_ram: 1 GiB", "min_ram: 1 gig", "'1 gig' is no scalar-unit.size"),
    (VNFD, "algorithm: sha-256", "algorithm: md5", "'md5' is not valid_values"),
    (VNFD, "num_virtual_cpu: 2", "num_virtual_cpu: two", "'two' is no integer"),
    (VNFD, "num_virtual_cpu: 2", "num_virtual_cpu: 0", "0 is not greater_than 0"),
    (VNFD, "      flavour_id: simple", "      flavour_id: double", "'double' is not valid_values"),
    (VNFD, "      east: [east_port, virtual_link]\n", "", "requirement east is missing"),
    (VNFD, "[west_port, virtual_link]", "[north_port, virtual_link]", "no node north_port"),
    (VNFD, "targets: [server]", "targets: [router]", "no node router"),
    (VNFD, "default_level: one", "default_level: two", "no level two"),
    (VNFD, "    east_port:", "    north_port:", "no node east_port"),
    (TYPES, "derived_from: tosca.nodes.nfv.Cp", "derived_from: tosca.nodes.nfv.Port", "no type tosca.nodes.nfv.Port"),
    (TYPES, "type: tosca.datatypes.nfv.ChecksumData", "type: tosca.datatypes.nfv.Checksum", "no type tosca.datatypes.nfv.Ch"),
    (TOP, "type: sluice-vnf.yaml", "type: sluice.yaml", "no BaseHOT/simple/nested/sluice.yaml"),
    (TOP, "heat_template_version", "template_version", "is no HOT template"),
    (NESTED, "  west_port:\n    type", "  port_of_the_west:\n    type", "no template has a resource west_port"),
    (NESTED, "template: |", "template: {get_file: a}\n          text: |", "get_file leads out"),
)


def repack(source, target, edit, rehash=True):
    """A copy of a package with other contents; edit takes and gives a dictionary of them."""
    with zipfile.ZipFile(source) as package:
        contents = edit({name: package.read(name) for name in package.namelist()})
    if rehash:
        manifest = contents[MANIFEST].decode()
        for name, content in contents.items():
            manifest = re.sub(rf"(Source: {re.escape(name)}\nAlgorithm: \S+\nHash: )\w+",
                              lambda found: found[1] + hashlib.sha256(content).hexdigest(), manifest)
        contents[MANIFEST] = manifest.encode()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)
    return target


class Csar(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="sluice-heat-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.image = cls.path("sluice.qcow2")
        with open(cls.image, "wb") as file:
            file.write(IMAGE)
        cls.package = cls.path("sluice.csar")
        cls.build("-o", cls.package, "--image", cls.image)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def build(cls, *arguments, expect=0):
        run = subprocess.run([BUILD, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             cwd=cls.folder, check=False, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        assert run.returncode == expect, run.stdout
        return run.stdout

    def read(self, name, package=None):
        with zipfile.ZipFile(package or self.package) as opened:
            return opened.read(name).decode()

    def test_nothing_is_found(self):
        self.assertEqual(check_csar.check(self.package), [])

    def test_the_same_bytes(self):
        os.chmod(self.image, 0o600)
        old = os.umask(0o077)
        self.addCleanup(os.umask, old)
        self.build("--image", self.image, "-o", "again.csar")
        with open(self.package, "rb") as one, open(self.path("again.csar"), "rb") as two:
            self.assertEqual(one.read(), two.read())

    def test_the_image_is_described(self):
        image = yaml.safe_load(self.read(VNFD))["topology_template"]["node_templates"]["server"]
        self.assertEqual(image["properties"]["sw_image_data"], {
            "name": "sluice", "version": image["properties"]["sw_image_data"]["version"],
            "checksum": {"algorithm": "sha-256", "hash": hashlib.sha256(IMAGE).hexdigest()}, "container_format": "bare",
            "disk_format": "qcow2", "min_disk": "2147483648 B", "min_ram": "1 GiB", "size": f"{len(IMAGE)} B",
            "operating_system": "Debian 12"})
        self.assertNotIn("artifacts", image)

    def test_an_image_by_url(self):
        url = "https://images.example.net/sluice-1.qcow2?a=1"
        self.build("--image", self.image, "--image-url", url, "--image-name", "router", "-o", "url.csar")
        self.assertEqual(check_csar.check(self.path("url.csar")), [])
        server = yaml.safe_load(self.read(VNFD, self.path("url.csar")))["topology_template"]["node_templates"]["server"]
        self.assertEqual(server["artifacts"]["sw_image"], {"type": "tosca.artifacts.nfv.SwImage", "file": url})
        self.assertEqual(server["properties"]["sw_image_data"]["name"], "router")

    def test_wrong_usage(self):
        self.assertIn("there is no image nothing", self.build("--image", "nothing", expect=1))
        self.assertIn("is no qcow2", self.build("--image", BUILD, expect=1))
        self.assertIn("http or https", self.build("--image", self.image, "--image-url", "ftp://a", expect=1))
        self.assertIn("--image wants a value", self.build("--image", expect=1))
        self.assertIn("there is no folder away", self.build("--image", self.image, "-o", "away/a.csar", expect=1))
        self.assertIn("--image-url URL", self.build("--unknown", expect=2))
        self.assertIn("--image-url URL", self.build("--help"))

    def test_heat_takes_the_templates(self):
        """As Tacker hands them over: the top template, and the nested ones by the names of their files."""
        nfv = {"VDU": {"server": {"vcImageId": "sluice", "computeFlavourId": "sluice"}},
               "CP": {f"{name}_port": {"network": name} for name in ("management", "west", "east")},
               "sluice": {**engine.CREDENTIALS, "controllers": "192.0.2.0/24"}}

        def read():
            return stack.Stack(
                context.RequestContext(project_id="project", user_name="user"), "stack",
                template.Template(template_format.parse(self.read(TOP)), files={"sluice-vnf.yaml": self.read(NESTED)},
                                  env=environment.Environment({"parameters": {"nfv": nfv}})), strict_validate=True)

        one = read()
        with cloud.created(one):
            one.validate()
            self.assertEqual(one.outputs["grpc_endpoint"].get_value(), "192.0.2.11:50051")
            router = user_data.routers(one)[0]
            mine = router["day0"].properties["config"]
            self.assertEqual(router["server"].properties["image"], "sluice")
        outer = engine.read("sluice-vnf.yaml")
        with cloud.created(outer):
            self.assertEqual(mine, outer["day0"].properties["config"])
        del nfv["sluice"]["client_ca"]
        one = read()
        with self.assertRaisesRegex(Exception, "client_ca"), cloud.created(one):
            one.validate()

    def test_each_mistake_is_found(self):
        for name, there, instead, finding in MISTAKES:
            def edit(contents):
                text = contents[name].decode()
                self.assertIn(there, text)
                return {**contents, name: text.replace(there, instead, 1).encode()}

            with self.subTest(file=name, there=there, instead=instead):
                found = check_csar.check(repack(self.package, self.path("mistake.csar"), edit))
                self.assertRegex("\n".join(found), re.escape(finding))

    def found(self, edit, rehash=False):
        return "\n".join(check_csar.check(repack(self.package, self.path("mistake.csar"), edit, rehash)))

    def test_files_that_do_not_fit_the_manifest(self):
        def without(name):
            return lambda contents: {key: value for key, value in contents.items() if key != name}

        self.assertIn("its SHA-256 is not", self.found(lambda all: {**all, TOP: all[TOP] + b"\n"}))
        self.assertIn("more.txt is not listed", self.found(lambda all: {**all, "more.txt": b""}))
        self.assertIn(f"there is no {NESTED}", self.found(without(NESTED)))
        self.assertIn("there is no Files/ChangeLog.txt", self.found(without("Files/ChangeLog.txt")))
        self.assertIn("there is no TOSCA-Metadata", self.found(without(META)))
        self.assertIn("leads out of the package", self.found(lambda all: {**all, "../evil": b""}))

    def test_what_is_no_zip(self):
        self.assertIn("not a zip", check_csar.check(self.image)[0])
        with open(self.package, "rb") as file:
            content = bytearray(file.read())
        content[100] ^= 0xff
        with open(self.path("broken.csar"), "wb") as file:
            file.write(content)
        self.assertNotEqual(check_csar.check(self.path("broken.csar")), [])

    def test_the_program(self):
        program = os.path.join(os.path.dirname(__file__), "check_csar.py")
        run = subprocess.run([program, self.package], stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout), (0, "0 findings\n"))
        run = subprocess.run([program, self.image], stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    unittest.main()
