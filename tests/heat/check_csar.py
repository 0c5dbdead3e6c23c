#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a VNF package (CSAR): structure and hashes by ETSI GS NFV-SOL 004, the VNFD by SOL 001 as far as it uses it,
and that the HOT templates of its flavours fit the VNFD. One line a finding; exit status 1 if there is any.

  tests/heat/check_csar.py FILE
"""

import datetime
import hashlib
import posixpath
import re
import sys
import zipfile
import zlib

import yaml

from tosca_types import Types

META = {"TOSCA-Meta-File-Version": "1.0", "CSAR-Version": "1.1"}
ENTRIES = ("Entry-Definitions", "ETSI-Entry-Manifest", "ETSI-Entry-Change-Log", "ETSI-Entry-Licenses")
MANIFEST = ("vnf_product_name", "vnf_provider_id", "vnf_package_version", "vnf_release_date_time")
COMPUTE, CP = "tosca.nodes.nfv.Vdu.Compute", "tosca.nodes.nfv.Cp"


class Package:
    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.names = self.zip.namelist()

    def has(self, name):
        return name in self.names or any(each.startswith(name.rstrip("/") + "/") for each in self.names)

    def text(self, name):
        return self.zip.read(name).decode()

    def yaml(self, name):
        return yaml.safe_load(self.text(name)) or {}


def check(path):
    """The findings, a text each; those of one kind only when there are none of the kind before."""
    try:
        package = Package(path)
    except (OSError, zipfile.BadZipFile) as error:
        return [f"{path}: {error}"]
    for each in (check_archive, check_meta, check_manifest, check_imports, check_definitions, check_templates):
        try:
            findings = list(each(package))
        except (KeyError, TypeError, AttributeError, yaml.YAMLError, UnicodeDecodeError) as error:
            findings = [f"{each.__name__}: not in the expected form: {error!r}"]
        if findings:
            return findings
    return []


def check_archive(package):
    try:
        broken = package.zip.testzip()
    except zlib.error as error:
        broken = error
    if broken:
        yield f"damaged: {broken}"
    if len(set(package.names)) < len(package.names):
        yield "a file is there twice"
    for name in package.names:
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            yield f"{name}: leads out of the package"


def blocks(text):
    """"Key: value" lines; an empty line ends a block."""
    for block in re.split(r"\n\s*\n", text.strip()):
        yield [tuple(part.strip() for part in line.partition(":")[::2]) for line in block.splitlines()]


def meta(package):
    return dict(next(blocks(package.text("TOSCA-Metadata/TOSCA.meta"))))


def check_meta(package):
    if not package.has("TOSCA-Metadata/TOSCA.meta"):
        yield "there is no TOSCA-Metadata/TOSCA.meta"
        return
    given = meta(package)
    for key, value in META.items():
        if given.get(key) != value:
            yield f"TOSCA.meta: {key} is {given.get(key)}, not {value}"
    for key in ENTRIES:
        if key not in given:
            yield f"TOSCA.meta: {key} is missing"
        elif not package.has(given[key]):
            yield f"TOSCA.meta: {key}: there is no {given[key]}"


def check_manifest(package):
    name = meta(package)["ETSI-Entry-Manifest"]
    first, *rest = blocks(package.text(name))
    if first[0] != ("metadata", ""):
        yield f"{name}: does not begin with metadata"
    given = dict(first[1:])
    for key in MANIFEST:
        if not given.get(key):
            yield f"{name}: {key} is missing"
    try:
        datetime.datetime.strptime(given.get("vnf_release_date_time", ""), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        yield f"{name}: vnf_release_date_time is no date of RFC 3339"
    listed = []
    for block in rest:
        entry = dict(block)
        source = entry.get("Source")
        listed.append(source)
        if set(entry) != {"Source", "Algorithm", "Hash"} or entry["Algorithm"] != "SHA-256":
            yield f"{name}: {source}: not Source, Algorithm SHA-256 and Hash"
        elif source not in package.names:
            yield f"{name}: there is no {source}"
        elif hashlib.sha256(package.zip.read(source)).hexdigest() != entry["Hash"]:
            yield f"{name}: {source}: its SHA-256 is not that of the manifest"
    for source in sorted(set(listed)):
        if listed.count(source) > 1:
            yield f"{name}: {source} is listed twice"
    for source in package.names:
        if source not in listed and source != name:
            yield f"{name}: {source} is not listed"


def definitions(package):
    """Name and content of the entry and of all that it imports, the entry first."""
    found, wanted = {}, [meta(package)["Entry-Definitions"]]
    while wanted:
        name = wanted.pop(0)
        if name in found:
            continue
        found[name] = package.yaml(name) if name in package.names else None
        for each in (found[name] or {}).get("imports") or []:
            wanted.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), each)))
    return found


def check_imports(package):
    for name, content in definitions(package).items():
        if content is None:
            yield f"{name}: is imported and not there"
        elif content.get("tosca_definitions_version") != "tosca_simple_yaml_1_2":
            yield f"{name}: tosca_definitions_version is {content.get('tosca_definitions_version')}"


def check_definitions(package):
    found = definitions(package)
    types = Types(found.values())
    yield from types.check()
    topology = next(iter(found.values()))["topology_template"]
    nodes = topology["node_templates"]
    for name, node in nodes.items():
        yield from check_node(package, types, nodes, name, node)
    yield from check_substitution(types, topology)
    for policy in topology.get("policies") or []:
        for name, body in policy.items():
            yield from check_policy(types, nodes, name, body)


def check_node(package, types, nodes, name, node):
    kind = node["type"]
    if kind not in types.kinds["node_types"]:
        yield f"{name}: there is no type {kind}"
        return
    yield from types.check_properties(name, types.members("node_types", kind, "properties"), node.get("properties"))
    capabilities = types.members("node_types", kind, "capabilities")
    for key, body in (node.get("capabilities") or {}).items():
        if key not in capabilities:
            yield f"{name}: there is no capability {key}"
            continue
        declared = types.members("capability_types", capabilities[key]["type"], "properties")
        yield from types.check_properties(f"{name}.{key}", declared, body.get("properties"))
    yield from check_requirements(types, nodes, name, node)
    for key, artifact in (node.get("artifacts") or {}).items():
        if artifact["type"] not in types.kinds["artifact_types"]:
            yield f"{name}: artifact {key}: there is no type {artifact['type']}"
        file = artifact["file"]
        if not re.match(r"https?://", file) and not package.has(posixpath.normpath(posixpath.join("Definitions", file))):
            yield f"{name}: artifact {key}: there is no {file}"
    checksum = (node.get("properties") or {}).get("sw_image_data", {}).get("checksum")
    if checksum and not (checksum["algorithm"] == "sha-256" and re.fullmatch("[0-9a-f]{64}", checksum["hash"])):
        yield f"{name}: the image's checksum is no SHA-256"


def check_requirements(types, nodes, name, node):
    declared = types.members("node_types", node["type"], "requirements")
    bound = [key for entry in node.get("requirements") or [] for key in entry]
    for entry in node.get("requirements") or []:
        for key, target in entry.items():
            if key not in declared:
                yield f"{name}: there is no requirement {key}"
            elif target not in nodes:
                yield f"{name}: {key}: there is no node {target}"
            else:
                offered = types.members("node_types", nodes[target]["type"], "capabilities").values()
                if declared[key]["capability"] not in [each["type"] for each in offered]:
                    yield f"{name}: {key}: {target} offers no {declared[key]['capability']}"
    if CP in types.lineage("node_types", node["type"]):
        for key, schema in declared.items():
            if schema["occurrences"][0] > bound.count(key):
                yield f"{name}: requirement {key} is missing"


def check_substitution(types, topology):
    mapping, nodes = topology["substitution_mappings"], topology["node_templates"]
    kind = mapping["node_type"]
    if "tosca.nodes.nfv.VNF" not in types.lineage("node_types", kind):
        yield f"substitution_mappings: {kind} is no VNF"
        return
    if sum(node["type"] == kind for node in nodes.values()) != 1:
        yield f"not one node of type {kind}"
    declared = types.members("node_types", kind, "properties")
    for key, value in mapping["properties"].items():
        if key not in declared:
            yield f"substitution_mappings: there is no property {key}"
        else:
            yield from types.check_value(f"substitution_mappings.{key}", declared[key], value)
    required = types.members("node_types", kind, "requirements")
    given = mapping.get("requirements") or {}
    for key, schema in required.items():
        if schema["occurrences"][0] and key not in given:
            yield f"substitution_mappings: requirement {key} is missing"
    for key, (node, requirement) in given.items():
        if key not in required:
            yield f"substitution_mappings: there is no requirement {key}"
        elif node not in nodes:
            yield f"substitution_mappings: {key}: there is no node {node}"
        elif requirement not in types.members("node_types", nodes[node]["type"], "requirements"):
            yield f"substitution_mappings: {key}: {node} has no requirement {requirement}"


def check_policy(types, nodes, name, body):
    if body["type"] not in types.kinds["policy_types"]:
        yield f"policy {name}: there is no type {body['type']}"
        return
    yield from types.check_properties(
        f"policy {name}", types.members("policy_types", body["type"], "properties"), body.get("properties"))
    for target in body.get("targets") or []:
        if target not in nodes:
            yield f"policy {name}: there is no node {target}"
    properties = body.get("properties") or {}
    if properties.get("default_level", next(iter(properties["levels"]))) not in properties["levels"]:
        yield f"policy {name}: there is no level {properties['default_level']}"


def check_templates(package):
    """Of the flavour: one HOT template, what it nests is there, and the VNFD's nodes are resources by their names."""
    found = definitions(package)
    topology = next(iter(found.values()))["topology_template"]
    types = Types(found.values())
    flavour = topology["substitution_mappings"]["properties"]["flavour_id"]
    folder = f"BaseHOT/{flavour}/"
    top = [name for name in package.names if re.fullmatch(re.escape(folder) + r"[^/]+\.ya?ml", name)]
    if len(top) != 1:
        yield f"{folder}: {len(top)} templates, not one"
        return
    resources, wanted = set(), top
    while wanted:
        name = wanted.pop()
        template = package.yaml(name)
        if "heat_template_version" not in template:
            yield f"{name}: is no HOT template"
            continue
        if re.search(r"get_file\s*:", package.text(name)):
            yield f"{name}: get_file leads out of the template"
        for key, resource in template["resources"].items():
            resources.add(key)
            if resource["type"].endswith((".yaml", ".yml")):
                nested = f"{folder}nested/{resource['type']}"
                if nested in package.names:
                    wanted.append(nested)
                else:
                    yield f"{name}: {key}: there is no {nested}"
    for name, node in topology["node_templates"].items():
        lineage = set(types.lineage("node_types", node["type"]))
        if lineage & {COMPUTE, CP} and name not in resources:
            yield f"{folder}: no template has a resource {name}, as the VNFD has"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = check(sys.argv[1])
    for finding in found:
        print(finding)
    print(f"{len(found)} findings")
    sys.exit(bool(found))
