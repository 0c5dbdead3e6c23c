# SPDX-License-Identifier: Apache-2.0
"""sluicectl as modules call it: resources become its YAML, its JSON comes back, and its faults become errors."""

import json
import os
import re

OWNER = "operator"  # sluicectl's own default
CONNECTION = ("server", "tls_ca", "tls_cert", "tls_key", "owner", "election_id", "durability", "timeout")
STDIN = "stdin"  # sluicectl's name for -f -

CONNECTION_SPEC = {
    "sluicectl": {"type": "path"},
    "server": {"type": "str"},
    "tls_ca": {"type": "path"},
    "tls_cert": {"type": "path"},
    "tls_key": {"type": "path"},
    "owner": {"type": "str"},
    "election_id": {"type": "int"},
    "durability": {"type": "str", "choices": ["journaled", "volatile"]},
    "timeout": {"type": "int"},
}

# "route.members[2].weight", as the API names fields
FIELD = re.compile(r'((?:[a-z][a-z0-9_]*(?:\[[^\]]*\])?\.)*[a-z][a-z0-9_]*(?:\[[^\]]*\])?): (.*)$')


class Refused(Exception):
    """sluicectl ended with an error: its exit code, and a dict for each of its faults."""

    def __init__(self, faults):
        super().__init__("; ".join(_text(fault) for fault in faults))
        self.faults = faults

    def moved_on(self):
        """Another commit came in between."""
        return any(fault.get("field", "").endswith("expected_revision") for fault in self.faults)


def _text(fault):
    place = fault.get("file", "")
    if "line" in fault:
        place += ":%d" % fault["line"]
    return ": ".join(part for part in (fault.get("resource", place), fault.get("field"), fault["message"]) if part)


class Document:
    """Resources as YAML with one resource a line, so that a fault's line leads to the resource."""

    def __init__(self, resources):
        self.lines = []
        self.places = {}
        self._add(resources, "resources", "")

    def _add(self, resources, path, indent):
        if not isinstance(resources, dict):
            raise Refused([{"resource": path, "message": "a mapping from kinds to lists of resources is expected"}])
        for kind, value in resources.items():
            here = "%s.%s" % (path, kind)
            if kind == "delete" and not indent:
                self.lines.append("delete:")
                self._add(value, here, "  ")
                continue
            self.lines.append("%s%s:" % (indent, json.dumps(kind)))
            self.places[len(self.lines)] = here
            for index, resource in enumerate(value if isinstance(value, list) else [value]):
                # JSON in one line is YAML, too; sluicectl reads text whatever the quotes.
                self.lines.append("%s- %s" % (indent, json.dumps(resource, ensure_ascii=False)))
                self.places[len(self.lines)] = "%s[%d]" % (here, index)

    def text(self):
        return "\n".join(self.lines) + "\n"


class Sluicectl:
    def __init__(self, module, resources=None, files=()):
        self.module = module
        self.document = Document(resources) if resources is not None else None
        self.files = list(files)
        self.program = module.params["sluicectl"] or module.get_bin_path("sluicectl")
        if not self.program:
            raise Refused([{"message": "there is no sluicectl on PATH: install it on the host that runs this task, "
                            "or name it with the option sluicectl"}])
        if not os.access(self.program, os.X_OK):
            raise Refused([{"message": "%s is not a program: the option sluicectl wants its path" % self.program}])
        self.options = []
        for name in CONNECTION:
            if module.params[name] is not None:
                self.options += ["--" + name.replace("_", "-"), str(module.params[name])]

    def owner(self):
        return self.module.params["owner"] or os.environ.get("SLUICE_OWNER") or OWNER

    def call(self, *arguments):
        """The answer of a command; with the resources as its files where it is to read some."""
        return self._run(arguments, None)

    def call_with_files(self, *arguments):
        named = []
        for name in self.files + ([] if self.document is None else ["-"]):
            named += ["-f", name]
        return self._run(list(arguments) + named, self.document.text() if self.document else None)

    def _run(self, arguments, data):
        command = [self.program] + self.options + list(arguments) + ["-o", "json"]
        code, out, err = self.module.run_command(command, data=data, environ_update={"LC_ALL": "C"})
        if code != 0:
            raise Refused(self._faults(err, code))
        try:
            return json.loads(out)
        except ValueError as error:
            raise Refused([{"message": "%s does not answer in JSON: is it a sluicectl of this version? %s" % (
                self.program, error)}])

    def _faults(self, text, code):
        faults = []
        for line in text.splitlines():
            if line.startswith("error: "):
                faults.append(self._fault(line[len("error: "):]))
            elif faults and line.strip():
                faults[-1]["message"] += " " + line.strip()
        return faults or [{"message": text.strip() or "%s ended with status %d" % (self.program, code)}]

    def _fault(self, text):
        """ "FILE:LINE: FIELD: MESSAGE", of which the first parts may be missing."""
        fault = {}
        for name in self.files + [STDIN]:
            place = re.match(r"(\d+)(?:: |$)", text[len(name) + 1:]) if text.startswith(name + ":") else None
            if not place:
                continue
            line = int(place.group(1))
            text = text[len(name) + 1 + place.end():]
            if name == STDIN and self.document and line in self.document.places:
                fault["resource"] = self.document.places[line]
            else:
                fault.update(file=name, line=line)
            break
        field = FIELD.match(text)
        if field and (fault or "." in field.group(1)):
            fault["field"] = field.group(1)
            text = field.group(2)
        fault["message"] = text
        return fault


def effect(answer):
    """The counts of a write's answer."""
    result = answer.get("result") or {}
    return {name: int(result.get(name, 0)) for name in ("created", "replaced", "deleted", "unchanged", "absent")}


def differences(answer):
    """Kind, key and outcome of each difference of a dry run."""
    return [{"kind": one.get("kind"), "key": one.get("key"), "outcome": one.get("outcome")}
            for one in answer.get("differences", [])]


def _lines(value, indent):
    pairs = value.items() if isinstance(value, dict) else [("-", one) for one in value]
    for name, one in pairs:
        lead = indent + (name if name == "-" else name + ":")
        if one in ("", []):
            continue
        if isinstance(one, (dict, list)) and one:
            yield lead
            for line in _lines(one, indent + "  "):
                yield line
        else:
            yield "%s %s" % (lead, one if isinstance(one, str) and one else json.dumps(one))


def diff(answer, revision):
    """Before and after, as --diff shows them."""
    text = {"before": [], "after": []}
    shown = answer.get("differences", [])
    counts = effect(answer)
    left = counts["created"] + counts["replaced"] + counts["deleted"] - len(shown)
    for one in shown:
        for side in text:
            if one.get(side):
                text[side].append("%s %s:" % (one.get("kind"), one.get("key")))
                text[side] += _lines(list(one[side].values())[0], "  ")
    if left > 0:
        text["after"].append("... and %d more" % left)
    return {
        "before": "".join(line + "\n" for line in text["before"]),
        "after": "".join(line + "\n" for line in text["after"]),
        "before_header": "revision %d" % revision,
        "after_header": "with this task",
    }
