# SPDX-License-Identifier: Apache-2.0
"""What the templates hand to cloud-init: rendered by Heat, merged and checked by cloud-init, and for the router the very
text that the image's boot test boots with."""

import os
import re
import subprocess
import tempfile
import unittest

import yaml

import engine
import user_data

TEXT = os.path.join(engine.ROOT, "vnf/image/cloud-init/user-data.yaml")
CHECK_KEEPALIVED = """ip link add port1 type veth peer name port2
exec keepalived --vrrp --config-test --use-file "$1"
"""  # where its devices are, as in the router
SITE = ("site.yaml", "chain.yaml")


def schema(text):
    """cloud-init's verdict, and what it says."""
    with tempfile.NamedTemporaryFile("w", prefix="sluice-heat-", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        run = subprocess.run(["cloud-init", "schema", "--config-file", file.name], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False)
    return run.returncode == 0, run.stdout


class UserData(unittest.TestCase):
    def configs(self):
        for template in engine.TEMPLATES:
            messages = user_data.render_all(template, SITE)
            self.assertEqual(len(messages), 1 if template in ("sluice-vnf.yaml", "sluice-chain.yaml") else 2, template)
            for message in messages:
                yield template, user_data.merge(message)

    def test_schema(self):
        for template, text in self.configs():
            with self.subTest(template=template):
                valid, says = schema(text)
                self.assertTrue(valid, says)

    def test_the_schema_can_fail(self):
        text = user_data.merge(user_data.render_all("sluice-vnf.yaml")[0])
        for there, instead in (("runcmd:", "runcmd: 5\nruncmds:"), ("write_files:", "write_files: {}\nfiles:"),
                               ("path: /etc/sluice/day0.yaml", "paths: /etc/sluice/day0.yaml")):
            self.assertIn(there, text)
            self.assertFalse(schema(text.replace(there, instead, 1))[0], instead)

    def test_it_is_the_text_of_the_image(self):
        # Line by line what the image's boot test boots with, but for the names that are filled in.
        with open(TEXT) as file:
            pattern = re.escape(file.read())
        pattern = re.sub(r"\\\$[a-z]\w*", ".*", pattern)
        stack = engine.read("sluice-vnf.yaml")
        with user_data.cloud.created(stack):
            self.assertRegex(stack["day0"].properties["config"], f"^{pattern}$")

    def test_nothing_is_left_to_fill_in(self):
        for template, text in self.configs():
            with self.subTest(template=template):
                self.assertNotRegex(text, r"\$[a-z]")

    def test_files(self):
        for template, text in self.configs():
            files = {file["path"]: file["content"] for file in yaml.safe_load(text)["write_files"]}
            with self.subTest(template=template):
                self.assertEqual(files["/etc/sluice/tls/server.crt"], engine.CERTIFICATE)
                self.assertEqual(files["/etc/sluice/tls/server.key"], engine.KEY)
                self.assertEqual(files["/etc/sluice/tls/clients.crt"], engine.CERTIFICATE)
                self.assertRegex(files["/etc/sluice/dataplane.ip"], r"address \w+ 172\.16\.0\.11/24 dev port1\n")
                self.assertRegex(files["/etc/sluice/dataplane.ip"], r"address \w+ 198\.51\.100\.11/24 dev port2\n")
                self.assertIn("0.0.0.0:50051", yaml.safe_load(files["/etc/sluice/sluice.yaml"])["listen"])

    def test_it_signals_success_and_failure(self):
        config = yaml.safe_load(user_data.merge(user_data.render_all("sluice-vnf.yaml")[0]))
        script = config["runcmd"][0].replace("systemctl", '"$systemctl"')
        for systemctl, sends in (("true", ["SUCCESS"]), ("false", ["FAILURE"])):
            curl = 'curl() { printf "%s\\n" "$@"; }\n'
            said = subprocess.run(["sh", "-c", curl + script], env={"systemctl": systemctl, "PATH": os.environ["PATH"]},
                                  stdout=subprocess.PIPE, text=True, check=True).stdout
            self.assertEqual(re.findall('"status": "(.*?)"', said), sends)
            self.assertIn(user_data.cloud.CURL.split()[-1] + "\n", said)

    def test_more_user_data_wins(self):
        more = ("#cloud-config\nmerge_how: [{name: list, settings: [append]}, {name: dict, settings: [no_replace, "
                "recurse_list]}]\nwrite_files: [{path: /etc/sluice/day0.yaml, content: 'vrf: [{name: mine}]'}]\n")
        text = user_data.merge(user_data.render_all(
            "sluice-vnf.yaml", parameters={**engine.CREDENTIALS, "more_user_data": more})[0])
        written = [file["content"] for file in yaml.safe_load(text)["write_files"]
                   if file["path"] == "/etc/sluice/day0.yaml"]
        self.assertEqual(len(written), 2)
        self.assertEqual(written[-1], "vrf: [{name: mine}]")  # cloud-init writes in this order


class HighAvailability(unittest.TestCase):
    def test_keepalived(self):
        for message in user_data.render_all("sluice-ha.yaml"):
            config = yaml.safe_load(user_data.merge(message))
            files = {file["path"]: file["content"] for file in config["write_files"]}
            with tempfile.NamedTemporaryFile("w", prefix="sluice-heat-", suffix=".conf") as file:
                file.write(files["/etc/keepalived/keepalived.conf"])
                file.flush()
                run = subprocess.run(["unshare", "--net", "sh", "-c", CHECK_KEEPALIVED, "sh", file.name],
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.assertEqual((run.returncode, run.stdout), (0, ""))
            self.assertRegex(files["/etc/keepalived/keepalived.conf"], r"172\.16\.0\.1/24 dev port1")
            self.assertRegex(files["/etc/keepalived/keepalived.conf"], r"198\.51\.100\.1/24 dev port2")
            self.assertIn("NetworkNamespacePath=/run/netns/dataplane",
                          files["/etc/systemd/system/keepalived.service.d/sluice.conf"])
            self.assertEqual(config["runcmd"][-1], ["systemctl", "restart", "keepalived.service"])


if __name__ == "__main__":
    unittest.main()
