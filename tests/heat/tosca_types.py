# SPDX-License-Identifier: Apache-2.0
"""TOSCA Simple Profile 1.2, as much as a VNFD needs: types with inheritance, and values against their definitions."""

import re

SIZE = re.compile(r"\d+(\.\d+)? *(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)")
KINDS = ("node_types", "data_types", "capability_types", "relationship_types", "artifact_types", "policy_types")
# What TOSCA itself defines and a VNFD's types are derived from.
NORMATIVE = {"tosca.nodes.Root", "tosca.datatypes.Root", "tosca.capabilities.Node", "tosca.relationships.DependsOn",
             "tosca.artifacts.Deployment.Image", "tosca.policies.Root"}
PRIMITIVES = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "scalar-unit.size": lambda value: isinstance(value, str) and SIZE.fullmatch(value) is not None,
}
CONSTRAINTS = {
    "valid_values": lambda value, limit: value in limit,
    "pattern": lambda value, limit: re.fullmatch(limit, value) is not None,
    "greater_or_equal": lambda value, limit: value >= limit,
    "greater_than": lambda value, limit: value > limit,
}


class Types:
    def __init__(self, documents):
        self.kinds = {kind: {} for kind in KINDS}
        for document in documents:
            for kind in KINDS:
                self.kinds[kind].update(document.get(kind) or {})

    def check(self):
        """Findings about the types themselves: every parent and every type that they mention is there."""
        for kind, types in self.kinds.items():
            for name, body in types.items():
                parent = body.get("derived_from")
                if parent not in NORMATIVE and parent not in types:
                    yield f"{name}: there is no type {parent} to derive from"
                for key, schema in (body.get("properties") or {}).items():
                    yield from self.check_schema(f"{name}.{key}", schema)
                for requirement in body.get("requirements") or []:
                    for key, value in requirement.items():
                        if value["capability"] not in self.kinds["capability_types"]:
                            yield f"{name}: requirement {key}: there is no type {value['capability']}"
                        if value["relationship"] not in self.kinds["relationship_types"]:
                            yield f"{name}: requirement {key}: there is no type {value['relationship']}"

    def check_schema(self, where, schema):
        if "type" not in schema:
            return
        if schema["type"] in ("list", "map"):
            yield from self.check_schema(where, schema["entry_schema"])
        elif schema["type"] not in PRIMITIVES and schema["type"] not in self.kinds["data_types"]:
            yield f"{where}: there is no type {schema['type']}"

    def lineage(self, kind, name):
        while name in self.kinds[kind]:
            yield name
            name = self.kinds[kind][name].get("derived_from")

    def members(self, kind, name, section):
        """What a type and its ancestors declare; the type's own words win, key by key."""
        found = {}
        for each in reversed(list(self.lineage(kind, name))):
            body = self.kinds[kind][each].get(section) or {}
            if isinstance(body, list):
                body = {key: value for entry in body for key, value in entry.items()}
            for key, value in body.items():
                found[key] = {**found.get(key, {}), **value}
        return found

    def check_properties(self, where, declared, given):
        for key, value in (given or {}).items():
            if key not in declared:
                yield f"{where}: there is no property {key}"
            else:
                yield from self.check_value(f"{where}.{key}", declared[key], value)
        for key, schema in declared.items():
            if schema.get("required", True) and key not in (given or {}) and "default" not in schema:
                yield f"{where}: property {key} is missing"
            if "default" in schema:
                yield from self.check_value(f"{where}.{key}", schema, schema["default"])

    def check_value(self, where, schema, value):
        kind = schema["type"]
        if kind in ("list", "map"):
            if not isinstance(value, list if kind == "list" else dict):
                yield f"{where}: {value!r} is no {kind}"
                return
            for key, entry in enumerate(value) if kind == "list" else value.items():
                yield from self.check_value(f"{where}[{key}]", schema["entry_schema"], entry)
        elif kind in PRIMITIVES:
            if not PRIMITIVES[kind](value):
                yield f"{where}: {value!r} is no {kind}"
                return
        elif not isinstance(value, dict):
            yield f"{where}: {value!r} is no {kind}"
            return
        else:
            yield from self.check_properties(where, self.members("data_types", kind, "properties"), value)
        for constraint in schema.get("constraints", []):
            for rule, limit in constraint.items():
                if not CONSTRAINTS[rule](value, limit):
                    yield f"{where}: {value!r} is not {rule} {limit!r}"
