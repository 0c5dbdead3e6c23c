#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks documents of sbom.sh.

    check_sbom.py valid FILE...                 by the schema, and what a schema cannot say
    check_sbom.py files FILE PACKAGE TREE       each file of the package's tree, with its checksums
    check_sbom.py libraries FILE PACKAGE DATABASE LDD-OUTPUT...   each library that ldd names, with its version
    check_sbom.py dpkg FILE DATABASE [PACKAGE...]   each package of a dpkg database, with its version, and these of this machine
    check_sbom.py refuses FILE                  damages the document in many ways: each must be found

It reads dpkg's database itself, not by dpkg-query, as sbom.sh does: a mistake of one is not one of the other.
"""
import copy
import hashlib
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import jsonschema

SCHEMA = json.loads((Path(__file__).parent / "spdx-2.3.schema.json").read_text())


def faults(document):
    """What is wrong with a document, a line each."""
    found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
             for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(document)]
    if found:
        return found
    elements = document["packages"] + document["files"]
    ids = Counter(element["SPDXID"] for element in elements)
    found += [f"{name}: {count} elements have this id" for name, count in ids.items() if count > 1]
    edges = [(edge["spdxElementId"], edge["relationshipType"], edge["relatedSpdxElement"])
             for edge in document["relationships"]]
    for edge in edges:
        found += [f"{edge}: there is no {end}" for end in (edge[0], edge[2]) if end != "SPDXRef-DOCUMENT" and end not in ids]
    reached, fresh = set(), {"SPDXRef-DOCUMENT"}
    while fresh:
        reached |= fresh
        fresh = {edge[2] for edge in edges if edge[0] in fresh} - reached
    found += [f"{name}: nothing leads to it" for name in ids if name not in reached]
    for package in document["packages"]:
        found += package_faults(package, document, edges)
    return found


def package_faults(package, document, edges):
    owned = {edge[2] for edge in edges if edge[:2] == (package["SPDXID"], "CONTAINS")}
    sums = sorted(sum_of(element, "SHA1") for element in document["files"] if element["SPDXID"] in owned)
    code = package.get("packageVerificationCode", {}).get("packageVerificationCodeValue")
    if code and code != hashlib.sha1("".join(sums).encode()).hexdigest():
        yield f"{package['name']}: the verification code is of other files"
    for reference in package.get("externalRefs", [])[:1]:
        name, version = re.fullmatch(r"pkg:deb/[a-z]+/(.+)@(.+)\?.*", reference["referenceLocator"]).groups()
        if (name.replace("%2B", "+"), version.replace("%2B", "+")) != (package["name"], package["versionInfo"]):
            yield f"{package['name']}: {reference['referenceLocator']} is another package or version"


def sum_of(element, algorithm):
    return next(each["checksumValue"] for each in element["checksums"] if each["algorithm"] == algorithm)


def package_of(document, name):
    return next(package for package in document["packages"] if package["name"] == name)


def check_valid(*files):
    for name in files:
        found = faults(json.loads(Path(name).read_text()))
        if found:
            return [f"{name}: {line}" for line in found[:20]]
    return []


def check_files(file, name, tree):
    document = json.loads(Path(file).read_text())
    package = package_of(document, name)
    owned = {edge["relatedSpdxElement"] for edge in document["relationships"]
             if edge["spdxElementId"] == package["SPDXID"] and edge["relationshipType"] == "CONTAINS"}
    listed = {element["fileName"]: sum_of(element, "SHA256") for element in document["files"] if element["SPDXID"] in owned}
    there = {}
    for folder, _, names in os.walk(tree):
        for each in names:
            path = Path(folder, each)
            relative = f"./{path.relative_to(tree)}"
            if path.is_symlink() or relative.startswith("./DEBIAN/"):
                continue
            there[relative] = hashlib.sha256(path.read_bytes()).hexdigest()
    for each in package["packageVerificationCode"].get("packageVerificationCodeExcludedFiles", []):
        there.pop(each, None)
    return [f"{path}: {listed.get(path)} in the document, {there.get(path)} in the package"
            for path in sorted(listed.keys() | there.keys()) if listed.get(path) != there.get(path)]


def versions(database):
    """{(name, architecture): version} of what is installed."""
    installed = {}
    for paragraph in Path(database, "status").read_text().split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.M))
        if fields.get("Status", "").endswith(" installed"):
            installed[fields["Package"], fields["Architecture"]] = fields["Version"]
    return installed


def owners(database):
    """{path: package}, with /lib and its like under /usr."""
    paths = {}
    for file in Path(database, "info").glob("*.list"):
        for path in file.read_text().splitlines():
            paths[merged(path)] = file.stem.split(":")[0]
    return paths


def merged(path):
    return re.sub(r"^/(bin|sbin|lib|lib32|lib64|libx32)/", r"/usr/\1/", path)


def check_libraries(file, name, database, *outputs):
    document = json.loads(Path(file).read_text())
    installed, owner = versions(database), owners(database)
    by_id = {package["SPDXID"]: package for package in document["packages"]}
    reached, fresh = set(), {package_of(document, name)["SPDXID"]}
    while fresh:
        reached |= fresh
        fresh = {edge["relatedSpdxElement"] for edge in document["relationships"]
                 if edge["spdxElementId"] in fresh and edge["relationshipType"] == "DEPENDS_ON"} - reached
    known = {by_id[each]["name"]: by_id[each]["versionInfo"] for each in reached}
    paths = {path for output in outputs for path in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", Path(output).read_text(), re.M)}
    found = [] if paths else ["ldd names no library at all"]
    for path in sorted(paths):
        package = owner.get(merged(path)) or owner.get(merged(os.path.realpath(path)))
        wanted = {version for (each, _), version in installed.items() if each == package}
        if known.get(package) not in wanted:
            found.append(f"{path}: {package} {wanted}, in the document {known.get(package)}")
    print(f"{len(paths)} libraries of {len(outputs)} programs, in {len({owner.get(merged(path)) for path in paths})} packages")
    return found


def check_dpkg(file, database, *also):
    document = json.loads(Path(file).read_text())
    listed = {(package["name"], re.search(r"arch=([a-z0-9]+)", package["externalRefs"][0]["referenceLocator"])[1]):
              package["versionInfo"] for package in document["packages"] if "externalRefs" in package}
    installed = versions(database)
    installed.update({key: version for key, version in versions("/var/lib/dpkg").items() if key[0] in also})
    return [f"{each}: {listed.get(each)} in the document, {installed.get(each)} installed"
            for each in sorted(listed.keys() | installed.keys()) if listed.get(each) != installed.get(each)]


def check_refuses(file):
    good = json.loads(Path(file).read_text())

    def damaged(change):
        document = copy.deepcopy(good)
        change(document)
        return document

    last = good["packages"][-1]["SPDXID"]
    changes = {
        "no packages": lambda d: d.pop("packages"),
        "another version of SPDX": lambda d: d.update(spdxVersion="SPDX-2.2"),
        "a namespace with a fragment": lambda d: d.update(documentNamespace=d["documentNamespace"] + "#x"),
        "a local time": lambda d: d["creationInfo"].update(created="2024-01-01T00:00:00+01:00"),
        "a creator without a kind": lambda d: d["creationInfo"].update(creators=["Sluice"]),
        "a field that SPDX has not": lambda d: d["packages"][0].update(version="1"),
        "an id with a plus": lambda d: d["packages"][-1].update(SPDXID="SPDXRef-libstdc++6"),
        "one id twice": lambda d: d["packages"].append(copy.deepcopy(d["packages"][0])),
        "a relationship to nothing": lambda d: d["relationships"][-1].update(relatedSpdxElement="SPDXRef-none"),
        "a relationship that SPDX has not": lambda d: d["relationships"][-1].update(relationshipType="NEEDS"),
        "a package that nothing leads to": lambda d: d.update(
            relationships=[edge for edge in d["relationships"] if edge["relatedSpdxElement"] != last]),
        "a purl of another version": lambda d: d["packages"][-1].update(versionInfo="0.0.0"),
        "a plus in a purl": lambda d: d["packages"][-1]["externalRefs"][0].update(referenceLocator="pkg:deb/debian/a++@1?arch=all"),
        "a checksum that is cut": lambda d: d["files"][0]["checksums"][0].update(checksumValue="12"),
        "no SHA-1": lambda d: d["files"][0]["checksums"].pop(0),
        "another file's checksum": lambda d: d["files"][0]["checksums"][0].update(checksumValue="0" * 40),
        "no verification code": lambda d: d["packages"][0].pop("packageVerificationCode"),
        "a licence in words": lambda d: d["packages"][-1].update(licenseDeclared="GPL version 2, or later"),
    }
    return [f"not found: {what}" for what, change in changes.items() if not faults(damaged(change))]


if __name__ == "__main__":
    lines = {"valid": check_valid, "files": check_files, "libraries": check_libraries, "dpkg": check_dpkg,
             "refuses": check_refuses}[sys.argv[1]](*sys.argv[2:])
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)
