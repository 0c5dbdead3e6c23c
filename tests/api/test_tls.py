# SPDX-License-Identifier: Apache-2.0
"""TLS and mTLS on TCP, with grpcio as the client: who is let in, and certificates that change."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import daemon

ADDRESS = "127.0.0.1:50051"
CTL = os.path.join(os.path.dirname(daemon.SLUICED), "ctl/sluicectl")
CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tls_client.py")


class Authority:
    """A CA and what it signs, as PEM files NAME-PART.pem and NAME-PART.key."""

    def __init__(self, directory, name):
        self.directory, self.name = directory, name
        self.openssl("req", "-x509", "-subj", f"/CN={name}", "-days", "2", "-out", self.file("ca.pem"),
                     *self.new_key("ca"))
        for part in "server", "client":
            self.openssl("req", "-subj", f"/CN={part}", "-addext", "subjectAltName=IP:127.0.0.1",
                         "-out", self.file(part + ".csr"), *self.new_key(part))
            self.openssl("x509", "-req", "-in", self.file(part + ".csr"), "-CA", self.file("ca.pem"),
                         "-CAkey", self.file("ca.key"), "-days", "2", "-copy_extensions", "copy",
                         "-out", self.file(part + ".pem"))

    def file(self, part):
        return os.path.join(self.directory, f"{self.name}-{part}")

    def new_key(self, part):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                self.file(part + ".key")]

    @staticmethod
    def openssl(*arguments):
        daemon.run("openssl", *arguments)

    def pair(self, part):
        return self.file(part + ".pem"), self.file(part + ".key")


class Tls(unittest.TestCase):
    client_ca = False

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="slu-tls-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.ours, cls.other = Authority(cls.directory, "ours"), Authority(cls.directory, "other")
        cls.install(cls.ours)
        cls.daemon = daemon.Daemon("--config", cls.write_config(), "--listen", ADDRESS)
        cls.addClassCleanup(cls.daemon.stop)

    @classmethod
    def write_config(cls):
        path = os.path.join(cls.directory, "sluice.yaml")
        with open(path, "w") as file:
            file.write(f"tls:\n  certificate: {cls.directory}/server.pem\n  key: {cls.directory}/server.key\n")
            if cls.client_ca:
                file.write(f"  client_ca: {cls.directory}/clients.pem\n")
        return path

    @classmethod
    def replace(cls, source, name):
        """As a certificate's renewal does it: the new file takes the old one's name."""
        shutil.copy(source, os.path.join(cls.directory, "new"))
        os.replace(os.path.join(cls.directory, "new"), os.path.join(cls.directory, name))

    @classmethod
    def install(cls, authority):
        certificate, key = authority.pair("server")
        cls.replace(certificate, "server.pem")
        cls.replace(key, "server.key")
        cls.replace(authority.file("ca.pem"), "clients.pem")

    def inside(self, *command, **more):
        return subprocess.run(["ip", "netns", "exec", self.daemon.netns, *command], capture_output=True, text=True,
                              timeout=60, **more)

    def health(self, authority, *own):
        result = self.inside(sys.executable, CLIENT, ADDRESS, authority.file("ca.pem"), *own)
        self.assertEqual(result.stderr if result.returncode else "", "")
        return result.stdout.strip()

    def ctl(self, *options, server=ADDRESS):
        return self.inside(CTL, "--server", server, "--timeout", "10", *options, "status")

    def assertTold(self, result, says):
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(says, result.stderr)


class ServerOnly(Tls):
    def test_a_client_that_trusts_the_ca(self):
        self.assertEqual(self.health(self.ours), "OK")
        self.assertEqual(self.health(self.other), "UNAVAILABLE")

    def test_sluicectl_says_what_is_wrong(self):
        self.assertEqual(self.ctl("--tls-ca", self.ours.file("ca.pem")).returncode, 0)
        self.assertTold(self.ctl("--tls-ca", self.other.file("ca.pem")), "not by the CA that was given")
        self.assertTold(self.ctl("--tls-ca", self.ours.file("ca.pem"), server="[::ffff:127.0.0.1]:50051"),
                        "is not for this address")
        self.assertTold(self.ctl(), "it may want TLS (--tls-ca)")

    def test_what_is_staged_goes_over_tls_too(self):
        def tx(*arguments, **more):
            return self.inside(CTL, "--server", ADDRESS, "--tls-ca", self.ours.file("ca.pem"), "tx", *arguments, **more)
        begun = tx("begin")
        self.assertEqual(begun.returncode, 0, begun.stderr)
        staged = tx("stage", begun.stdout.strip(), "-f", "-", input="vrf: [{name: x}]")
        self.assertEqual((staged.returncode, staged.stdout), (0, "1 change staged\n"), staged.stderr)

    def test_unix_sockets_stay_plain(self):
        with self.daemon.client() as client:
            client.SystemService.GetSystem()
        self.assertEqual(self.ctl("--tls-ca", self.ours.file("ca.pem"), server=self.daemon.target).returncode, 0)

    def test_certificates_that_changed_are_read_again(self):
        self.addCleanup(self.install, self.ours)
        certificate, key = self.other.pair("server")
        self.assertEqual(self.health(self.ours), "OK")
        # Half of it: no pair, so what was read before goes on.
        self.replace(certificate, "server.pem")
        self.assertEqual(self.health(self.ours), "OK")
        self.assertIn("is not the key of", self.daemon.log())
        self.replace(key, "server.key")
        self.assertEqual(self.health(self.other), "OK")
        self.assertEqual(self.health(self.ours), "UNAVAILABLE")
        self.assertIn("was read again", self.daemon.log())
        # And written over in place.
        for part, name in zip(self.ours.pair("server"), ("server.pem", "server.key")):
            shutil.copyfile(part, os.path.join(self.directory, name))
        self.assertEqual(self.health(self.ours), "OK")


class Mutual(Tls):
    client_ca = True

    def test_only_clients_with_a_certificate_of_the_ca(self):
        self.assertEqual(self.health(self.ours, *self.ours.pair("client")), "OK")
        self.assertEqual(self.health(self.ours), "UNAVAILABLE")
        self.assertEqual(self.health(self.ours, *self.other.pair("client")), "UNAVAILABLE")

    def test_sluicectl(self):
        ca, certificate, key = self.ours.file("ca.pem"), *self.ours.pair("client")
        self.assertEqual(self.ctl("--tls-ca", ca, "--tls-cert", certificate, "--tls-key", key).returncode, 0)
        self.assertTold(self.ctl("--tls-ca", ca), "it may want a client's certificate")
        certificate, key = self.other.pair("client")
        self.assertTold(self.ctl("--tls-ca", ca, "--tls-cert", certificate, "--tls-key", key),
                        "it may not trust the client's certificate")

    def test_the_clients_ca_is_read_again(self):
        self.addCleanup(self.install, self.ours)
        self.replace(self.other.file("ca.pem"), "clients.pem")
        self.assertEqual(self.health(self.ours, *self.other.pair("client")), "OK")
        self.assertEqual(self.health(self.ours, *self.ours.pair("client")), "UNAVAILABLE")


class Files(unittest.TestCase):
    """What sluiced -n says of files that cannot be used; a start says the same."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="slu-tls-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.authority = Authority(self.directory, "ours")
        self.certificate, self.key = self.authority.pair("server")

    def check(self, client_ca=None):
        path = os.path.join(self.directory, "sluice.yaml")
        with open(path, "w") as file:
            file.write(f"tls: {{certificate: {self.certificate}, key: {self.key}")
            file.write(f", client_ca: {client_ca}}}\n" if client_ca else "}\n")
        return subprocess.run([daemon.SLUICED, "-n", "--config", path], capture_output=True, text=True, timeout=60)

    def assertWrong(self, says, **options):
        result = self.check(**options)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(says, result.stderr)

    def test_right(self):
        result = self.check(client_ca=self.authority.file("ca.pem"))
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_wrong(self):
        self.assertWrong(f"{self.directory}/none: No such file", client_ca=f"{self.directory}/none")
        self.assertWrong("no certificate in PEM", client_ca=self.key)
        self.key = self.authority.file("client.key")
        self.assertWrong(f"{self.key}: is not the key of {self.certificate}")
        self.key, self.certificate = self.certificate, self.key
        self.assertWrong("no private key in PEM")
        self.assertWrong("no certificate in PEM")

    def test_a_key_with_a_passphrase(self):
        locked = os.path.join(self.directory, "locked.key")
        daemon.run("openssl", "ec", "-aes128", "-passout", "pass:secret", "-in", self.key, "-out", locked)
        self.key = locked
        self.assertWrong("without a passphrase")

    def test_out_of_date_is_warned_of(self):
        daemon.run("openssl", "x509", "-req", "-in", self.authority.file("server.csr"),
                   "-CA", self.authority.file("ca.pem"), "-CAkey", self.authority.file("ca.key"), "-days", "-1",
                   "-out", self.certificate)
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("has expired", result.stderr)
