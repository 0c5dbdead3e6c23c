# SPDX-License-Identifier: Apache-2.0
"""sluice_config without a playbook around it: mistakes, accidents, and the corners of its states.

Run by test_ansible.sh, which has the collection on PYTHONPATH, sluicectl on PATH, and a router at $SLUICE_SERVER."""

import contextlib
import io
import json
import os
import subprocess
import tempfile
import unittest
import unittest.mock

from ansible.module_utils import basic
from ansible_collections.sluice.router.plugins.modules import sluice_config

VRF = {"name": "cases"}
GROUP = {"next_hop": {"name": "away", "discard": {}},
         "next_hop_group": {"name": "away", "members": [{"next_hop": "away"}]}}


def route(prefix, group="away"):
    return {"vrf": "cases", "prefix": prefix, "next_hop_group": group}


def sluicectl(*arguments):
    done = subprocess.run(["sluicectl", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"sluicectl {arguments}: {done.stderr}")
    return done.stdout


def revision():
    return json.loads(sluicectl("status", "-o", "json"))["revision"]


def setUpModule():
    Case().task(resources={"vrf": VRF, **GROUP})


class Case(unittest.TestCase):
    """All share one router: each case has names of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, text, mode=0o644):
        path = os.path.join(self.folder, name)
        with open(path, "w", opener=lambda file, flags: os.open(file, flags, mode)) as stream:
            stream.write(text)
        return path

    def run_task(self, check=False, diff=False, **options):
        arguments = {"owner": "cases", "_ansible_check_mode": check, "_ansible_diff": diff, **options}
        arguments = {name: value for name, value in arguments.items() if value is not None}
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        out = io.StringIO()
        with contextlib.redirect_stdout(out), self.assertRaises(SystemExit):
            sluice_config.main()
        return json.loads(out.getvalue())

    def task(self, **options):
        result = self.run_task(**options)
        self.assertFalse(result.get("failed"), result)
        return result

    def fails(self, pattern, **options):
        """Its errors."""
        result = self.run_task(**options)
        self.assertTrue(result.get("failed"), result)
        self.assertRegex(result["msg"], pattern)
        return result.get("errors")


class Writes(Case):
    def test_check_mode_predicts(self):
        resources = {"route": [route("10.5.0.0/16"), route("10.6.0.0/16")]}
        predicted = self.task(resources=resources, check=True)
        done = self.task(resources=resources)
        again = self.task(resources=resources)
        self.assertEqual((predicted["changes"], predicted["counts"]), (done["changes"], done["counts"]))
        self.assertEqual(done["revision"], predicted["revision"] + 1)
        self.assertTrue(predicted["changed"] and done["changed"])
        self.assertEqual((again["changed"], again["changes"], again["revision"]), (False, [], done["revision"]))
        self.assertEqual(again["counts"]["unchanged"], 2)

    def test_the_difference_has_what_a_resource_was_and_will_be(self):
        change = {"vrf": {**VRF, "icmp_error_rate": "50"}, "delete": {"next_hop_group": {"name": "none"}}}
        shown = self.task(resources=change, check=True, diff=True)["diff"]
        self.assertRegex(shown["before"], r"^vrf cases:\n  name: cases\n(.*\n)*  icmp_error_rate: 1000\n")
        self.assertEqual(shown["after"], shown["before"].replace("1000", "50"))
        group = {"next_hop_group": {"name": "new", "members": [{"next_hop": "away", "weight": 3}]}}
        shown = self.task(resources=group, check=True, diff=True)["diff"]
        self.assertEqual(shown["before"], "")
        self.assertRegex(shown["after"], r"^next_hop_group new:\n(.*\n)*  members:\n    -\n      next_hop: away\n"
                         r"      weight: 3\n")

    def test_of_very_many_the_first_are_shown(self):
        many = [route(f"172.16.{i // 250}.{i % 250}/32") for i in range(1100)]
        shown = self.task(resources={"route": many}, check=True, diff=True)
        self.assertEqual((shown["counts"]["created"], len(shown["changes"])), (1100, 1000))
        self.assertTrue(shown["diff"]["after"].endswith("\n... and 100 more\n"))

    def test_files_resources_and_deletions_are_one_commit(self):
        first = self.task(resources={"route": route("10.7.0.0/16")})
        path = self.file("more.yaml", "route: {vrf: cases, prefix: 10.8.0.0/16, next_hop_group: away}\n")
        old = {"delete": {"routes": [route("10.7.0.0/16")]}}
        done = self.task(src=[path], resources=old)
        self.assertEqual((done["counts"]["created"], done["counts"]["deleted"]), (1, 1))
        self.assertEqual(done["revision"], first["revision"] + 1)
        gone = self.task(state="absent", src=[path], resources=old)
        self.assertEqual((gone["counts"]["deleted"], gone["counts"]["absent"]), (1, 1))
        self.assertFalse(self.task(state="absent", src=[path])["changed"])

    def test_what_no_packet_meets_yet_has_its_reason(self):
        done = self.task(resources={"interface": {"name": "none0", "vrf": "cases"}})
        self.assertEqual([(one["kind"], one["key"]) for one in done["not_programmed"]], [("interface", "none0")])
        self.assertIn("does not exist", done["not_programmed"][0]["reason"])

    def test_nothing_is_nothing(self):
        self.assertFalse(self.task(resources={"vrf": []})["changed"])
        self.assertFalse(self.task(state="absent", resources={})["changed"])

    def racing(self, program):
        """A sluicectl before whose commits this program runs."""
        return self.file("racing", f"""#!/bin/sh
case " $* " in
*" --dry-run "*) ;;
*" apply "*) {program} ;;
esac
exec sluicectl "$@"
""", 0o755)

    def test_another_commit_comes_in_between(self):
        other = self.file("other.yaml", "vrf: {name: raced}\n")
        racing = self.racing(f"! mkdir {self.folder}/raced 2>&- || sluicectl --owner racer apply -f {other} >&2")
        before = revision()
        done = self.task(resources={"vrf": {"name": "later"}}, sluicectl=racing)
        self.assertEqual((done["changed"], done["revision"]), (True, before + 2))

    def test_other_commits_always_come_in_between(self):
        tries = os.path.join(self.folder, "tries")
        racing = self.racing(f'echo >>{tries}; echo "vrf: {{name: racing-$(wc -l <{tries})}}" | '
                             "sluicectl --owner racer apply -f - >&2")
        with unittest.mock.patch.object(sluice_config, "ATTEMPTS", 2):
            result = self.run_task(resources={"vrf": {"name": "never"}}, sluicectl=racing)
        self.assertTrue(result.get("failed"), result)
        self.assertIn("expected_revision", result["msg"])
        with open(tries) as lines:
            self.assertEqual(len(lines.readlines()), 2)
        self.assertNotIn("never", sluicectl("show", "vrfs"))


class Mistakes(Case):
    """Of none of them anything is applied."""

    def setUp(self):
        super().setUp()
        before = revision()
        self.addCleanup(lambda: self.assertEqual(revision(), before))

    def test_each_has_its_resource_and_field(self):
        for pattern, where, resources in (
            ("did you mean name", "vrf[1]", {"vrf": [{"name": "unborn"}, {"nam": "unborn"}]}),
            ("kind", "vrv", {"vrv": {"name": "unborn"}}),
            ("value", "delete.vrf[1]", {"delete": {"vrf": [{"name": "none"}, {"name": ["unborn"]}]}}),
            ("^resources.delete: a mapping from kinds", "delete", {"delete": ["cases"]}),
        ):
            errors = self.fails(pattern, resources=resources)
            self.assertEqual(errors[0]["resource"], "resources." + where)

    def test_all_are_there_at_once(self):
        routes = [route("10.9.0.0/16"), route("10.0.0.1/8"), route("10.0.0.0/8", "none"), route("10.0.0.0/33")]
        errors = self.fails("; ", resources={"vrf": {"name": "unborn"}, "route": routes})
        found = {(error["resource"], error["field"]) for error in errors}
        self.assertLessEqual({("resources.route[1]", "route.prefix"), ("resources.route[3]", "route.prefix")}, found)

    def test_files_have_lines(self):
        path = self.file("bad.yaml", "vrf:\n- name: unborn\n- nam: wrong\n")
        errors = self.fails("bad.yaml:3: ", src=[path])
        self.assertEqual((errors[0]["file"], errors[0]["line"]), (path, 3))
        self.fails("absent.yaml: No such file", src=[self.folder + "/absent.yaml"])

    def test_options(self):
        vrf = {"vrf": {"name": "unborn"}}
        self.fails("a time from 1 to 86400 seconds", resources=vrf, confirm="25h")
        self.fails("^state confirmed takes revision, and not confirm$", state="confirmed", revision=1, confirm="1m")
        self.fails("^revision is for state confirmed", resources=vrf, revision=1)
        self.fails("resources, src", state="present")
        self.fails("owner", state="replaced", owner=None, resources=vrf)
        self.fails("revision", state="confirmed")

    def test_programs(self):
        vrf = {"vrf": {"name": "unborn"}}
        self.fails("^/nonexistent is not a program", resources=vrf, sluicectl="/nonexistent")
        self.fails("^/bin/true does not answer in JSON", resources=vrf, sluicectl="/bin/true")
        self.fails("^/bin/false ended with status 1$", resources=vrf, sluicectl="/bin/false")
        with unittest.mock.patch.dict(os.environ, PATH="/nonexistent"):
            result = self.run_task(resources=vrf)
        self.assertIn("there is no sluicectl on PATH: install it", result["msg"])


class Options(Case):
    def test_sluicectl_gets_its_options(self):
        program = self.file("repeats", '#!/bin/sh\necho "error: $*" >&2\nexit 2\n', 0o755)
        options = {"server": "[::1]:50051", "tls_ca": "/ca", "tls_cert": "/cert", "tls_key": "/key", "owner": "a b",
                   "election_id": 7, "durability": "volatile", "timeout": 9}
        result = self.run_task(resources={}, sluicectl=program, **options)
        for name, value in options.items():
            self.assertIn(f"--{name.replace('_', '-')} {value} ", result["msg"])


class Owners(Case):
    def test_others_are_named(self):
        self.task(owner="guest", resources={"vrf": {"name": "guest"}})
        errors = self.fails("guest", state="absent", resources={"vrf": {"name": "guest"}})
        self.assertEqual(errors[0]["resource"], "resources.vrf[0]")

    def test_nothing_replaces_nothing(self):
        self.fails("would delete everything of cases", state="replaced", resources={"vrf": []})

    def test_replaced_is_what_others_do_not_need(self):
        self.task(owner="landlord", resources={"vrf": [{"name": "let"}, {"name": "empty"}]})
        rent = {"vrf": "let", "prefix": "203.0.113.0/24", "next_hop_group": "away"}
        self.task(owner="tenant", resources={"route": rent})
        replaced = {"owner": "landlord", "state": "replaced", "resources": {"vrf": {"name": "new"}}}
        self.fails("203.0.113.0/24", **replaced)
        self.assertEqual(self.task(owner="tenant", state="absent", resources={"route": rent})["counts"]["deleted"], 1)
        predicted = self.task(check=True, **replaced)
        done = self.task(**replaced)
        self.assertEqual(done["changes"], predicted["changes"])
        self.assertEqual((done["counts"]["created"], done["counts"]["deleted"]), (1, 2))
        self.assertFalse(self.task(**replaced)["changed"])
        self.assertIn("cases", sluicectl("show", "vrfs"))


class Confirm(Case):
    def test_it_waits_and_stays(self):
        risky = {"owner": "careful", "resources": {"vrf": {"name": "risky"}}, "confirm": "10m"}
        done = self.task(**risky)
        self.assertEqual(done["confirm_id"], done["revision"])
        self.fails("confirm", owner="careful", resources={"vrf": {"name": "unborn"}})
        again = self.task(**risky)
        self.assertEqual((again["changed"], again["confirm_id"]), (False, done["confirm_id"]))
        more = self.task(**{**risky, "resources": {"vrf": {"name": "riskier"}}})
        self.assertEqual((more["changed"], more["confirm_id"]), (True, done["confirm_id"]))
        confirm = {"owner": "careful", "state": "confirmed", "revision": done["confirm_id"]}
        self.assertTrue(self.task(check=True, **confirm)["changed"])
        self.assertTrue(self.task(**confirm)["changed"])
        self.assertFalse(self.task(**confirm)["changed"])
        self.assertEqual(self.task(**risky)["confirm_id"], 0)

    def test_nothing_waits(self):
        self.assertFalse(self.task(state="confirmed", revision=0)["changed"])
        self.fails("revision", state="confirmed", revision=1000000)

    def test_what_is_undone_cannot_stay(self):
        done = self.task(owner="hasty", resources={"vrf": {"name": "hasty"}}, confirm="10m")
        sluicectl("--owner", "hasty", "rollback", "--yes", str(done["revision"] - 1))
        confirm = {"owner": "hasty", "state": "confirmed", "revision": done["confirm_id"]}
        self.fails("undone", check=True, **confirm)
        self.fails("undone", **confirm)

    def test_what_is_deleted_waits_too(self):
        self.task(owner="leaving", resources={"vrf": {"name": "leaving"}})
        gone = self.task(owner="leaving", state="absent", resources={"vrf": {"name": "leaving"}}, confirm="10m")
        self.assertEqual(gone["confirm_id"], gone["revision"])
        self.assertTrue(self.task(owner="leaving", state="confirmed", revision=gone["confirm_id"])["changed"])


if __name__ == "__main__":
    unittest.main()
